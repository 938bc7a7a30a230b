"""The recipe document: what people, the canvas and git write down; data, never code."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from hub import source
from hub.errors import InvalidError, Problem
from hub.recipes.durations import DURATION
from hub.recipes.durations import WORDS as DURATION_WORDS
from hub.shapes import convert

NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$"
STEP_ID = r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"
USES = "^[a-z][a-z0-9_]*([.][a-z][a-z0-9_]*)?$"
CANVAS = "metadata.canvas"

WORDS = {
    NAME: "Use letters, digits, - and _, 100 at most, a letter or digit first.",
    STEP_ID: "Use letters, digits, - and _, 64 at most, a letter first.",
    USES: "Name a built-in step such as filter, or connector.name such as http.send.",
    DURATION: DURATION_WORDS,
}

Name = Annotated[str, msgspec.Meta(pattern=NAME, description="Letters, digits, - and _; unique, case aside.")]
StepId = Annotated[str, msgspec.Meta(pattern=STEP_ID, description="The step's name in templates.")]
Uses = Annotated[str, msgspec.Meta(pattern=USES, description="A built-in step, or connector.name.")]
Duration = Annotated[str, msgspec.Meta(pattern=DURATION, description="Such as 500ms, 2s, 5m, 1h30m or 7d.")]
Text = Annotated[str, msgspec.Meta(max_length=10_000)]
Title = Annotated[str, msgspec.Meta(max_length=200)]
Attempts = Annotated[int, msgspec.Meta(ge=1, le=100)]
Factor = Annotated[float, msgspec.Meta(ge=1, le=100)]
Concurrency = Annotated[int, msgspec.Meta(ge=1, le=1000)]


Coordinate = Annotated[int, msgspec.Meta(ge=-100_000, le=100_000)]
Extent = Annotated[int, msgspec.Meta(ge=40, le=4_000)]
Color = Literal["yellow", "green", "blue", "red", "plum", "grey"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every part of the document has in common: unknown keys are refused."""


class Place(_Part, frozen=True):
    """Where a step stands on the canvas: the middle of its upper edge."""

    x: Coordinate
    y: Coordinate


class StickyNote(_Part, frozen=True):
    """A note that somebody stuck to the canvas, by its upper left corner."""

    x: Coordinate
    y: Coordinate
    text: Annotated[str, msgspec.Meta(max_length=4_000)] = ""
    color: Color = "yellow"
    width: Extent = 240
    height: Extent = 140


class Group(_Part, frozen=True):
    """Steps that are drawn in one frame under one name."""

    steps: Annotated[list[StepId], msgspec.Meta(max_length=500)]
    title: Title = ""
    color: Color = "grey"
    folded: bool = False


class Canvas(_Part, frozen=True):
    """How the recipe is drawn; runs know nothing of it. Steps without a place are laid out by themselves."""

    places: Annotated[dict[StepId, Place], msgspec.Meta(max_length=501)] = {}
    notes: Annotated[dict[StepId, StickyNote], msgspec.Meta(max_length=100)] = {}
    groups: Annotated[dict[StepId, Group], msgspec.Meta(max_length=50)] = {}


class Metadata(_Part, frozen=True):
    """What the recipe is called."""

    name: Name
    title: Title = ""
    labels: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=100)]], msgspec.Meta(max_length=50)
    ] = []
    note: Text = ""
    canvas: Canvas = Canvas()


class Trigger(_Part, frozen=True, rename={"settings": "with"}):
    """Where items come in."""

    uses: Uses
    connection: str | None = None
    settings: dict[str, Any] = {}
    title: Title = ""
    note: Text = ""


class Retry(_Part, frozen=True):
    """How often a failed step is tried, and the growing pauses between tries."""

    attempts: Attempts = 3
    first: Duration = "2s"
    factor: Factor = 2.0
    max: Duration = "1h"


class After(_Part, frozen=True):
    """A step that comes before this one, and which case of it leads here."""

    step: str
    case: str | None = None


class Step(_Part, frozen=True, rename={"settings": "with", "alias": "as"}):
    """One stage of the recipe."""

    id: StepId
    uses: Uses
    connection: str | None = None
    settings: dict[str, Any] = {}
    when: dict[str, Any] | None = None
    each: str | list[Any] | None = None
    alias: StepId | None = None
    after: str | list[str | After] | None = None
    retry: Retry | None = None
    timeout: Duration | None = None
    concurrency: Concurrency | None = None
    on_error: str = "dead_letter"
    when_unknown: Literal["ask", "resend"] = "ask"
    disabled: bool = False
    title: Title = ""
    note: Text = ""


