"""One of everything in a workspace, so that another workspace can ask for it in vain."""

from __future__ import annotations

from uuid import UUID

from connectors.sdk.pages.browser import Picture
from hub.accounts import NewKey, Visitor
from hub.composition import Services
from hub.database import execute, fetch_one
from hub.extraction.batches.shapes import NewBatch
from hub.extraction.golden.service import Addition
from hub.extraction.learning.amend import Change
from hub.extraction.templates import NewTemplate
from hub.ids import new_id, parse, show
from hub.members import Member
from hub.providers import NewProvider, PinnedModel
from hub.subscriptions import NewSubscription
from tests.reading.pdfs import greeting, pdf

# Which kind of id each path parameter takes; a new parameter needs a line here and a row below.
PREFIXES = {
    "session_id": "ses",
    "workspace_id": "wsp",
    "user_id": "usr",
    "invitation_id": "inv",
    "key_id": "key",
    "identity_id": "idn",
    "recipe_id": "rcp",
    "comparison_id": "cmp",
    "schema_id": "sch",
    "run_id": "run",
    "item_id": "itm",
    "connection_id": "con",
    "file_id": "fil",
    "extraction_id": "ext",
    "correction_id": "cor",
    "layout_id": "lay",
    "hint_id": "hnt",
    "batch_id": "bat",
    "template_id": "tpl",
    "reading_id": "rdg",
    "dataset_id": "dst",
    "record_id": "rec",
    "review_id": "rev",
    "approval_id": "apr",
    "provider_id": "prv",
    "fine_tuning_id": "tun",
    "golden_id": "gld",
    "webhook_id": "whk",
    "message_id": "msg",
    "listening_id": "lsn",
    "replay_id": "rpl",
    "picture_id": "pic",
}
RECIPE = """{"apiVersion": "patchdeck/v1", "kind": "Recipe", "metadata": {"name": "r"},
"spec": {"trigger": {"uses": "webhook.received"}, "steps": []}}"""
SCHEMA = """{"apiVersion": "patchdeck/v1", "kind": "Schema", "metadata": {"name": "s"},
"spec": {"fields": [{"name": "total", "type": "money"}]}}"""
EXTRACTION = """{"id": "ext_00000000000000000000000000", "schema": {"name": "invoice"}, "problems": []}"""
# What routes take that read their body themselves.
BODIES = {
    "PUT /api/v1/recipes/{recipe_id}": ("application/json", RECIPE.encode()),
    "POST /api/v1/datasets/{dataset_id}/import": ("text/csv", b"number\n1\n"),
}
# Where a foreign id is told otherwise than as not found, and why.
OTHERWISE = {"POST /api/v1/datasets/{dataset_id}/import": 422}  # it would make a dataset of that name, and this is none
# Parameters that name nothing of a workspace.
PLAIN = {"number": "1", "step": "ask", "name": "http", "page": "1.png", "provider": "google"}


def absent_ids() -> dict[str, str]:
    """Return well-formed ids of nothing."""
    return {name: show(prefix, new_id()) for name, prefix in PREFIXES.items()} | PLAIN


async def make_things(services: Services, owner: Member) -> dict[str, str]:
    """Put one of each thing into the owner's workspace and return their ids by parameter."""
    made = {name: new_id() for name in PREFIXES}
    for statement in _INSERT:
        await execute(statement, owner.workspace, *(made[name] for name in _ORDER))
    assert owner.user is not None
    await services.sessions.start(owner.user, owner.workspace, Visitor(), remember=True)
    file = await services.files.store(owner, "theirs.pdf", "application/pdf", pdf(greeting))
    reading = await services.readings.of_file(owner, file.id)
    corrected = await services.extractions.extract_text(owner, "We would like to have 12.00 for it", "invoice")
    corrected = await services.corrections.correct(owner, corrected.id, [Change(path="total", value=12)])
    key = await services.keys.create(owner, NewKey(name="theirs"))
    pinned = NewProvider(name="theirs", preset="ollama", models=(PinnedModel(name="m"),))
    provider = await services.providers.add(owner, pinned)
    await execute(_TUNING, made["fine_tuning_id"], owner.workspace, parse("prv", provider.id))
    template = await services.templates.create(owner, NewTemplate(name="theirs", schema="invoice"))
    batch = await services.batches.create(owner, NewBatch(schema="invoice", files=[file.id]))
    await services.memberships.invite(owner, f"{new_id().hex}@example.test", "viewer")
    golden = await services.golden.add(owner, "invoice", Addition(file=file.id, records=[{"total": 12}]))
    webhook = await services.subscriptions.create(owner, NewSubscription(url="https://192.0.3.1/hook", kinds=("*",)))
    await execute(_LISTENING, made["listening_id"], owner.workspace, made["recipe_id"])
    await execute(_MESSAGE, made["message_id"], owner.workspace, parse("whk", webhook.id))
    shown = {name: show(prefix, made[name]) for name, prefix in PREFIXES.items()}
    return (
        shown
        | PLAIN
        | {
            "key_id": key.id,
            "file_id": file.id,
            "template_id": template.id,
            "batch_id": batch.id,
            "reading_id": reading.id,
            "layout_id": corrected.layout or "",
            "provider_id": provider.id,
            "golden_id": golden.documents[0].id,
            "webhook_id": webhook.id,
            "picture_id": services.pictures.keep(owner, Picture(image=b"", width=1, height=1, parts=())).id,
            "workspace_id": show("wsp", owner.workspace),
            "user_id": show("usr", owner.user),
            "session_id": show("ses", await _newest('select id from sessions where "user" = $1', owner.user)),
            "invitation_id": show("inv", await _newest("select id from links where workspace = $1", owner.workspace)),
        }
    )


