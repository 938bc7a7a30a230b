"""A recipe on its way from words to document: what is known of it, and what it looks like as a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.sdk.declare import Target, Trigger
from connectors.sdk.describe import FieldDescription, describe
from connectors.sdk.registry import find
from hub.recipes import RecipeDocument, from_plain

# What of a trigger's output is a document, the surest first
_DOCUMENTS = ("attachments", "file", "content", "html", "text", "body", "summary", "after")


class PartDraft(msgspec.Struct, kw_only=True):
    """A trigger or a target: which one, its connection, its settings; `skipped` are those nobody wants to fill in."""

    uses: str | None = None
    connection: str | None = None
    settings: dict[str, Any] = {}
    skipped: list[str] = []

    @property
    def part(self) -> Trigger | Target | None:
        """The declaration behind it."""
        found = find(self.uses) if self.uses else None
        return found if isinstance(found, (Trigger, Target)) else None

    @property
    def fields(self) -> Sequence[FieldDescription]:
        """Its settings as a form would ask for them."""
        return describe(self.part.settings) if self.part else ()


class RecipeDraft(msgspec.Struct, kw_only=True):
    """What is known so far; `asking` names the question that is open, `answered` those before it.

    `schema` is None while it is not known and empty when nothing is extracted; `review` is the confidence below which
    a person looks; `likely` are parts that the words may mean when they are not clear; `within` is the way through
    categories and services to the part that is being chosen; `offered` are values of the open question by their labels.
    """

    words: str
    name: str
    trigger: PartDraft
    target: PartDraft
    schema: str | None = ""
    columns: dict[str, str] = {}
    review: float | None = None
    approve: bool = False
    likely: dict[str, list[str]] = {}
    asking: str = ""
    answered: list[str] = []
    within: list[str] = []
    offered: dict[str, str] = {}

    def document(self) -> RecipeDocument:
        """Return the document as far as it is known."""
        trigger = {"uses": self.trigger.uses, **_given(self.trigger, {})}
        spec = {"trigger": trigger, "steps": self._steps()}
        metadata = {"name": self.name, "title": self.words[:100].strip().capitalize(), "labels": ["drafted in chat"]}
        return from_plain({"apiVersion": "patchdeck/v1", "kind": "Recipe", "metadata": metadata, "spec": spec})

    def _steps(self) -> list[dict[str, Any]]:
        steps: list[dict[str, Any]] = []
        if self.schema:
            source = {"schema": self.schema, "source": source_of(self.trigger)}
            steps.append({"id": "read", "uses": "extract", "with": source})
        if self.schema and self.review is not None:
            steps.append({"id": "check", "uses": "review", "with": {"below": self.review}})
        if self.approve:
            steps.append({"id": "ask", "uses": "approve", "with": {"question": "Go on with {{ item.title }}?"}})
        if self.target.uses:
            record = {one.name: self.columns for one in self.target.fields if one.record}
            steps.append({"id": "write", "uses": self.target.uses, **_given(self.target, record)})
        return steps


def source_of(trigger: PartDraft) -> str:
    """Return the template of what a trigger brings to extract from, by what its words say it gives."""
    given = outputs_of(trigger)
    name = next((one for one in _DOCUMENTS if one in given), None)
    return f"{{{{ trigger.{name} }}}}" if name else "{{ trigger }}"


def outputs_of(trigger: PartDraft) -> list[str]:
    """Return the names that a trigger's words say it gives."""
    return list(trigger.part.gives) if trigger.part else []


def columns_of(fields: Sequence[Mapping[str, Any]], prefix: str = "") -> dict[str, str]:
    """Return a column for each plain field of a schema, those of groups with the group's name in front."""
    columns: dict[str, str] = {}
    for one in fields:
        path = f"{prefix}{one['name']}"
        if one.get("type") == "object":
            columns |= columns_of(one.get("fields", ()), f"{path}.")
        elif one.get("type") != "table" and not one.get("many"):
            columns[path.replace(".", "_")] = f"{{{{ read.{path} }}}}"
    return columns


def _given(draft: PartDraft, record: Mapping[str, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {"connection": draft.connection} if draft.connection else {}
    settings = {**draft.settings, **{name: value for name, value in record.items() if value}}
    return given | ({"with": settings} if settings else {})
