"""The steps that every recipe has without a connector: one table, from which forms, checks and schemas come."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import NoSettings, Settings, Shape, field
from hub.recipes.asking import Approve, Review
from hub.recipes.durations import check_duration
from hub.recipes.stock import providers, recipes, schemas
from hub.recipes.syncing import Sync


class Work(StrEnum):
    """What a step needs in order to be done, and so where a stage ends."""

    LOCAL = "local"
    STORE = "store"
    LOOKUP = "lookup"
    TARGET = "target"
    EXTRACT = "extract"
    PAUSE = "pause"


class Extract(Settings):
    """Which schema to fill, and from what."""

    schema: Annotated[str, field("Schema", example="invoice", choices=schemas)]
    source: Annotated[Any, field("Source", templated=True, example="{{ trigger.attachments }}", shape=Shape.FILE)]
    engine: Annotated[Literal["auto", "local", "llm"], field("Engine", advanced=True)] = "auto"
    model: Annotated[str | None, field("Model", hint="Pinned, of a provider of the workspace.", advanced=True)] = None
    provider: Annotated[
        str | None, field("Provider", hint="One of the workspace's, by name.", advanced=True, choices=providers)
    ] = None
    temperature: Annotated[float, field("Temperature", hint="0 to 2.", advanced=True)] = 0.0
    max_tokens: Annotated[int | None, field("Most tokens", hint="For one source.", advanced=True)] = None
    max_cost_usd: Annotated[float | None, field("Most dollars", hint="For one source.", advanced=True)] = None
    vision: Annotated[bool, field("Show pages to the model", advanced=True)] = False
    language: Annotated[
        str | None, field("Language", hint="What the source is written or spoken in.", example="de", advanced=True)
    ] = None

    hosts: Annotated[
        list[str],
        field("Hosts", hint="Sites whose pages may be opened when the source is an address.", advanced=True),
    ] = []
    rendered: Annotated[bool, field("Draw pages in a browser", advanced=True)] = False
    selectors: Annotated[list[str], field("Parts of pages", hint="CSS selectors.", advanced=True)] = []

    def __post_init__(self) -> None:
        """Check the bounds that forms cannot."""
        if not 0 <= self.temperature <= 2:
            raise ValueError("temperature: Use 0 to 2.")
        if self.max_tokens is not None and self.max_tokens < 1:
            raise ValueError("max_tokens: Use at least 1.")
        if self.max_cost_usd is not None and self.max_cost_usd <= 0:
            raise ValueError("max_cost_usd: Use more than 0.")


class SetFields(Settings):
    """Which names the output has, and where their values come from."""

    fields: Annotated[dict[str, Any], field("Fields", templated=True, example={"total": "{{ read.total }}"})] = {}
    base: Annotated[Any, field("Start from", templated=True, hint="A map whose names are kept.", advanced=True)] = None
    rename: Annotated[dict[str, str], field("Rename", hint="Old name to new name.", advanced=True)] = {}
    remove: Annotated[list[str], field("Remove", advanced=True)] = []


class TemplateText(Settings):
    """The text to write."""

    text: Annotated[str, field("Text", templated=True, multiline=True)]


class Wait(Settings):
    """How long to wait, or until when."""

    duration: Annotated[str | None, field("For", templated=True, example="2h", shape=Shape.DURATION)] = None
    until: Annotated[Any, field("Until", templated=True, example="{{ read.due_date }}", shape=Shape.MOMENT)] = None

    def __post_init__(self) -> None:
        """Ask for exactly one of the two."""
        if (self.duration is None) == (self.until is None):
            raise ValueError("Say either duration or until.")
        check_duration("duration", self.duration)


class Dedupe(Settings):
    """What makes two items the same, and for how long that is remembered."""

    key: Annotated[Any, field("Key", templated=True, example="{{ read.number }}")]
    period: Annotated[str, field("Remember for", example="30d", shape=Shape.DURATION)] = "30d"

    def __post_init__(self) -> None:
        """Check the period."""
        check_duration("period", self.period)


class Aggregate(Settings):
    """Which items are collected together, and when the collection is complete."""

    count: Annotated[int | None, field("After so many items", example=100)] = None
    period: Annotated[str | None, field("After so long", example="1h", shape=Shape.DURATION)] = None
    key: Annotated[Any, field("One collection for each", templated=True, example="{{ trigger.body.customer }}")] = None
    value: Annotated[Any, field("What to collect", templated=True, example="{{ trigger.body }}")] = "{{ trigger }}"

    def __post_init__(self) -> None:
        """Ask for an end of the window."""
        if self.count is None and self.period is None:
            raise ValueError("Say count, period or both.")
        if self.count is not None and not 1 <= self.count <= 10_000:
            raise ValueError("count: Use 1 to 10,000.")
        check_duration("period", self.period)


class CallRecipe(Settings):
    """Which recipe to call, with what, and whether to wait for its end."""

    recipe: Annotated[str, field("Recipe", example="notify", choices=recipes)]
    input: Annotated[Any, field("Input", templated=True, example="{{ trigger.body }}")] = "{{ trigger }}"
    wait: Annotated[bool, field("Wait for its end")] = True


class Respond(Settings):
    """What the caller of the webhook gets."""

    status: Annotated[int, field("Status")] = 200
    body: Annotated[Any, field("Body", templated=True, example={"total": "{{ read.total }}"})] = None
    headers: Annotated[dict[str, str], field("Headers", templated=True, advanced=True)] = {}

    def __post_init__(self) -> None:
        """Check the status."""
        if not 200 <= self.status <= 599:
            raise ValueError("status: Use 200 to 599.")


class Stop(Settings):
    """How the item ends, and why."""

    outcome: Annotated[Literal["delivered", "filtered", "dead"], field("The item is then")] = "delivered"
    reason: Annotated[str, field("Reason", templated=True)] = ""


class BuiltIn(msgspec.Struct, frozen=True, kw_only=True):
    """One built-in step; `settings` None: `with` is a condition or cases of conditions."""

    name: str
    title: str
    text: str
    icon: str
    work: Work
    settings: type[Settings] | None
    loops: bool = True


def _table(*steps: BuiltIn) -> Mapping[str, BuiltIn]:
    return {step.name: step for step in steps}


def _step(name: str, title: str, text: str, icon: str, work: Work, settings: type[Settings] | None) -> BuiltIn:
    """One that may stand in a loop."""
    return BuiltIn(name=name, title=title, text=text, icon=icon, work=work, settings=settings)


def _once(name: str, title: str, text: str, icon: str, work: Work, settings: type[Settings] | None) -> BuiltIn:
    """One that decides about the whole item, so that it cannot stand in a loop."""
    return BuiltIn(name=name, title=title, text=text, icon=icon, work=work, settings=settings, loops=False)


BUILT_INS = _table(
    _step("extract", "Extract", "Fill a schema from text, invoices, scans.", "document_scanner", Work.EXTRACT, Extract),
    _once("review", "Review", "Let a person check what is not sure.", "fact_check", Work.PAUSE, Review),
    _once("approve", "Approve", "Ask people before going on.", "how_to_reg", Work.PAUSE, Approve),
    _step("filter", "Filter", "Go on only when a condition holds.", "filter_alt", Work.LOCAL, None),
    _once("branch", "Branch", "Choose a way by conditions.", "call_split", Work.LOCAL, None),
    _step("set", "Set", "Map, rename and compute fields.", "edit_note", Work.LOCAL, SetFields),
    _step("template", "Template", "Write a text.", "article", Work.LOCAL, TemplateText),
    _once("join", "Join", "Go on once all ways before it have ended.", "call_merge", Work.LOCAL, NoSettings),
    _once("wait", "Wait", "Go on later.", "hourglass_empty", Work.PAUSE, Wait),
    _once("dedupe", "Dedupe", "Let each key pass once.", "filter_1", Work.STORE, Dedupe),
    _once("sync", "Sync", "Keep a record the same in two systems.", "sync", Work.STORE, Sync),
    _once("aggregate", "Aggregate", "Collect items into one.", "dataset", Work.PAUSE, Aggregate),
    _once("recipe", "Recipe", "Call another recipe.", "account_tree", Work.PAUSE, CallRecipe),
    _once("respond", "Respond", "Answer the caller of the webhook.", "reply", Work.STORE, Respond),
    _once("stop", "Stop", "End the item here.", "stop_circle", Work.LOCAL, Stop),
)
