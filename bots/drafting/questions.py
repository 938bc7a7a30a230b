"""What is missing in a draft: one question at a time, and answers as people give them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from bots.asked import Asked
from bots.drafting.draft import PartDraft, RecipeDraft, columns_of, outputs_of
from bots.finding import clipped
from bots.grammar import one_line
from bots.replies import Button, Reply
from connectors.sdk import fill
from connectors.sdk.describe import FieldDescription, FieldKind
from connectors.sdk.registry import find, registry
from hub.errors import InvalidError

_MOST = 12
_NOT_ASKED = frozenset({FieldKind.SECRET, FieldKind.GROUP})
_SKIP = Button("Leave it open", "skip")
_YES, _NO = frozenset({"yes", "y", "true", "on"}), frozenset({"no", "n", "false", "off"})


async def ask(asked: Asked, draft: RecipeDraft) -> Reply | None:
    """Return the next question and note that it is open; None when nothing is missing."""
    for side, part in (("trigger", draft.trigger), ("target", draft.target)):
        if side == "target" and (question := await _about_schema(asked, draft)):
            return question
        question = _which(draft, side, part) or await _connection(asked, draft, side, part)
        question = question or _setting(draft, side, part)
        if question is not None:
            return question
    draft.asking = ""
    return None


async def take(asked: Asked, draft: RecipeDraft, answer: str) -> None:
    """Put an answer where its question says; InvalidError says what would be one."""
    side, _, rest = draft.asking.partition(" ")
    if draft.asking == "schema":
        await _take_schema(asked, draft, answer)
        return
    part = draft.trigger if side == "trigger" else draft.target
    if not rest:
        _take_part(part, side, answer)
    elif rest == "@":
        part.connection = await _connection_named(asked, part, answer)
    elif answer.casefold() == "skip":
        part.skipped = [*part.skipped, rest]
    else:
        field = next(one for one in part.fields if one.name == rest)
        part.settings = {**part.settings, rest: value_of(field, answer)}


async def complete(asked: Asked, draft: RecipeDraft) -> None:
    """Add what needs no question: the columns, and the connection where there is one alone."""
    await _about_schema(asked, draft)
    for side, part in (("trigger", draft.trigger), ("target", draft.target)):
        await _connection(asked, draft, side, part)
    draft.asking = ""


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


def _which(draft: RecipeDraft, side: str, part: PartDraft) -> Reply | None:
    if part.uses is not None:
        return None
    known = [one.uses for connector in registry().values() for one in getattr(connector, f"{side}s").values()]
    shown = draft.likely.get(side) or known
    draft.asking = side
    question = "What starts it?" if side == "trigger" else "Where do the results go?"
    buttons = [_answer(draft, _title(uses), uses) for uses in shown[:_MOST]]
    if side == "target":
        buttons.append(_answer(draft, "Nowhere, only keep them", "nowhere"))
    return Reply(text=question, buttons=buttons)


async def _about_schema(asked: Asked, draft: RecipeDraft) -> Reply | None:
    if draft.schema is None:
        page = await asked.services.schemas.list(asked.member, limit=100)
        draft.asking = "schema"
        found = sorted(page.items, key=lambda one: one.starter)[: _MOST - 1]
        buttons = [_answer(draft, one.title or one.name, one.name) for one in found]
        return Reply(text="What is to be extracted?", buttons=[*buttons, _answer(draft, "Nothing", "nothing")])
    if draft.schema and not draft.columns:
        view = await asked.services.schemas.find(asked.member, draft.schema)
        draft.columns = columns_of(view.document["spec"]["fields"])
    if not draft.schema and not draft.columns:
        draft.columns = {name: f"{{{{ trigger.{name} }}}}" for name in outputs_of(draft.trigger)}
    return None


async def _connection(asked: Asked, draft: RecipeDraft, side: str, part: PartDraft) -> Reply | None:
    declared = part.part
    if declared is None or part.connection or declared.connector.connection_optional or "@" in part.skipped:
        return None
    connector = declared.connector
    found = [one.name for one in await asked.services.connections.list(asked.member) if one.connector == connector.name]
    if len(found) == 1:
        part.connection = found[0]
        return None
    if not found:
        part.skipped = [*part.skipped, "@"]
        draft.notes.append(
            f"{connector.title} needs a connection. Add one under Connections, then choose it in the recipe."
        )
        return None
    draft.asking = f"{side} @"
    return Reply(
        text=f"Which connection to {connector.title}?", buttons=[_answer(draft, name, name) for name in found[:_MOST]]
    )


def _setting(draft: RecipeDraft, side: str, part: PartDraft) -> Reply | None:
    for field in part.fields:
        missing = field.required and field.name not in part.settings and field.name not in part.skipped
        if not missing or field.kind in _NOT_ASKED or (field.record and draft.columns):
            continue
        draft.asking = f"{side} {field.name}"
        title = f"{_title(part.uses or '')}: {field.title}?"
        example = f" For example {clipped(field.example)}." if field.example else ""
        choices: Sequence[str] = field.choices or (("yes", "no") if field.kind is FieldKind.BOOLEAN else ())
        buttons = [_answer(draft, one, one) for one in choices[:_MOST]]
        return Reply(
            text=one_line(f"{title} {field.hint}{example}"), buttons=[*buttons, _answer(draft, _SKIP.label, "skip")]
        )
    return None


def _take_part(part: PartDraft, side: str, answer: str) -> None:
    if side == "target" and answer.casefold() in {"nowhere", "none", "skip"}:
        part.uses = ""
        return
    wanted = answer.casefold()
    for connector in registry().values():
        for one in getattr(connector, f"{side}s").values():
            if wanted in {one.uses, one.title.casefold(), _title(one.uses).casefold()}:
                part.uses = one.uses
                return
    raise InvalidError("I do not know that one. Press a button, or say its name such as http.send.")


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
    if part.part is None or found.connector != part.part.connector.name:
        raise InvalidError(f"{found.name} is a connection to something else.")
    return found.name


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


def _answer(draft: RecipeDraft, label: str, answer: str) -> Button:
    """A button that answers this question and no later one."""
    return Button(clipped(label, 40), f"={draft.asking}={answer}")


def _title(uses: str) -> str:
    part = find(uses)
    return f"{part.connector.title}: {part.title}" if part else uses
