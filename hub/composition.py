"""The composition root: every service is built here, once, and handed to the faces and the worker of this process."""

from __future__ import annotations

import msgspec

from connectors.sdk.network.guard import Guard
from hub.accounts import Accounts, Keys, Memberships, OutsideAccounts, Requests, Sessions, Workspaces, account_services
from hub.audit import Audit
from hub.config import Config
from hub.configured import chat_setup, demo_endpoints, master_keys, own_endpoints, s3_account
from hub.connections import Connections, Contexts, Grants, Uses
from hub.connections.folder import Folders
from hub.connections.ways import WorkspaceWays
from hub.datasets import DatasetCharts, DatasetRows, Datasets
from hub.decisions import Decisions, Notices
from hub.documents import Documents
from hub.extraction.assembly import ExtractionServices, extraction_services
from hub.extraction.batches.service import Batches
from hub.extraction.capturing.browsers import Browsers
from hub.extraction.capturing.service import Captures
from hub.extraction.confidence.calibrations import Calibrations
from hub.extraction.golden.service import Golden
from hub.extraction.learning.accuracy import Accuracy
from hub.extraction.learning.corrections import Corrections
from hub.extraction.learning.hints import Hints
from hub.extraction.learning.layouts import Layouts
from hub.extraction.pages import Pages
from hub.extraction.readings import Readings
from hub.extraction.schemas.suggestions import Suggestions
from hub.extraction.schemas.workspace import Schemas
from hub.extraction.service import Extractions
from hub.extraction.templates import Templates
from hub.extraction.tuning.service import FineTunings
from hub.files import Files, open_store
from hub.foreign.service import Imports
from hub.help import Guide
from hub.identities import Carriers, ChatNotices, Identities
from hub.identity_providers import IdentityProviders, declared_providers
from hub.mail import Mail
from hub.outbox import Bell, Outbox
from hub.privacy import Privacy
from hub.providers import Providers
from hub.recipes import Recipes, RecipeVersions
from hub.recipes.choices import Offers
from hub.recipes.listening import Listening
from hub.recipes.pictures import Pictures
from hub.runs import (
    Deliveries,
    Engine,
    History,
    LetterNotices,
    Letters,
    Replays,
    Runs,
    RunServices,
    Triggers,
    run_services,
)
from hub.runs.passages import Passages
from hub.runs.past import TimeMachine
from hub.runs.previews import Previews
from hub.runs.trying import Listenings, Pins, Tries
from hub.runs.volumes import Volumes
from hub.sealing import Vault
from hub.subscriptions import Messages, Sender, Subscriptions, SubscriptionWork
from hub.subscriptions.ending import Ending
from hub.tours import Tours
from hub.usage import Usage


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the faces call, by the names controllers ask for."""

    accounts: Accounts
    sessions: Sessions
    keys: Keys
    memberships: Memberships
    workspaces: Workspaces
    outside_accounts: OutsideAccounts
    requests: Requests
    audit: Audit
    outbox: Outbox
    usage: Usage
    files: Files
    connections: Connections
    grants: Grants
    connection_uses: Uses
    documents: Documents
    recipes: Recipes
    recipe_versions: RecipeVersions
    imports: Imports
    offers: Offers
    pictures: Pictures
    previews: Previews
    schemas: Schemas
    suggestions: Suggestions
    extractions: Extractions
    templates: Templates
    batches: Batches
    readings: Readings
    captures: Captures
    pages: Pages
    corrections: Corrections
    layouts: Layouts
    accuracy: Accuracy
    calibrations: Calibrations
    golden: Golden
    hints: Hints
    datasets: Datasets
    dataset_rows: DatasetRows
    dataset_charts: DatasetCharts
    fine_tunings: FineTunings
    providers: Providers
    privacy: Privacy
    runs: Runs
    history: History
    volumes: Volumes
    guide: Guide
    tours: Tours
    passages: Passages
    tries: Tries
    time_machine: TimeMachine
    pins: Pins
    listenings: Listenings
    replays: Replays
    letters: Letters
    triggers: Triggers
    deliveries: Deliveries
    decisions: Decisions
    subscriptions: Subscriptions
    messages: Messages
    identities: Identities
    identity_providers: IdentityProviders
    carriers: Carriers


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """The services, and what a process needs besides to keep them working."""

    services: Services
    running: RunServices
    notices: Notices
    letter_notices: LetterNotices
    sender: Sender
    subscription_work: SubscriptionWork
    chat_notices: ChatNotices
    contexts: Contexts
    bell: Bell
    guard: Guard
    extraction: ExtractionServices


def _own_bots(config: Config) -> dict[str, str]:
    """Return the accounts of the hub's own bots that recipes cannot listen to as well, by connector."""
    return {"telegram": config.telegram_token.partition(":")[0]} if config.telegram_token else {}


