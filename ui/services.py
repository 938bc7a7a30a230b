"""What pages call: the composition root's services by the names they have there."""

from __future__ import annotations

from typing import Protocol

from hub.accounts import Accounts, Keys, Memberships, Sessions, Workspaces
from hub.audit import Audit
from hub.connections import Connections, Grants, Uses
from hub.datasets import DatasetCharts, DatasetRows, Datasets
from hub.decisions import Decisions
from hub.extraction.batches.service import Batches
from hub.extraction.capturing.service import Captures
from hub.extraction.confidence.calibrations import Calibrations
from hub.extraction.golden.service import Golden
from hub.extraction.learning.accuracy import Accuracy
from hub.extraction.learning.corrections import Corrections
from hub.extraction.learning.hints import Hints
from hub.extraction.learning.layouts import Layouts
from hub.extraction.readings import Readings
from hub.extraction.schemas.suggestions import Suggestions
from hub.extraction.schemas.workspace import Schemas
from hub.extraction.service import Extractions
from hub.extraction.templates import Templates
from hub.files import Files
from hub.foreign.service import Imports
from hub.help import Guide
from hub.identities import Carriers, Identities
from hub.identity_providers import IdentityProviders
from hub.outbox import Outbox
from hub.privacy import Privacy
from hub.providers import Providers
from hub.recipes import Recipes, RecipeVersions
from hub.recipes.choices import Offers
from hub.recipes.pictures import Pictures
from hub.runs import Deliveries, History, Letters, Replays, Runs, Triggers
from hub.runs.passages import Passages
from hub.runs.past import TimeMachine
from hub.runs.previews import Previews
from hub.runs.trying import Listenings, Pins, Tries
from hub.runs.volumes import Volumes
from hub.subscriptions import Messages, Subscriptions
from hub.tours import Tours


class Services(Protocol):
    """The services that pages use; whoever composes the hub hands over a struct that has them."""

    @property
    def accounts(self) -> Accounts:
        """People and how they come in."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Where people are signed in."""
        ...

    @property
    def keys(self) -> Keys:
        """API keys."""
        ...

    @property
    def memberships(self) -> Memberships:
        """Who belongs to a workspace, as what."""
        ...

    @property
    def workspaces(self) -> Workspaces:
        """The workspaces of a person."""
        ...

    @property
    def audit(self) -> Audit:
        """Who did what."""
        ...

    @property
    def files(self) -> Files:
        """Stored files."""
        ...

    @property
    def connections(self) -> Connections:
        """Stored credentials."""
        ...

    @property
    def grants(self) -> Grants:
        """Access that services grant to connections."""
        ...

    @property
    def recipes(self) -> Recipes:
        """Recipes and their drafts."""
        ...

    @property
    def recipe_versions(self) -> RecipeVersions:
        """What was published."""
        ...

    @property
    def offers(self) -> Offers:
        """What can be chosen for settings."""
        ...

    @property
    def pictures(self) -> Pictures:
        """What can be chosen, where it stands."""
        ...

    @property
    def previews(self) -> Previews:
        """What the values of a step give for samples."""
        ...

    @property
    def imports(self) -> Imports:
        """Recipes out of exports of other tools."""
        ...

    @property
    def schemas(self) -> Schemas:
        """The fields that extraction fills."""
        ...

    @property
    def suggestions(self) -> Suggestions:
        """Schemas suggested by documents."""
        ...

    @property
    def golden(self) -> Golden:
        """What versions of schemas must reach."""
        ...

    @property
    def extractions(self) -> Extractions:
        """Schemas applied to sources."""
        ...

    @property
    def readings(self) -> Readings:
        """What sources were read as."""
        ...

    @property
    def batches(self) -> Batches:
        """Many files extracted at once."""
        ...

    @property
    def templates(self) -> Templates:
        """Schema, source and settings under one name."""
        ...

    @property
    def corrections(self) -> Corrections:
        """What people put right."""
        ...

    @property
    def layouts(self) -> Layouts:
        """What was learnt of layouts."""
        ...

    @property
    def hints(self) -> Hints:
        """What fields' hints should say, by what people corrected."""
        ...

    @property
    def accuracy(self) -> Accuracy:
        """How often extractions were right."""
        ...

    @property
    def decisions(self) -> Decisions:
        """What waits for a person."""
        ...

    @property
    def providers(self) -> Providers:
        """Where language models are asked."""
        ...

    @property
    def privacy(self) -> Privacy:
        """What may leave for a provider."""
        ...

    @property
    def calibrations(self) -> Calibrations:
        """Whether confidence keeps its word."""
        ...

    @property
    def captures(self) -> Captures:
        """Pages of the web, taken and read."""
        ...

    @property
    def datasets(self) -> Datasets:
        """Tables in the hub."""
        ...

    @property
    def runs(self) -> Runs:
        """Acting on runs."""
        ...

    @property
    def tries(self) -> Tries:
        """Trying steps of a draft."""
        ...

    @property
    def pins(self) -> Pins:
        """Outputs that stand in for steps while people try."""
        ...

    @property
    def listenings(self) -> Listenings:
        """Waiting for one event of a trigger."""
        ...

    @property
    def time_machine(self) -> TimeMachine:
        """Drafts compared with the past."""
        ...

    @property
    def volumes(self) -> Volumes:
        """How much came in and went out."""
        ...

    @property
    def connection_uses(self) -> Uses:
        """Who uses connections."""
        ...

    @property
    def tours(self) -> Tours:
        """The way to a first recipe."""
        ...

    @property
    def guide(self) -> Guide:
        """What the product says of itself."""
        ...

    @property
    def history(self) -> History:
        """What happened."""
        ...

    @property
    def replays(self) -> Replays:
        """Many items that go again."""
        ...

    @property
    def letters(self) -> Letters:
        """Dead letters in people's hands."""
        ...

    @property
    def triggers(self) -> Triggers:
        """How triggers fare."""
        ...

    @property
    def deliveries(self) -> Deliveries:
        """The ledger by target."""
        ...

    @property
    def outbox(self) -> Outbox:
        """What happens, as it happens."""
        ...

    @property
    def passages(self) -> Passages:
        """How runs went through the steps of recipes."""
        ...

    @property
    def carriers(self) -> Carriers:
        """Chat services and how their bots fare."""
        ...

    @property
    def identity_providers(self) -> IdentityProviders:
        """Services that people sign in with."""
        ...

    @property
    def identities(self) -> Identities:
        """Accounts of chat services, linked to members."""
        ...

    @property
    def dataset_rows(self) -> DatasetRows:
        """Rows changed by hand."""
        ...

    @property
    def dataset_charts(self) -> DatasetCharts:
        """Figures over datasets."""
        ...

    @property
    def subscriptions(self) -> Subscriptions:
        """Programs that hear what happens here."""
        ...

    @property
    def messages(self) -> Messages:
        """What was sent to them."""
        ...