class Subject(_Part, frozen=True):
    """What an item is about, and what a new item does to one about the same that is not finished."""

    key: str
    live: Literal["start", "join", "ignore"] = "start"


class RecipeSettings(_Part, frozen=True):
    """What holds for the whole recipe."""

    concurrency: Concurrency | None = None
    time_zone: str = "UTC"
    keep_outputs: Literal["all", "failed", "none"] = "all"
    retry: Retry | None = None
    subject: Subject | None = None


class Spec(_Part, frozen=True):
    """Trigger, steps and settings."""

    trigger: Trigger
    steps: Annotated[list[Step], msgspec.Meta(max_length=500)] = []
    settings: RecipeSettings = RecipeSettings()
    vars: dict[StepId, Any] = {}


class RecipeDocument(_Part, frozen=True, rename={"api_version": "apiVersion"}):
    """A whole recipe."""

    api_version: Literal["patchdeck/v1"]
    kind: Literal["Recipe"]
    metadata: Metadata
    spec: Spec


def parse(text: str | bytes) -> RecipeDocument:
    """Read YAML or JSON; raises InvalidError with a problem for every part that has the wrong shape."""
    return from_plain(source.read(text))


def from_plain(plain: Any) -> RecipeDocument:
    """Make the document out of plain maps and lists; raises InvalidError with the paths of what is wrong."""
    problems: list[Problem] = []
    document = _document(plain, problems)
    if document is None or problems:
        raise InvalidError("This is not a recipe document.", errors=problems)
    return document


def to_plain(document: RecipeDocument) -> dict[str, Any]:
    """Return the document as plain maps and lists, defaults left out."""
    plain: dict[str, Any] = _plain(document)
    return plain


def export(document: RecipeDocument) -> str:
    """Write stable YAML: keys sorted, no ids, no secrets, connections by name."""
    return source.write(to_plain(document))


def _plain(value: Any) -> Any:
    """Leave out what equals its default, so that a document stays as short as it was written."""
    if isinstance(value, list):
        return [_plain(one) if isinstance(one, _Part) else one for one in value]
    if isinstance(value, dict):
        return {name: _plain(one) if isinstance(one, _Part) else one for name, one in value.items()}
    if not isinstance(value, _Part):
        return value
    kept = {}
    for field in msgspec.structs.fields(type(value)):
        found = getattr(value, field.name)
        default = field.default_factory() if callable(field.default_factory) else field.default
        if found != default or type(found) is not type(default):
            whole = isinstance(found, float) and found.is_integer()
            kept[field.encode_name] = int(found) if whole else _plain(found)
    return kept


def _document(plain: Any, problems: list[Problem]) -> RecipeDocument | None:
    """Convert part by part, so that one mistake does not hide the others."""
    if not isinstance(plain, dict) or not isinstance(plain.get("spec", {}), dict):
        return convert(plain, RecipeDocument, "", problems, words=WORDS)
    needed = ("apiVersion", "kind", "metadata", "spec")
    problems.extend(Problem(name, "This is missing.") for name in needed if name not in plain)
    spec = dict(plain.get("spec", {}))
    _check_canvas(plain, problems)
    drawn = not any(problem.path.startswith(CANVAS) for problem in problems)
    parts: list[tuple[Any, type[_Part], str]] = [
        (plain.get("metadata") if drawn else None, Metadata, "metadata"),
        (spec.get("trigger"), Trigger, "spec.trigger"),
        (spec.get("settings", {}), RecipeSettings, "spec.settings"),
    ]
    for value, kind, path in parts:
        if value is not None:
            convert(value, kind, path, problems, words=WORDS)
    steps = spec.get("steps", [])
    if isinstance(steps, list):
        for index, step in enumerate(steps):
            convert(step, Step, f"spec.steps[{index}]", problems, words=WORDS)
    whole: list[Problem] = []
    document = convert(plain, RecipeDocument, "", whole, words=WORDS)
    known = {problem.path for problem in problems}
    problems.extend(one for one in whole if one.path not in known and (drawn or not one.path.startswith(CANVAS)))
    return document


def _check_canvas(plain: dict[str, Any], problems: list[Problem]) -> None:
    """Name the very place, note or group that has the wrong shape."""
    metadata = plain.get("metadata")
    canvas = metadata.get("canvas") if isinstance(metadata, dict) else None
    kinds: tuple[tuple[str, type[_Part]], ...] = (("places", Place), ("notes", StickyNote), ("groups", Group))
    for name, kind in kinds:
        held = canvas.get(name) if isinstance(canvas, dict) else None
        for key, one in held.items() if isinstance(held, dict) else ():
            convert(one, kind, f"{CANVAS}.{name}.{key[:64]}", problems, words=WORDS)
