"""An import: choose a file, look at what it holds, lead its columns to those of the dataset, then write."""

from __future__ import annotations

from typing import Any

from nicegui import events, ui

from hub.datasets import DatasetSummary, FileColumn, Format, ImportedColumn, ImportPreview, Source, WriteMode
from hub.errors import InvalidError
from hub.members import Member
from hub.text import count, say
from ui.ask import answer_buttons, dialog
from ui.datasets.adding import TYPES
from ui.pieces import div, file_field, note, words
from ui.values import brief
from ui.visit import Visit, tell

LARGEST = 100 * 1024 * 1024
LEFT_OUT = "*leave out*"
NEW = "*new*"
MOST_TOLD = 20
ENDINGS = {**{one.value: one for one in Format}, "xlsm": Format.XLSX, "ndjson": Format.JSONL, "txt": Format.CSV}


def import_dialog(visit: Visit, dataset: DatasetSummary) -> None:
    """Ask for a file and take it in."""
    with dialog(say("datasets.import"), say("datasets.import_text")) as opened:
        opened.props("persistent")
        body = div("pd-stack").style("min-width: min(680px, 80vw)")
        with body:
            file_field(say("datasets.choose_file"), lambda event: _Import(visit, dataset, opened, body).take(event),
                       mark="file", most=LARGEST)  # fmt: skip


class _Import:
    """One file on its way in."""

    def __init__(self, visit: Visit, dataset: DatasetSummary, opened: ui.dialog, body: ui.element) -> None:
        self._visit = visit
        self._dataset = dataset
        self._opened = opened
        self._body = body
        self._targets: dict[str, ui.select] = {}
        self._types: dict[str, ui.select] = {}

    async def take(self, event: events.UploadEventArguments) -> None:
        """Read the file and show what it holds."""
        ending = event.file.name.rpartition(".")[2].lower()
        content = await event.file.read()

        async def look(member: Member) -> None:
            if ending not in ENDINGS:
                raise InvalidError(say("datasets.bad_file"))
            self._source = Source(content=content, kind=ENDINGS[ending])
            self._show(await self._visit.services.datasets.preview(member, self._dataset.id, self._source))

        await self._visit.try_to(look)

    def _show(self, preview: ImportPreview) -> None:
        self._body.clear()
        with self._body:
            words(count("datasets.file_rows", preview.rows), "pd-soft")
            if len(preview.sheets) > 1:
                self._sheets(preview)
            with div("pd-grid-table pd-scroll").props("tabindex=0"), div(tag="table"):
                with div(tag="thead"), div(tag="tr"):
                    for name in ("in_file", "values", "goes_to", "holds"):
                        words(say(f"datasets.{name}"), tag="th")
                with div(tag="tbody"):
                    for column in preview.columns:
                        self._column(column)
            modes = {one.value: say(f"datasets.mode_{one.value}") for one in WriteMode}
            usual = WriteMode.UPSERT if self._dataset.key else WriteMode.INSERT
            if self._dataset.key:
                self._mode = ui.radio(modes, value=usual.value).mark("import-mode")
            else:
                self._mode = ui.radio({usual.value: modes[usual.value]}, value=usual.value).mark("import-mode")
            answer_buttons(self._opened, say("datasets.import"), self._visit.does(self._write))

    def _sheets(self, preview: ImportPreview) -> None:
        async def other(event: events.ValueChangeEventArguments[Any]) -> None:
            async def look(member: Member) -> None:
                self._source = Source(content=self._source.content, kind=self._source.kind, sheet=str(event.value))
                self._show(await self._visit.services.datasets.preview(member, self._dataset.id, self._source))

            await self._visit.try_to(look)

        chosen = self._source.sheet or preview.sheets[0]
        ui.select(list(preview.sheets), value=chosen, label=say("datasets.sheet"), on_change=other).props("outlined")

    def _column(self, column: FileColumn) -> None:
        known = {one.name: one.name for one in self._dataset.columns}
        fresh = {} if column.to in known else {NEW: say("datasets.new_column", name=column.to)}
        with div(tag="tr"):
            words(column.name, "pd-strong", "td")
            words(", ".join(brief(value, 30) for value in column.values), "pd-muted pd-small", "td")
            with div(tag="td"):
                target = ui.select({**fresh, **known, LEFT_OUT: say("datasets.leave_out")},
                                   value=column.to if column.to in known else NEW)  # fmt: skip
                target.props("outlined dense options-dense").style("min-width: 150px").mark(f"to {column.name}")
                target.props["aria-label"] = say("datasets.goes_to_of", name=column.name)
                target.props["data-testid"] = f"to {column.name}"
                self._targets[column.name] = target
            with div(tag="td"):
                kind = ui.select({one: say(f"datasets.type_{one}") for one in TYPES}, value=column.type)
                kind.props("outlined dense options-dense").style("min-width: 110px").mark(f"type {column.name}")
                kind.props["aria-label"] = say("datasets.holds_of", name=column.name)
                kind.bind_visibility_from(target, "value", lambda chosen: chosen == NEW)
                self._types[column.name] = kind

    def _columns(self) -> dict[str, ImportedColumn]:
        """Return where columns go; one that is there already keeps its type."""
        types = {one.name: one.type for one in self._dataset.columns}
        found = {}
        for name, target in self._targets.items():
            if target.value == NEW:
                found[name] = ImportedColumn(to=name.strip(), type=str(self._types[name].value))
            elif target.value != LEFT_OUT:
                found[name] = ImportedColumn(to=str(target.value), type=types[str(target.value)])
        return found

    async def _write(self, member: Member) -> None:
        source = Source(
            content=self._source.content, kind=self._source.kind, sheet=self._source.sheet, columns=self._columns()
        )
        mode = WriteMode(str(self._mode.value))
        done = await self._visit.services.datasets.import_rows(member, self._dataset.id, source, mode=mode)
        told = say("datasets.imported", added=done.added, changed=done.changed)
        tell(told)
        if not done.problems:
            self._opened.close()
            ui.navigate.to(self._visit.path)
            return
        self._body.clear()
        with self._body:
            with note("wait", "rule", told, count("datasets.import_problems", len(done.problems))):
                pass
            with div("pd-stack pd-scroll"):
                for one in done.problems[:MOST_TOLD]:
                    words(f"{one.path}: {one.message}", "pd-small")
            answer_buttons(self._opened, say("datasets.look_at_rows"), self._look)

    async def _look(self) -> None:
        ui.navigate.to(self._visit.path)
