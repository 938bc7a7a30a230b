"""One dataset: its rows as a grid that is edited in place, its charts, import and export."""

from __future__ import annotations

from nicegui import ui

from hub.datasets import DatasetSummary, Format
from hub.members import Member, Verb
from hub.text import count, say
from ui.ask import confirm
from ui.datasets.charts import charts
from ui.datasets.grid import Grid
from ui.datasets.importing import import_dialog
from ui.frame import crumbs, page
from ui.pieces import button, heading, round_button, words
from ui.services import Services
from ui.visit import Visit

TABS = ("rows", "charts")
FORMATS = (Format.CSV, Format.XLSX, Format.JSONL, Format.JSON)


def create(services: Services) -> None:
    """Serve the page at /datasets/{dataset}."""

    @page("/datasets/{dataset}", services, "datasets", say("nav.datasets"))
    async def dataset_page(visit: Visit) -> None:
        dataset = await services.datasets.show(visit.opened_by, visit.named("dataset"))
        name = dataset.title or dataset.name
        crumbs((say("nav.datasets"), "/datasets"), (name, visit.path))
        keys = say("datasets.keys", keys=", ".join(dataset.key)) if dataset.key else say("datasets.no_key")
        with heading(name, f"{count('datasets.rows', dataset.rows)} · {keys}", icon="table_chart", tone="accent"):
            _actions(visit, dataset)
        asked = visit.asked("tab")
        with ui.tabs().props("align=left no-caps dense narrow-indicator") as tabs:
            for tab in TABS:
                ui.tab(tab, label=say(f"datasets.tab_{tab}")).mark(f"tab-{tab}").props(f"data-testid=tab-{tab}")
        with ui.tab_panels(tabs, value=asked if asked in TABS else "rows", animated=False).style("overflow: visible"):
            with ui.tab_panel("rows"):
                await Grid(visit, dataset).draw()
            with ui.tab_panel("charts"):
                await charts(visit, dataset)


def _actions(visit: Visit, dataset: DatasetSummary) -> None:
    with button(say("datasets.export"), "export", None, icon="download"), ui.menu():
        for kind in FORMATS:
            with ui.menu_item().mark(f"export-{kind}") as item:
                item.props(
                    f"tag=a href=/api/v1/datasets/{dataset.id}/export?format={kind} download data-testid=export-{kind}"
                )
                words(kind.upper())
    if visit.may(Verb.EDIT_DATASETS):
        button(say("datasets.import"), "import", lambda: import_dialog(visit, dataset), icon="upload")
        with round_button("more_vert", say("recipe.more"), "more"), ui.menu():
            ui.menu_item(say("datasets.delete"), lambda: _delete(visit, dataset)).mark("delete-dataset")


def _delete(visit: Visit, dataset: DatasetSummary) -> None:
    async def remove(member: Member) -> None:
        await visit.services.datasets.remove(member, dataset.id)
        ui.navigate.to("/datasets")

    title = say("datasets.delete")
    confirm(visit, title, say("datasets.delete_text", name=dataset.name, rows=dataset.rows), remove)
