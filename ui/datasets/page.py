"""Datasets: tables in the hub, with a filter, a row's history, import and export."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from nicegui import events, ui

from hub.datasets import DatasetRecord, DatasetSummary, Format, NewDataset, RowRevision
from hub.errors import InvalidError
from hub.members import Member, Verb
from hub.text import count, say
from ui.ask import answer_buttons, confirm, dialog
from ui.frame import crumbs, page
from ui.pieces import (
    button,
    card,
    div,
    empty,
    heading,
    moment,
    older,
    pill,
    round_button,
    row,
    state,
    symbol,
    words,
)
from ui.services import Services
from ui.values import brief
from ui.visit import Visit, tell

PAGE = 50
LARGEST = 50 * 1024 * 1024
REVISION_STATES = {"insert": "add", "update": "change", "delete": "remove"}


def create(services: Services) -> None:
    """Serve the pages at /datasets and /datasets/{dataset}."""

    @page("/datasets", services, "datasets", say("nav.datasets"))
    async def datasets_page(visit: Visit) -> None:
        found = await services.datasets.list(visit.opened_by, cursor=visit.asked("cursor") or None)
        with heading(say("nav.datasets"), say("datasets.sub")):
            if visit.may(Verb.EDIT_DATASETS):
                button(say("datasets.new"), "new-dataset", lambda: _new(visit), kind="primary", icon="add")
        with card(pad=False):
            if not found.items:
                empty("table_chart", say("datasets.none"), say("datasets.none_text"))
                return
            for dataset in found.items:
                _row(dataset)
            older(found.cursor, "/datasets")

    @page("/datasets/{dataset}", services, "datasets", say("nav.datasets"))
    async def dataset_page(visit: Visit) -> None:
        dataset = await services.datasets.show(visit.opened_by, visit.named("dataset"))
        name = dataset.title or dataset.name
        crumbs((say("nav.datasets"), "/datasets"), (name, visit.path))
        keys = say("datasets.keys", keys=", ".join(dataset.key)) if dataset.key else say("datasets.no_key")
        with heading(name, f"{count('datasets.rows', dataset.rows)} · {keys}", icon="table_chart", tone="accent"):
            _actions(visit, dataset)
        await _records(visit, dataset)


def _row(dataset: DatasetSummary) -> None:
    with row("data", f"/datasets/{dataset.id}", dataset.name, f"dataset {dataset.name}"):
        symbol("table_chart", "accent")
        with div("pd-grow"):
            words(dataset.title or dataset.name, "pd-strong pd-clip")
            words(", ".join(column.name for column in dataset.columns), "pd-muted pd-small pd-clip")
        with div("pd-wide"):
            for key in dataset.key:
                pill(key)
        words(count("datasets.rows", dataset.rows), "pd-soft pd-number")
        with div("pd-stay pd-wide"):
            moment(dataset.changed_at or dataset.created_at)


def _new(visit: Visit) -> None:
    with dialog(say("datasets.new"), say("datasets.new_text")) as opened:
        name = ui.input(say("datasets.name")).props("outlined").mark("dataset-name").style("width: 100%")
        keys = ui.input(say("datasets.key_columns")).props("outlined").mark("dataset-key").style("width: 100%")
        keys.props["hint"] = say("datasets.key_hint")

        async def make(member: Member) -> None:
            key = [one.strip() for one in keys.value.split(",") if one.strip()]
            made = await visit.services.datasets.create(member, NewDataset(name=name.value, key=key))
            ui.navigate.to(f"/datasets/{made.id}")

        answer_buttons(opened, say("datasets.make"), visit.does(make))


def _actions(visit: Visit, dataset: DatasetSummary) -> None:
    with button(say("datasets.export"), "export", None, icon="download"), ui.menu():
        for kind in (Format.CSV, Format.XLSX, Format.JSONL, Format.JSON):
            with ui.menu_item().mark(f"export-{kind}") as item:
                item.props(
                    f"tag=a href=/api/v1/datasets/{dataset.id}/export?format={kind} download data-testid=export-{kind}"
                )
                words(kind.upper())
    if visit.may(Verb.EDIT_DATASETS):
        button(say("datasets.import"), "import", lambda: _import(visit, dataset), icon="upload")
        with round_button("more_vert", say("recipe.more"), "more"), ui.menu():
            ui.menu_item(say("datasets.delete"), lambda: _delete(visit, dataset)).mark("delete-dataset")


def _import(visit: Visit, dataset: DatasetSummary) -> None:
    with dialog(say("datasets.import"), say("datasets.import_text")) as opened:

        async def taken(event: events.UploadEventArguments) -> None:
            content, suffix = await event.file.read(), event.file.name.rpartition(".")[2].lower()

            async def write(member: Member) -> None:
                if suffix not in set(Format):
                    raise InvalidError(say("datasets.bad_file"))
                done = await visit.services.datasets.import_rows(member, dataset.id, content, Format(suffix))
                opened.close()
                tell(say("datasets.imported", added=done.added, changed=done.changed))
                ui.navigate.reload()

            await visit.try_to(write)

        ui.upload(on_upload=taken, auto_upload=True, max_file_size=LARGEST, label=say("sample.drop")).props(
            "flat"
        ).mark("file")


def _delete(visit: Visit, dataset: DatasetSummary) -> None:
    async def remove(member: Member) -> None:
        await visit.services.datasets.remove(member, dataset.id)
        ui.navigate.to("/datasets")

    title = say("datasets.delete")
    confirm(visit, title, say("datasets.delete_text", name=dataset.name, rows=dataset.rows), remove)


async def _records(visit: Visit, dataset: DatasetSummary) -> None:
    search, cursor = visit.asked("q"), visit.asked("cursor") or None
    found = await visit.services.datasets.records(visit.opened_by, dataset.id, limit=PAGE, cursor=cursor, search=search)
    _search(visit, search)
    with card(pad=False):
        if not found.items:
            if search:
                empty("search_off", say("datasets.no_match"), say("datasets.no_match_text"))
            else:
                empty("table_rows", say("datasets.empty"), say("datasets.empty_text", name=dataset.name))
            return
        _table(visit, dataset, list(found.items))
        older(found.cursor, f"{visit.path}?q={quote(search)}" if search else visit.path)


def _search(visit: Visit, search: str) -> None:
    field = ui.input(label=say("datasets.search"), value=search).props("outlined dense clearable").mark("search")
    field.props["hint"] = say("datasets.search_hint")
    field.on("keydown.enter", lambda: ui.navigate.to(f"{visit.path}?q={quote(field.value or '')}"))
    field.on("clear", lambda: ui.navigate.to(visit.path)).style("max-width: 380px; margin-bottom: 18px")


def _table(visit: Visit, dataset: DatasetSummary, records: list[DatasetRecord]) -> None:
    """Draw the rows; the browser sets every cell as text."""
    names = [column.name for column in dataset.columns]
    columns: list[dict[str, Any]] = [
        {"name": f"c{number}", "label": name, "field": f"c{number}", "align": "left", "sortable": True}
        for number, name in enumerate(names)
    ]
    columns.append({"name": "changed", "label": say("datasets.changed"), "field": "changed", "align": "left"})
    rows = [
        {f"c{number}": brief(record.values.get(name), 160) for number, name in enumerate(names)}
        | {"id": record.id, "changed": f"{record.changed_at:%Y-%m-%d %H:%M}"}
        for record in records
    ]
    by_id = {record.id: record for record in records}

    async def look(event: events.GenericEventArguments) -> None:
        record = by_id[event.args[1]["id"]]

        async def show(member: Member) -> None:
            revisions = await visit.services.datasets.history(member, dataset.id, record.id)
            with dialog(say("datasets.history"), say("datasets.history_text")):
                for revision in revisions:
                    _revision(revision)

        await visit.try_to(show)

    table = ui.table(columns=columns, rows=rows, row_key="id").props("flat dense").mark("records").style("width: 100%")
    table.props["data-testid"] = "records"
    table.on("rowClick", look, [[], ["id"], None])


def _revision(revision: RowRevision) -> None:
    with div("pd-stack").style("gap: 6px; border-top: 1px solid var(--line); padding-top: 10px"):
        with div("pd-line"):
            pill(say("datasets.revision", number=revision.revision))
            state(REVISION_STATES.get(revision.kind, revision.kind))
            moment(revision.at)
            if revision.item:
                target = f"/items/{revision.item}"
                ui.link(say("datasets.source", step=revision.step or ""), target).classes("pd-small").mark(
                    f"source {revision.item}"
                )
        before, after = revision.before or {}, revision.after or {}
        for name in dict.fromkeys([*before, *after]):
            if before.get(name) != after.get(name):
                with div("pd-line"):
                    words(name, "pd-muted pd-small", "span")
                    if name in before:
                        words(brief(before[name], 200), "pd-old", "span")
                    if name in after:
                        words(brief(after[name], 200), "pd-new", "span")
