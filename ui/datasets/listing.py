"""The datasets of a workspace, and a new one."""

from __future__ import annotations

from nicegui import ui

from hub.datasets import DatasetSummary, NewDataset
from hub.members import Member, Verb
from hub.text import count, say
from ui.ask import answer_buttons, dialog
from ui.frame import page
from ui.pieces import button, card, div, empty, heading, moment, older, pill, row, symbol, words
from ui.services import Services
from ui.visit import Visit


def create(services: Services) -> None:
    """Serve the page at /datasets."""

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
