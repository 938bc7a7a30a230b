"""A recipe as one form: what to ask at once, with menus out of the hub, and the draft that the answers make."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from bots.asked import Asked
from bots.drafting.choosing import families, lacking, title_of
from bots.drafting.draft import PartDraft, RecipeDraft
from bots.drafting.matching import Families, Side, parts_of
from bots.drafting.questions import value_of
from bots.finding import clipped, connections_to
from connectors.sdk import Category
from connectors.sdk.declare import Target, Trigger
from connectors.sdk.describe import FieldDescription, FieldKind
from connectors.sdk.registry import find
from hub.errors import InvalidError
from hub.text import say

NOTHING, NOWHERE = "nothing", "nowhere"
# What Slack takes as the value of an entry
LONGEST_CARRIED, _BEGINNING = 75, 50
_MOST_FIELDS = 6
_NOT_ASKED = frozenset({FieldKind.SECRET, FieldKind.GROUP})
_SHARES = (0.8, 0.9, 0.95, 1.0)
Values = Mapping[str, str]


class Choice(msgspec.Struct, frozen=True):
    """One entry of a menu; those of one group stand together."""

    value: str
    label: str
    group: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the form; `redraws` means that other lines depend on the answer."""

    key: str
    label: str
    value: str = ""
    hint: str = ""
    example: str = ""
    choices: Sequence[Choice] = ()
    required: bool = False
    redraws: bool = False
    long: bool = False


async def lines(asked: Asked, draft: RecipeDraft) -> list[Line]:
    """Return the lines of the form for what is known so far."""
    connected = await families(asked)
    found = [_which(asked, "trigger", draft.trigger, connected)]
    if draft.trigger.uses:
        found += await _part(asked, "trigger", draft.trigger)
    schemas = (await asked.services.schemas.list(asked.member, limit=100)).items
    named = [Choice(one.name, one.title or one.name) for one in sorted(schemas, key=lambda one: one.starter)]
    found += [
        Line(key="schema", label="What is extracted?", value=draft.schema or NOTHING,
             choices=[Choice(NOTHING, "Nothing"), *named[:99]], required=True),
        Line(key="review", label="Does somebody look at it?", value=_share(draft.review), choices=_reviews(draft)),
        Line(key="approve", label="Must somebody say yes before anything is written?",
             value="yes" if draft.approve else "", choices=[Choice("yes", "Yes, ask first")]),
        _which(asked, "target", draft.target, connected),
    ]  # fmt: skip
    if draft.target.uses:
        found += await _part(asked, "target", draft.target)
    name = "How do you call it?"
    return [*found, Line(key="words", label=name, value=draft.words, example="Invoices to the spreadsheet")]


async def chosen(asked: Asked, draft: RecipeDraft) -> None:
    """Put whole names where a menu could carry only short ids of them."""
    for part in (draft.trigger, draft.target):
        if part.connection and part.part is not None:
            part.connection = meant(part.connection, await connections_to(asked, part.part.connector))
    if draft.schema:
        schemas = (await asked.services.schemas.list(asked.member, limit=100)).items
        draft.schema = meant(draft.schema, [one.name for one in schemas])


def carried(value: str) -> str:
    """Return what a menu carries for a value: itself, or a short id of a long one."""
    if len(value) <= LONGEST_CARRIED:
        return value
    return f"{value[:_BEGINNING]}~{hashlib.sha256(value.encode()).hexdigest()[:16]}"


def meant(answer: str, values: Iterable[str]) -> str:
    """Return the value that a menu's answer stands for; the answer where it is none of them."""
    return next((one for one in values if carried(one) == answer), answer)


def draft_of(values: Values, *, named: bool = True) -> RecipeDraft:
    """Return the draft that the answers make; what is no answer is left out, `problems` says why.

    `named`: a recipe that nobody called anything is called by what it connects.
    """
    trigger, target = _filled("trigger", values), _filled("target", values)
    schema, review = values.get("schema", NOTHING), values.get("review", "")
    return RecipeDraft(
        words=values.get("words", "").strip() or (_called(trigger, target) if named else ""),
        name="",
        trigger=trigger,
        target=target,
        schema="" if schema == NOTHING else schema,
        review=float(review) if _is_share(review) else None,
        approve=values.get("approve") == "yes",
    )


def problems(values: Values) -> dict[str, str]:
    """Return what is wrong with the answers, by their lines."""
    found: dict[str, str] = {}
    for side in ("trigger", "target"):
        for field, key in _fields_of(side, values.get(side, "")):
            try:
                value_of(field, meant(values[key], field.choices)) if values.get(key) else None
            except InvalidError as error:
                found[key] = error.message
    return found