def build(config: Config, engine: Engine) -> Built:
    """Build all services; the database pool is opened by the caller before anything is asked of them."""
    vault, audit, usage, bell = Vault(master_keys(config)), Audit(), Usage(), Bell()
    outbox, documents = Outbox(bell), Documents(audit)
    guard = Guard(
        [str(network) for network in config.allow_networks],
        own_endpoints(config),
        allowed_endpoints=demo_endpoints(config),
    )
    files = Files(
        open_store(config.files, s3_account(config)), vault, usage, audit, max_bytes=config.max_upload_mb * 1024 * 1024
    )
    datasets = Datasets(audit, outbox)
    grants = Grants(vault, audit, guard, config.url)
    folders = Folders(config.folder_roots)
    workspaces = WorkspaceWays(files, datasets, folders)
    browsers = Browsers(guard)
    contexts = Contexts(guard, workspaces, browsers, grants, {"mcp": config.mcp_servers})
    connections = Connections(vault, audit, contexts)
    privacy = Privacy(audit)
    providers = Providers(vault=vault, audit=audit, usage=usage, guard=guard, config=config)
    extraction = extraction_services(
        config=config,
        files=files,
        documents=documents,
        vault=vault,
        usage=usage,
        audit=audit,
        outbox=outbox,
        providers=providers,
        screens=privacy,
    )
    captures = Captures(
        files=files, readings=extraction.readings, connections=connections, contexts=contexts, browsers=browsers
    )
    extraction.extractor.capture_with(captures)
    datasets.read_with(extraction.jail)
    listening = Listening(connections, _own_bots(config))
    recipes = Recipes(documents, audit, outbox, config.url, extraction.schemas, listening)
    offers = Offers(connections, contexts, extraction.schemas)
    mail = Mail(config.smtp_url, config.mail_from)
    people = account_services(config.url, audit, mail=mail, bell=bell)
    running = run_services(
        engine=engine,
        vault=vault,
        audit=audit,
        connections=connections,
        contexts=contexts,
        files=files,
        extractor=extraction.extractor,
        outbox=outbox,
        public_url=config.url,
    )
    recipes.connect(engine, running.dispatcher)
    decisions = Decisions(audit, outbox, extraction.corrections, running.dispatcher)
    extraction.extractions.forget_with(decisions.forget)
    sender = Sender(vault, guard)
    ending = Ending(audit=audit, outbox=outbox, mail=mail, public_url=config.url)
    services = Services(
        **{name: getattr(people, name) for name in people.__struct_fields__},
        requests=Requests(vault),
        audit=audit,
        outbox=outbox,
        usage=usage,
        files=files,
        connections=connections,
        grants=grants,
        connection_uses=Uses(),
        documents=documents,
        recipes=recipes,
        recipe_versions=RecipeVersions(documents, recipes),
        imports=Imports(recipes=recipes, documents=documents, jail=extraction.jail),
        offers=offers,
        pictures=Pictures(offers),
        previews=Previews(running.tries, recipes, extraction.schemas),
        schemas=extraction.schemas,
        suggestions=extraction.suggestions,
        extractions=extraction.extractions,
        templates=extraction.templates,
        batches=extraction.batches,
        readings=extraction.readings,
        captures=captures,
        pages=extraction.pages,
        corrections=extraction.corrections,
        layouts=extraction.layouts,
        accuracy=extraction.accuracy,
        calibrations=extraction.calibrations,
        golden=extraction.golden,
        hints=extraction.hints,
        datasets=datasets,
        dataset_rows=DatasetRows(audit, outbox),
        dataset_charts=DatasetCharts(audit),
        fine_tunings=extraction.fine_tunings,
        providers=providers,
        privacy=privacy,
        runs=running.runs,
        history=running.history,
        volumes=Volumes(),
        guide=Guide(),
        tours=Tours(
            recipes, extraction.schemas, extraction.extractions, files, connections, running.runs, folders.directories
        ),
        passages=Passages(),
        tries=running.tries,
        time_machine=running.time_machine,
        pins=running.pins,
        listenings=running.listenings,
        replays=running.replays,
        letters=running.letters,
        triggers=running.triggers,
        deliveries=running.deliveries,
        decisions=decisions,
        subscriptions=Subscriptions(vault=vault, audit=audit, guard=guard),
        messages=Messages(audit=audit, sender=sender, ending=ending),
        identities=Identities(audit, outbox),
        identity_providers=IdentityProviders(declared_providers(config), people.outside_accounts, guard, config.url),
        carriers=Carriers(chat_setup(config)),
    )
    return Built(
        services=services,
        running=running,
        notices=Notices(mail, config.url),
        letter_notices=LetterNotices(mail, config.url),
        sender=sender,
        subscription_work=SubscriptionWork(sender, ending, bell),
        chat_notices=ChatNotices(outbox),
        contexts=contexts,
        bell=bell,
        guard=guard,
        extraction=extraction,
    )
