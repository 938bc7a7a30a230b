"""What a step's form looks ahead with: choices from services, fields of earlier steps, and what values would give."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from nicegui import ui
from nicegui.element import Element

from connectors.sdk.describe import FieldDescription
from hub.errors import HubError, InvalidError, Problem
from hub.members import Verb
from hub.outages import GONE
from hub.recipes import RecipeDocument
from hub.recipes.choices import Choices, Wanted
from hub.recipes.lists import path_of
from hub.recipes.pictures import PictureView
from hub.runs.previews import KnownFields, Preview, Trial
from hub.text import count, say
from ui.form.around import Around, Mapped, Path
from ui.pieces import button, words
from ui.recipes.mapping import map_same
from ui.recipes.previewed import Line, RowShown
from ui.visit import Visit, sentence_of, tell

PAUSE = 0.35
_STEP = re.compile(r"^spec\.(trigger|steps\[[0-9]+\])\.?")
TREE = ("find", "fields", "absent", "previous", "next", "list", "nothing_found")

Place = Callable[[], Mapping[str, Any]]
Taken = Callable[[str, str], Awaitable[None]]


class Bench(msgspec.Struct, frozen=True, kw_only=True):
    """Whose form it is, and of which recipe."""

    visit: Visit
    recipe: UUID


def at_step(problems: Sequence[Problem]) -> Sequence[Problem]:
    """Return problems with paths that begin at the step, not at the document."""
    return [Problem(_STEP.sub("", one.path), one.message) for one in problems]


class Lookahead(Around):
    """Follows one step's form."""

    asks = True

    def __init__(self, bench: Bench, document: RecipeDocument, step: str, uses: str) -> None:
        super().__init__()
        self._bench = bench
        self.store = self._store if bench.visit.may(Verb.UPLOAD) else None
        self._document = document
        self._step = step
        self._uses = uses
        self._place: Place = dict
        self._lines: dict[int, Line] = {}
        self._row: RowShown | None = None
        self._fields: KnownFields | None = None
        self._tree: Element | None = None
        self._sample = 0
        self._asked = 0
        self._due: ui.timer | None = None
        self.record = ""
        self.taken: Taken | None = None

    def read_with(self, place: Place) -> None:
        """Say how the step is read as it is filled in."""
        self._place = place

    def begin(self, room: Element) -> None:
        """Look for the first time, once the form stands."""
        self._room = room
        with room:
            self._due = ui.timer(0.05, self._look, once=True)

    def clear(self) -> None:
        """Forget the widgets of a form that is drawn anew."""
        self._lines, self._row = {}, None

    async def choices(self, field: FieldDescription) -> Choices:
        """Ask the service, with what has been filled in so far."""
        return await self._bench.visit.services.offers.list(await self._bench.visit.member(), self._wanted(field))

    async def picture(self, field: FieldDescription) -> PictureView:
        """Have the service draw what there is, with what has been filled in so far."""
        return await self._bench.visit.services.pictures.take(await self._bench.visit.member(), self._wanted(field))

    def _wanted(self, field: FieldDescription) -> Wanted:
        place = self._place()
        return Wanted(
            uses=self._uses, field=field.name, connection=place.get("connection"), settings=place.get("with") or {}
        )

    async def _store(self, name: str, media_type: str, content: bytes) -> Mapping[str, Any]:
        """Keep an uploaded file in the workspace."""
        files = self._bench.visit.services.files
        made = await files.store(await self._bench.visit.member(), name, media_type, content)
        return {"file": made.id, "name": made.name, "media_type": made.media_type, "size": made.size}

    def changed(self) -> None:
        """Look again once nobody has typed for a moment."""
        if self._due is not None:
            self._due.cancel()
        if not self._room.is_deleted:
            with self._room:
                self._due = ui.timer(PAUSE, self._look, once=True)

    def takes(self, element: Element, path: Path, title: str) -> None:
        """Let fields be written into a widget, and show below it what it gives."""
        element.classes("pd-takes").props["data-takes"] = element.id
        if self.record and path().startswith(f"with.{self.record}"):
            element.props["data-rowed"] = "1"
        line = Line(path, title, element.id)
        line.draw(self._show_failing)
        self._lines[element.id] = line

    def maps(self, table: Mapped, field: FieldDescription) -> None:
        """Offer to map columns that have the name of a field, and show the row."""
        if not field.record:
            return

        async def same() -> None:
            await self._map_same(table, field)

        button(say("map.same"), "map-same", same, kind="quiet", icon="sync_alt")
        self._row = RowShown(f"with.{field.name}")

    def row(self) -> None:
        """Draw where the written row is shown."""
        if self._row is not None:
            self._row.draw()

    def tree(self) -> None:
        """Draw the fields that can be used."""
        folded = ui.expansion(say("ahead.fields"), icon="data_object", value=True).props("dense")
        with folded.classes("pd-fields-room").mark("fields-room"):
            words(say("ahead.fields_text"), "pd-muted pd-small pd-fields-intro")
            self._tree = ui.element("pd-fields").mark("fields")
            self._tree.on("taken", self._take, args=["detail"])
            self._tree.on("sample", self._turn, args=["detail"])

    async def _map_same(self, table: Mapped, field: FieldDescription) -> None:
        try:
            columns = (await self.choices(field)).choices
        except HubError as error:
            tell(say("map.unloaded", reason=sentence_of(error)))
            return
        if self._fields is None:
            await self._look()
        found = map_same([one.value for one in columns], table.names(), self._fields)
        for column, value in found.items():
            table.add(column, value)
        tell(count("map.same_done", len(found)) if found else say("map.same_none"))
        self.changed()

    async def _take(self, event: Any) -> None:
        detail = event.args["detail"]
        line = self._lines.get(int(detail["target"]))
        if line is not None and self.taken is not None:
            await self.taken(str(detail["within"]), line.path())

    async def _turn(self, event: Any) -> None:
        self._sample += int(event.args["detail"]["by"])
        await self._look()

    async def _show_failing(self, sample: int) -> None:
        self._sample = sample
        await self._look()

    async def _look(self) -> None:
        """Ask what the step gives as it is filled in; an answer to an older question is thrown away."""
        self._asked += 1
        asked = self._asked
        services = self._bench.visit.services
        try:
            place = {name: value for name, value in self._place().items() if name != "title"}
            trial = Trial(step=self._step, place=place, sample=max(self._sample, 0))
            member = await self._bench.visit.member()
            preview, fields = await asyncio.gather(
                services.previews.preview(member, self._bench.recipe, trial, document=self._document),
                services.previews.fields(member, self._bench.recipe, trial, document=self._document),
            )
        except InvalidError as error:
            self.blame(at_step(error.errors))
            return
        except HubError:
            return
        except GONE:
            return  # the page says by itself when the hub is away; the next change looks again
        if asked == self._asked and not self._room.is_deleted:
            self._show(preview, fields)

    def _show(self, preview: Preview, fields: KnownFields) -> None:
        self._fields = fields
        self._sample = min(self._sample, max(len(fields.samples) - 1, 0))
        self._lines = {key: line for key, line in self._lines.items() if line.alive}
        for line in self._lines.values():
            line.show(preview, self._sample)
        if self._row is not None:
            self._row.show(preview, self._sample, self._place())
        self.blame(preview.problems)
        self._show_tree(fields)

    def _show_tree(self, fields: KnownFields) -> None:
        if self._tree is None:
            return
        total = len(fields.samples)
        title = fields.samples[self._sample].title if fields.samples else ""
        told = say("ahead.sample", number=self._sample + 1, total=total, title=title or "–") if total else ""
        sources = [msgspec.to_builtins(one) for one in fields.sources]
        for source in sources:
            key = f"ahead.source_{source['name']}"
            named = {"vars", "item", "row", "element"}
            source["title"] = source["title"] or (say(key) if source["name"] in named else source["name"])
        self._tree.props["content"] = {
            "sources": sources,
            "lists": self._through(),
            "sample": self._sample,
            "samples": total,
            "title": told,
            "say": {name: say(f"ahead.{name}", number="{number}") for name in TREE},
        }
        self._tree.update()

    def _through(self) -> dict[str, Any]:
        """Return the lists that the step goes through, by their path."""
        place = self._place()
        found: dict[str, Any] = {}
        if listed := path_of(place.get("each")):
            found[listed] = {"name": place.get("as") or "element", "rowed": False}
        if listed := path_of((place.get("with") or {}).get("rows")):
            found[listed] = {"name": "row", "rowed": True}
        return found
