"""What is missing in a draft: one question at a time, and answers as people give them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from bots.asked import Asked
from bots.drafting import choosing, hints
from bots.drafting.choosing import MOST, answering, title_of
from bots.drafting.draft import PartDraft, RecipeDraft, columns_of, outputs_of
from bots.drafting.matching import Side
from bots.finding import clipped, connections_to
from bots.grammar import one_line
from bots.replies import Button, Reply
from connectors.sdk import Choice, fill
from connectors.sdk.describe import FieldDescription, FieldKind
from connectors.sdk.registry import find_connector
from hub.errors import HubError, InvalidError
from hub.recipes.choices import Wanted

_NOT_ASKED = frozenset({FieldKind.SECRET, FieldKind.GROUP})
_SKIP = Button("Leave it open", "skip")
# A chat waits less long than a form
_PATIENCE = 6.0
_YES, _NO = frozenset({"yes", "y", "true", "on"}), frozenset({"no", "n", "false", "off"})


async def ask(asked: Asked, draft: RecipeDraft) -> Reply | None:
    """Return the next question and note that it is open; None when nothing is missing."""
    draft.offered = {}
    for side, part in _sides(draft):
        if side == "target" and (question := await _about_schema(asked, draft)):
            return question
        if part.uses is None:
            draft.asking = side
            return await choosing.which(asked, draft, side)
        question = await _connection(asked, draft, side, part) or await _setting(asked, draft, side, part)
        if question is not None:
            return question
    draft.asking = ""
    return None


def back(draft: RecipeDraft) -> None:
    """Go back one step: out of a category or service, else to the question before, else to what starts the recipe."""
    if draft.within:
        draft.within.pop()
        return
    # What was understood is no answer, and can be taken back as well
    understood = "target" if draft.asking.startswith("target ") else "trigger"
    last = draft.answered.pop() if draft.answered else understood
    side, _, rest = last.partition(" ")
    part = draft.trigger if side == "trigger" else draft.target
    if last == "schema":
        draft.schema, draft.columns = None, {}
    elif not rest:
        part.uses, part.connection, part.settings, part.skipped, draft.columns = None, None, {}, [], {}
    elif rest == "@":
        part.connection = None
    else:
        part.settings = {name: value for name, value in part.settings.items() if name != rest}
        part.skipped = [name for name in part.skipped if name != rest]


async def take(asked: Asked, draft: RecipeDraft, answer: str) -> None:
    """Put an answer where its question says; InvalidError says what would be one."""
    asking = draft.asking
    side, _, rest = asking.partition(" ")
    part = draft.trigger if side == "trigger" else draft.target
    if asking == "schema":
        await _take_schema(asked, draft, answer)
    elif not rest:
        if not choosing.take(draft, "trigger" if side == "trigger" else "target", answer):
            return
        hints.prefill(draft.trigger, draft.target, draft.words)
    elif rest == "@":
        part.connection = await _connection_named(asked, part, answer)
    elif answer.casefold() == "skip":
        part.skipped = [*part.skipped, rest]
    else:
        field = next(one for one in part.fields if one.name == rest)
        part.settings = {**part.settings, rest: value_of(field, draft.offered.get(answer, answer))}
    draft.answered = [*draft.answered, asking]


async def complete(asked: Asked, draft: RecipeDraft) -> None:
    """Add what needs no question: the columns, and the connection where there is one alone."""
    await _about_schema(asked, draft)
    for side, part in _sides(draft):
        await _connection(asked, draft, side, part)
    draft.asking = ""


async def notes(asked: Asked, draft: RecipeDraft) -> list[str]:
    """Return what the parts of a draft lack that is made elsewhere, each once."""
    connected = await choosing.families(asked)
    told = [
        line
        for _, part in _sides(draft)
        if part.connection is None
        for line in choosing.lacking(asked, part, connected)
    ]
    return list(dict.fromkeys(told))


def settle(draft: RecipeDraft) -> None:
    """Where a default does not go with the rest, take the choice that does, such as a mode that needs no key."""
    for part in (draft.trigger, draft.target):
        if part.part is None or _fits(part, draft):
            continue
        for field in part.fields:
            fitting = [one for one in field.choices if _fits(part, draft, {field.name: one})]
            if fitting and field.name not in part.settings:
                part.settings = {**part.settings, field.name: fitting[0]}
                break


def value_of(field: FieldDescription, answer: str) -> Any:
    """Return an answer as a setting of its kind takes it."""
    plain = answer.strip()
    if field.kind is FieldKind.BOOLEAN:
        if plain.casefold() not in _YES | _NO:
            raise InvalidError(f"{field.title}: say yes or no.")
        return plain.casefold() in _YES
    if field.choices and plain not in field.choices:
        raise InvalidError(f"{field.title}: say one of {', '.join(field.choices)}.")
    if field.kind is FieldKind.NUMBER:
        try:
            number = float(plain.replace(",", "."))
        except ValueError as error:
            raise InvalidError(f"{field.title}: say a number.") from error
        return int(number) if number.is_integer() else number
    if field.kind is FieldKind.LIST:
        return [one.strip() for one in plain.split(",") if one.strip()]
    if field.kind is FieldKind.MAPPING:
        pairs = [one.partition("=") for one in plain.split(",") if "=" in one]
        return {name.strip(): value.strip() for name, _, value in pairs}
    return plain


async def _about_schema(asked: Asked, draft: RecipeDraft) -> Reply | None:
    if draft.schema is None:
        page = await asked.services.schemas.list(asked.member, limit=100)
        draft.asking = "schema"
        found = sorted(page.items, key=lambda one: one.starter)[:MOST]
        buttons = [answering(draft, one.title or one.name, one.name) for one in found]
        return Reply(text="What is to be extracted?", buttons=[*buttons, answering(draft, "Nothing", "nothing")])
    if draft.schema and not draft.columns:
        view = await asked.services.schemas.find(asked.member, draft.schema)
        draft.columns = columns_of(view.document["spec"]["fields"])
    if not draft.schema and not draft.columns:
        draft.columns = {name: f"{{{{ trigger.{name} }}}}" for name in outputs_of(draft.trigger)}
    return None


async def _connection(asked: Asked, draft: RecipeDraft, side: Side, part: PartDraft) -> Reply | None:
    declared = part.part
    if declared is None or part.connection or declared.connector.connection_optional or "@" in part.skipped:
        return None
    found = await connections_to(asked, declared.connector)
    if len(found) == 1:
        part.connection = found[0]
    if len(found) < 2:
        part.skipped = [*part.skipped, "@"]
        return None
    draft.asking = f"{side} @"
    buttons = [answering(draft, name, name) for name in found[:MOST]]
    return Reply(text=f"Which connection to {declared.connector.title}?", buttons=buttons)


async def _setting(asked: Asked, draft: RecipeDraft, side: Side, part: PartDraft) -> Reply | None:
    for field in part.fields:
        missing = field.required and field.name not in part.settings and field.name not in part.skipped
        if not missing or field.kind in _NOT_ASKED or (field.record and draft.columns):
            continue
        draft.asking = f"{side} {field.name}"
        title = f"{title_of(part.uses or '')}: {field.title}?"
        example = f" For example {clipped(field.example)}." if field.example else ""
        offered = await _offered(asked, field, part)
        shown = offered[:MOST]
        draft.offered = {label: one.value for one in shown for label in (one.text, one.value) if label}
        more = f" Here are the first {MOST}; any other may be typed." if len(offered) > MOST else ""
        buttons = [answering(draft, one.text or one.value, one.value) for one in shown]
        text = one_line(f"{title} {field.hint}{example}{more}")
        return Reply(text=text, buttons=[*buttons, answering(draft, _SKIP.label, "skip")])
    return None


async def _offered(asked: Asked, field: FieldDescription, part: PartDraft) -> Sequence[Choice]:
    """Return what can be chosen; nothing where the service does not say now, as it can be typed as well."""
    if not field.asks or field.kind is not FieldKind.TEXT:
        options = field.choices or (("yes", "no") if field.kind is FieldKind.BOOLEAN else ())
        return [Choice(one) for one in options]
    wanted = Wanted(uses=part.uses or "", field=field.name, connection=part.connection, settings=part.settings)
    try:
        async with asyncio.timeout(_PATIENCE):
            return (await asked.services.offers.list(asked.member, wanted)).choices
    except (HubError, TimeoutError):
        return ()


async def _take_schema(asked: Asked, draft: RecipeDraft, answer: str) -> None:
    if answer.casefold() in {"nothing", "none", "no", "skip"}:
        draft.schema = ""
        return
    page = await asked.services.schemas.list(asked.member, limit=100)
    known = {name.casefold(): one.name for one in page.items for name in (one.name, one.title) if name}
    if answer.casefold() not in known:
        raise InvalidError("There is no such schema. Press a button, or say nothing.")
    draft.schema = known[answer.casefold()]


async def _connection_named(asked: Asked, part: PartDraft, answer: str) -> str:
    found = await asked.services.connections.find(asked.member, answer)
    held = find_connector(found.connector)
    if part.part is None or held is None or held.family != part.part.connector.family:
        raise InvalidError(f"{found.name} is a connection to something else.")
    return found.name


def _sides(draft: RecipeDraft) -> tuple[tuple[Side, PartDraft], ...]:
    return ("trigger", draft.trigger), ("target", draft.target)


def _fits(part: PartDraft, draft: RecipeDraft, also: dict[str, str] | None = None) -> bool:
    """Tell whether the settings make a whole struct, the columns included."""
    declared = part.part
    if declared is None:
        return True
    record = {one.name: draft.columns for one in part.fields if one.record}
    try:
        fill(declared.settings, {**record, **part.settings, **(also or {})})
    except msgspec.ValidationError:
        return False
    return True