async def _newest(sql: str, subject: UUID) -> UUID:
    row = await fetch_one(f"{sql} order by id desc limit 1", subject)
    assert row is not None
    found: UUID = row["id"]
    return found


_TUNING = (
    "insert into fine_tunings (id, workspace, provider, schema_name, base_model) values ($1, $2, $3, 'invoice', 'm')"
)
_MESSAGE = (
    "insert into subscription_messages (id, workspace, subscription, kind, subject, at, next_at) "
    "values ($1, $2, $3, 'run.done', '', now(), null)"
)
_LISTENING = (
    "insert into listenings (id, workspace, recipe, kind, until) "
    "values ($1, $2, $3, 'webhook', now() + interval '1 minute')"
)
_ORDER = (
    *("recipe_id", "schema_id", "run_id", "item_id", "connection_id"),
    *("extraction_id", "dataset_id", "record_id", "review_id", "approval_id", "identity_id", "replay_id"),
    "comparison_id",
)
_WITH = (
    "with g as (select $1::uuid as workspace, $2::uuid as recipe, $3::uuid as schema, $4::uuid as run, "
    "$5::uuid as item, $6::uuid as connection, $7::uuid as extraction, $8::uuid as dataset, $9::uuid as record, "
    "$10::uuid as review, $11::uuid as approval, $12::uuid as identity, $13::uuid as replay, $14::uuid as comparison) "
)
_INSERT = tuple(
    _WITH + statement
    for statement in (
        f"insert into documents (id, workspace, kind, name, draft) "
        f"select recipe, workspace, 'recipe', 'r', '{RECIPE}' from g",
        "insert into documents (id, workspace, kind, name, draft, active_version) "
        f"select schema, workspace, 'schema', 's', '{SCHEMA}', 1 from g",
        "insert into document_versions (workspace, document, number, content, hash) "
        f"select workspace, recipe, 1, '{RECIPE}', '' from g",
        "insert into document_versions (workspace, document, number, content, hash) "
        f"select workspace, schema, 1, '{SCHEMA}', '' from g",
        "insert into triggers (recipe, workspace, version, kind, uses) "
        "select recipe, workspace, 1, 'webhook', 'webhook.received' from g",
        "insert into runs (id, workspace, recipe, version) select run, workspace, recipe, 1 from g",
        "insert into items (id, workspace, recipe, version, run, state, content) "
        "select item, workspace, recipe, 1, run, 'dead', '{}' from g",
        "insert into replays (id, workspace, newest, from_start, items) "
        "select replay, workspace, false, false, 1 from g",
        "insert into runs (id, workspace, recipe, version, kind) "
        "select comparison, workspace, recipe, 1, 'compare' from g",
        "insert into comparisons (run, workspace, recipe, draft, days, items) "
        f"select comparison, workspace, recipe, '{RECIPE}', 30, '{{}}' from g",
        "insert into connections (id, workspace, name, connector) select connection, workspace, 'c', 'http' from g",
        "insert into extractions (id, workspace, schema_name, engine, status, result) "
        f"select extraction, workspace, 'invoice', 'local', 'done', '{EXTRACTION}' from g",
        "insert into decisions (id, workspace, kind, subject, question) "
        "select review, workspace, 'review', '', '' from g",
        "insert into decisions (id, workspace, kind, subject, question) "
        "select approval, workspace, 'approval', '', '' from g",
        'insert into chat_identities (workspace, id, "user", carrier, account, chat) '
        "select g.workspace, g.identity, m.\"user\", 'telegram', g.identity::text, '1' from g "
        "join memberships m on m.workspace = g.workspace and m.role = 4",
        "insert into datasets (id, workspace, name) select dataset, workspace, 'd' from g",
        "insert into dataset_rows (id, workspace, dataset, revision, content) "
        "select record, workspace, dataset, nextval('dataset_revision'), '{}' from g",
        'insert into dataset_revisions (workspace, dataset, "row", kind) '
        "select workspace, dataset, record, 'insert' from g",
    )
)
