"""A schema suggested by documents: each field with what stands there, kept or left out, and named."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from nicegui import ui

from hub.extraction.schemas.document import build_schema, dump_schema
from hub.extraction.schemas.fields import Field, FieldType, Schema
from hub.extraction.schemas.suggest import SuggestedField, Suggestion
from hub.extraction.schemas.suggestions import SampleDocuments
from hub.files import FileSummary
from hub.members import Member
from hub.text import count, say
from ui.dropping import Dropping
from ui.pieces import button, card, div, pill, round_button, row, symbol, words
from ui.visit import Visit, complain

MOST = 10


class FromDocuments:
    """The page while it is looked at: the documents, and what they suggest."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._files: list[FileSummary] = []

    def draw(self) -> None:
        """Draw where to drop documents, which there are, and what they suggest."""
        with div("pd-stack"):
            self._dropping = Dropping("drop", self._stored, self._offer)
            self._list = div("pd-stack")
            with div("pd-line"):
                self._model = ui.switch(say("schema.ask_model")).mark("ask-model")
                self._go = button(say("schema.suggest"), "suggest", self._suggest, kind="primary", icon="auto_awesome")
            self._told = div("pd-stack").props("role=status")
        self._show()

    async def _stored(self, file: str) -> None:
        async def take(member: Member) -> None:
            kept = await self._visit.services.files.describe(member, file)
            if len(self._files) == MOST:
                complain(say("schema.too_many", most=MOST))
            elif all(one.id != kept.id for one in self._files):
                self._files.append(kept)
            self._show()

        await self._visit.try_to(take)

    def _offer(self) -> None:
        """Let nothing be suggested before all that was dropped has come."""
        self._go.set_visibility(bool(self._files))
        self._go.set_enabled(not self._dropping.coming)

    def _show(self) -> None:
        self._list.clear()
        self._offer()
        self._model.set_visibility(bool(self._files))
        if not self._files:
            return
        with self._list, card(pad=False):
            for one in self._files:
                with row("icon", "", "", ""):
                    symbol("description", "accent")
                    words(one.name, "pd-strong pd-clip")
                    round_button("close", say("schema.leave", name=one.name), f"leave {one.name}", self._leaves(one))

    def _leaves(self, one: FileSummary) -> Callable[[], None]:
        def leave() -> None:
            self._files.remove(one)
            self._show()

        return leave

    async def _suggest(self) -> None:
        """Ask what the documents have in common."""
        self._told.clear()
        with self._told:
            ui.linear_progress(show_value=False).props("indeterminate rounded").props["aria-label"] = say(
                "schema.suggesting"
            )
        found: Suggestion | None = None

        async def suggest(member: Member) -> None:
            nonlocal found
            given = SampleDocuments(files=[one.id for one in self._files], model=bool(self._model.value))
            found = await self._visit.services.suggestions.suggest(member, given)

        await self._visit.try_to(suggest)
        self._told.clear()
        if found:
            with self._told:
                Suggested(self._visit, found).draw()


class Suggested:
    """The suggested fields, chosen and named."""

    def __init__(self, visit: Visit, found: Suggestion) -> None:
        self._visit = visit
        self._found = found
        self._schema = build_schema(found.document)
        self._chosen: list[tuple[ui.checkbox, ui.input]] = []

    def draw(self) -> None:
        """Draw every field with its samples, and what the schema shall be called."""
        documents = self._found.documents
        with card(count("schema.suggested", len(self._schema.spec.fields)), pad=False):
            if self._found.starter:
                words(say("schema.after_starter", name=self._found.starter), "pd-pad pd-soft")
            with div("pd-rows").props("data-testid=suggested"):
                for field in self._schema.spec.fields:
                    self._row(field, documents)
        with card(), div("pd-stack"):
            with div("pd-form-pair"):
                self._name = self._input("about_name", self._schema.name)
                self._title = self._input("about_title", self._schema.metadata.title)
            with div("pd-actions"):
                button(say("schema.store"), "store-schema", self._store, kind="primary", icon="save")

    def _row(self, field: Field, documents: int) -> None:
        title = field.title or field.name
        with div("pd-row pd-cols-suggested").props("data-testid=suggested-field"):
            kept = ui.checkbox(value=True).mark(f"keep {field.name}")
            kept.props["aria-label"] = say("schema.keep", field=title)
            kept.props["data-testid"] = f"keep {field.name}"
            named = ui.input(value=title).props("outlined dense").mark(f"title {field.name}")
            named.props["aria-label"] = say("schema.title")
            named.props["data-testid"] = f"title {field.name}"
            with div("pd-stack").style("gap: 3px"):
                for one in self._why(field):
                    with div("pd-line pd-tight"):
                        pill(say(f"schemas.type_{one.type}"))
                        if field.type in {FieldType.OBJECT, FieldType.TABLE}:
                            words(one.path, "pd-mono pd-muted", "span")
                        words(_seen(one, documents), "pd-muted pd-small", "span")
                    words(" · ".join(one.samples), "pd-soft pd-small pd-mono")
            self._chosen.append((kept, named))

    def _why(self, field: Field) -> list[SuggestedField]:
        """Return why a field is suggested; a group is by what is in it."""
        mine = [one for one in self._found.fields if one.path.split(".")[0].split("[")[0] == field.name]
        return mine or [SuggestedField(path=field.name, type=field.type)]

    def _input(self, name: str, value: str) -> ui.input:
        made = ui.input(say(f"schema.{name}"), value=value).props("outlined dense").style("width: 100%")
        made.props["hint"] = say(f"schema.{name}_hint")
        made.props["data-testid"] = name.replace("_", "-")
        return made.mark(name.replace("_", "-"))

    async def _store(self) -> None:
        """Store what was chosen as version 1."""

        async def store(member: Member) -> None:
            made = await self._visit.services.schemas.create(member, dump_schema(self._chosen_schema()))
            ui.navigate.to(f"/schemas/{made.id}")

        await self._visit.try_to(store)

    def _chosen_schema(self) -> Schema:
        """Return the schema of what is checked; rules about what was left out go with it."""
        kept = [
            msgspec.structs.replace(field, title=str(title.value or "").strip())
            for field, (check, title) in zip(self._schema.spec.fields, self._chosen, strict=True)
            if check.value
        ]
        names = {field.name for field in kept}

        def there(*paths: str) -> bool:
            return all(path.split(".")[0].split("[")[0] in names for path in paths)

        spec = msgspec.structs.replace(
            self._schema.spec,
            fields=tuple(kept),
            sums=tuple(one for one in self._schema.spec.sums if there(*one.parts, *one.equals)),
            orders=tuple(one for one in self._schema.spec.orders if there(one.first, one.then)),
        )
        metadata = msgspec.structs.replace(
            self._schema.metadata, name=str(self._name.value or "").strip(), title=str(self._title.value or "").strip()
        )
        return msgspec.structs.replace(self._schema, metadata=metadata, spec=spec)


def _seen(one: SuggestedField, documents: int) -> str:
    return say("schema.seen", number=one.documents, documents=documents) if one.documents else say("schema.by_model")