def _which(asked: Asked, side: Side, part: PartDraft, connected: Families) -> Line:
    """Return the menu of parts: first of services that are connected, then by what they are about."""
    parts = sorted(parts_of(side), key=lambda one: (_place(one, connected), one.connector.title.casefold()))
    declared = [Choice(one.uses, title_of(one.uses), _group(one, connected)) for one in parts]
    nowhere = [Choice(NOWHERE, "Nowhere, only keep them", "Here")] if side == "target" else []
    return Line(
        key=side,
        label="What starts it?" if side == "trigger" else "Where do the results go?",
        value=part.uses or (NOWHERE if part.uses == "" else ""),
        hint=" ".join(lacking(asked, part, connected)),
        choices=[*nowhere, *declared],
        required=True,
        redraws=True,
    )


def _place(part: Trigger | Target, connected: Families) -> int:
    return -1 if part.connector.family in connected else list(Category).index(part.connector.category)


def _group(part: Trigger | Target, connected: Families) -> str:
    connector = part.connector
    return "Connected" if connector.family in connected else say(f"connectors.category_{connector.category}")


async def _part(asked: Asked, side: Side, part: PartDraft) -> list[Line]:
    found: list[Line] = []
    declared = part.part
    if declared is not None and not declared.connector.connection_optional:
        known = await connections_to(asked, declared.connector)
        if known:
            label = f"Connection to {declared.connector.title}"
            value = part.connection or (known[0] if len(known) == 1 else "")
            choices = [Choice(name, name) for name in known[:100]]
            found.append(Line(key=_key(side, part.uses, "@"), label=label, value=value, choices=choices))
    return [*found, *(_line(field, key, part) for field, key in _fields_of(side, part.uses or ""))]


def _line(field: FieldDescription, key: str, part: PartDraft) -> Line:
    options: Iterable[str] = ("yes", "no") if field.kind is FieldKind.BOOLEAN else field.choices
    return Line(
        key=key,
        label=f"{part.part.connector.title}: {field.title}" if part.part else field.title,
        value=_shown(part.settings.get(field.name)),
        hint=clipped(field.hint, 150),
        example=clipped(_shown(field.example), 100),
        choices=[Choice(one, one.replace("_", " ")) for one in options],
        required=field.required,
        long=field.kind is FieldKind.MULTILINE,
    )


def _fields_of(side: str, uses: str) -> list[tuple[FieldDescription, str]]:
    """Return the settings that the form asks for: what must be said, and some of what may."""
    asked = [
        (field, _key(side, uses, field.name))
        for field in PartDraft(uses=uses).fields
        if not (field.kind in _NOT_ASKED or field.record or field.advanced)
        and (field.required or field.kind is not FieldKind.ANY)
    ]
    must = [one for one in asked if one[0].required]
    may = [one for one in asked if not one[0].required]
    return [*must, *may[: max(0, _MOST_FIELDS - len(must))]]


def _filled(side: str, values: Values) -> PartDraft:
    uses = values.get(side, "")
    declared = find(uses)
    if not isinstance(declared, Trigger if side == "trigger" else Target):
        return PartDraft(uses="" if uses == NOWHERE and side == "target" else None)
    settings = {}
    for field, key in _fields_of(side, uses):
        if values.get(key, "").strip():
            try:
                settings[field.name] = value_of(field, meant(values[key], field.choices))
            except InvalidError:
                continue  # `problems` tells of it
    return PartDraft(uses=uses, connection=values.get(_key(side, uses, "@")) or None, settings=settings)


def _called(trigger: PartDraft, target: PartDraft) -> str:
    parts = [part.part for part in (trigger, target)]
    return " to ".join(part.connector.title for part in parts if part is not None) or "Drafted in chat"


def _reviews(draft: RecipeDraft) -> list[Choice]:
    shares = sorted({*_SHARES, *([draft.review] if draft.review is not None else [])})
    return [Choice(_share(one), f"When less sure than {one:.0%}" if one < 1 else "Always") for one in shares]


def _share(number: float | None) -> str:
    return "" if number is None else f"{number:g}"


def _is_share(text: str) -> bool:
    try:
        return 0 <= float(text) <= 1
    except ValueError:
        return False


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict):
        return ", ".join(f"{name}={one}" for name, one in value.items())
    return "" if value is None else str(value)


def _key(side: str, uses: str | None, name: str) -> str:
    return f"{side} {uses} {name}"
