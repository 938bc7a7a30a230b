"""A draft by a language model: it chooses among what connectors declare, by JSON Schema, and nothing else counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bots.asked import Asked
from bots.drafting.draft import PartDraft, RecipeDraft
from bots.drafting.matching import Families, Side, parts_of, ranked
from bots.drafting.questions import value_of
from connectors.sdk import Category
from connectors.sdk.describe import FieldKind, describe
from connectors.sdk.registry import find
from hub.errors import HubError, InvalidError
from hub.extraction.schemas.views import SchemaSummary
from hub.privacy import Action
from hub.providers import OpenProvider, Question, asking

_RULES = """You turn what somebody wants into the outline of a recipe: what starts it, what is read, where results go.

- Answer with one JSON object that follows the schema, and with nothing else.
- `trigger` and `target` are names of the list below, or null when the words leave it open.
- `settings` holds only values that stand in the words. Never make up directories, addresses or names.
- `schema` is what is extracted from documents, null when nothing is.
- `review_below` is the confidence (0 to 1) below which a person looks, null when no review is wanted.
- `approve` is true when a person must say yes before anything is written.
- `name` is a short name in small letters with dashes.
"""
_ANSWER_TOKENS = 800
_LONGEST = 2_000
_SIDES: tuple[Side, ...] = ("trigger", "target")
# Of hundreds of parts a model reads those that may be meant, so that a question costs the same with any number
_MOST_PARTS, _MOST_MEANT, _LONGEST_LIST, _LONGEST_TEXT = 30, 16, 5_000, 200
_GENERAL = frozenset({Category.HUB, Category.WEB})
# Where personal data may not leave as it is, words that may hold some do not leave at all.
_KEPT_BACK = frozenset({Action.MASK, Action.REFUSE})
_NOT_FILLED = frozenset({FieldKind.SECRET, FieldKind.GROUP})


class _Setting(msgspec.Struct):
    name: str
    value: str


class _Outline(msgspec.Struct):
    name: str
    trigger: str | None = None
    trigger_settings: list[_Setting] = []
    schema: str | None = None
    review_below: float | None = None
    approve: bool = False
    target: str | None = None
    target_settings: list[_Setting] = []


async def by_model(
    asked: Asked, words: str, schemas: Sequence[SchemaSummary], connected: Families
) -> RecipeDraft | None:
    """Ask the workspace's models in order; None when there is none or none gives a usable answer."""
    workspace = asked.member.workspace
    offered = {side: relevant(words, side, connected) for side in _SIDES}
    names = [one.name for one in schemas]
    question = Question(
        rules=_RULES + _declarations(offered), content=words[:_LONGEST], schema=_schema(offered, names),
        name="recipe", most_tokens=_ANSWER_TOKENS,
    )  # fmt: skip
    policy = (await asked.services.privacy.show(asked.member)).policy
    for provider in await asked.services.providers.chain.open(workspace):
        if policy.action in _KEPT_BACK and not (provider.is_local and policy.exempt_local):
            continue
        try:
            answer = await _answer(asked, provider, question)
            return _draft(words, msgspec.json.decode(answer, type=_Outline), {one.name for one in schemas})
        except (HubError, msgspec.MsgspecError):
            continue  # words are matched where no model helps
    return None


def relevant(words: str, side: Side, connected: Families) -> list[str]:
    """Return the parts that a model chooses among, as many as fit: what the words may mean, and what takes anything."""
    order = ranked(words, side, connected)
    general = [uses for uses in order[_MOST_MEANT:] if _takes_anything(uses)]
    found: list[str] = []
    room = _LONGEST_LIST
    for uses in list(dict.fromkeys([*order[:_MOST_MEANT], *general, *order]))[:_MOST_PARTS]:
        room -= len(_line(uses))
        if room < 0:
            break
        found.append(uses)
    return found


def _takes_anything(uses: str) -> bool:
    """Tell whether a part stands for no service of its own, such as a webhook, a schedule or a dataset."""
    part = find(uses)
    return part is not None and part.connector.connection_optional and part.connector.category in _GENERAL


async def _answer(asked: Asked, provider: OpenProvider, question: Question) -> str:
    spending, workspace = asked.services.providers.spending, asked.member.workspace
    likely = (len(question.rules) + len(question.content)) // 3
    cost = provider.model.cost(likely, _ANSWER_TOKENS)
    call = await spending.reserve(workspace, provider, likely + _ANSWER_TOKENS, cost)
    used = (0, 0)
    try:
        async with asking(provider, tries=1) as asks:
            said = await asks.ask(question)
        used = (said.input_tokens, said.output_tokens)
    finally:
        await spending.settle(workspace, provider, call, *used)
    if said.failure:
        raise InvalidError(said.failure)
    return said.content.strip().removeprefix("```json").removeprefix("```").removesuffix("```")


def _draft(words: str, outline: _Outline, schemas: set[str]) -> RecipeDraft:
    """Keep of an outline what is declared here; what is not is asked."""
    trigger = _part(outline.trigger, "trigger", outline.trigger_settings)
    target = _part(outline.target, "target", outline.target_settings)
    below = outline.review_below
    schema = outline.schema if outline.schema in schemas else ("" if outline.schema is None else None)
    return RecipeDraft(
        words=words,
        name=outline.name,
        trigger=trigger,
        target=target,
        schema=schema,
        review=below if schema and below is not None and 0 <= below <= 1 else None,
        approve=outline.approve,
    )


def _part(uses: str | None, side: Side, given: Sequence[_Setting]) -> PartDraft:
    if uses not in {part.uses for part in parts_of(side)}:
        return PartDraft()
    draft = PartDraft(uses=uses)
    fields = {field.name: field for field in draft.fields if field.kind not in _NOT_FILLED and not field.record}
    for setting in given:
        if setting.name in fields and setting.value.strip():
            try:
                draft.settings = {**draft.settings, setting.name: value_of(fields[setting.name], setting.value)}
            except InvalidError:
                continue  # it is asked instead
    return draft


def _declarations(offered: Mapping[Side, Sequence[str]]) -> str:
    lines: list[str] = []
    for side, parts in offered.items():
        lines += [f"\n{side.capitalize()}s:", *(_line(uses) for uses in parts)]
    return "\n".join(lines)


def _line(uses: str) -> str:
    part = find(uses)
    if part is None:
        return f"- {uses}"
    names = ", ".join(one.name for one in describe(part.settings) if not one.advanced)
    text = part.text.partition("\n")[0]
    return f"- {uses} ({part.connector.title}): {text[:_LONGEST_TEXT]} Settings: {names[:_LONGEST_TEXT] or 'none'}."


def _schema(offered: Mapping[Side, Sequence[str]], schemas: Sequence[str]) -> Mapping[str, Any]:
    text = {"type": "string"}
    setting = {
        "type": "object", "properties": {"name": text, "value": text}, "required": ["name", "value"],
        "additionalProperties": False,
    }  # fmt: skip
    properties = {
        "name": text,
        "trigger": {"type": ["string", "null"], "enum": [*offered["trigger"], None]},
        "trigger_settings": {"type": "array", "items": setting},
        "schema": {"type": ["string", "null"], "enum": [*schemas, None]},
        "review_below": {"type": ["number", "null"]},
        "approve": {"type": "boolean"},
        "target": {"type": ["string", "null"], "enum": [*offered["target"], None]},
        "target_settings": {"type": "array", "items": setting},
    }
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
