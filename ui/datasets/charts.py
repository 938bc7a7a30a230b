"""Charts of a dataset: those that are kept, and one that is put together and looked at before it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import msgspec
from nicegui import ui

from hub.datasets import Chart, DatasetSummary, Figures
from hub.datasets.charts import Measure, Unit
from hub.members import Member, Verb
from hub.text import count, say
from ui.bars import Bar, panel_of
from ui.panel import panel
from ui.pieces import button, card, div, empty, round_button, words
from ui.visit import Visit

UNITS: Sequence[Unit] = get_args(Unit)
MEASURES: Sequence[Measure] = get_args(Measure)
ADDED = ""


async def charts(visit: Visit, dataset: DatasetSummary) -> None:
    """Draw the charts of a dataset, and what another one is made of."""
    kept = list(await visit.services.dataset_charts.list(visit.opened_by, dataset.id))
    if not dataset.columns:
        with card(pad=False):
            empty("bar_chart", say("datasets.no_chart"), say("datasets.no_chart_text"))
        return
    with div("pd-stack-wide"):
        with div("pd-stack-wide"):
            for number, chart in enumerate(kept):
                await _kept(visit, dataset, kept, number, chart)
        with card(say("datasets.new_chart")):
            await _new(visit, dataset, kept)


async def _kept(visit: Visit, dataset: DatasetSummary, kept: Sequence[Chart], number: int, chart: Chart) -> None:
    async def drop(member: Member) -> None:
        await visit.services.dataset_charts.keep(member, dataset.id, [*kept[:number], *kept[number + 1 :]])
        ui.navigate.to(f"{visit.path}?tab=charts")

    with div("pd-card", "section"):
        with div("pd-card-head"):
            words(chart.title or named(chart), tag="h2")
            if visit.may(Verb.EDIT_DATASETS):
                label = say("datasets.drop_chart", name=chart.title or named(chart))
                round_button("close", label, f"drop-chart {number}", visit.does(drop))
        with div("pd-pad"):
            await panel(visit, lambda member: _draw(visit, member, dataset, chart))


async def _draw(visit: Visit, member: Member, dataset: DatasetSummary, chart: Chart) -> None:
    _figures(chart, await visit.services.dataset_charts.figures(member, dataset.id, chart))


def _figures(chart: Chart, found: Figures) -> None:
    if not found.bars:
        words(say("datasets.chart_empty"), "pd-muted")
        return
    bars = [Bar(_label(chart, one.label), one.value) for one in found.bars]
    measure = say(f"datasets.measure_{chart.measure}")
    panel_of(bars, chart.by or say("datasets.added"), measure, chart.title or named(chart),
             in_time=chart.unit != "value")  # fmt: skip
    if found.left:
        words(count("datasets.chart_left", found.left), "pd-muted pd-small")


def named(chart: Chart) -> str:
    """Say what a chart shows."""
    what = say(f"datasets.measure_{chart.measure}")
    what = f"{what}: {chart.of}" if chart.measure != "count" else what
    by = chart.by or say("datasets.added")
    if chart.unit == "value":
        return say("datasets.chart_named", what=what, by=by)
    return say("datasets.chart_over", what=what, by=by, unit=say(f"datasets.unit_{chart.unit}"))


def _label(chart: Chart, label: str) -> str:
    """Shorten a day to the span that it begins."""
    if chart.unit == "year":
        return label[:4]
    if chart.unit == "quarter":
        return f"{label[:4]} Q{(int(label[5:7]) + 2) // 3}"
    return label[:7] if chart.unit == "month" else label


async def _new(visit: Visit, dataset: DatasetSummary, kept: Sequence[Chart]) -> None:
    names = [column.name for column in dataset.columns]
    day = next((column.name for column in dataset.columns if column.type == "date"), "")
    numbers = [column.name for column in dataset.columns if column.type == "number"]
    chosen = {"by": day or names[0], "unit": "month" if day else "value", "measure": "count",
              "of": (numbers or names)[0], "title": ""}  # fmt: skip
    with div("pd-line").style("gap: 12px"):
        _select({**{name: name for name in names}, ADDED: say("datasets.added")}, chosen, "by")
        _select({one: say(f"datasets.unit_{one}") for one in UNITS}, chosen, "unit")
        measure = _select({one: say(f"datasets.measure_{one}") for one in MEASURES}, chosen, "measure")
        of = _select({name: name for name in names}, chosen, "of")
        of.bind_visibility_from(measure, "value", lambda value: value != "count")
    shown = div()

    def chart() -> Chart:
        wanted = {**chosen, "of": "" if chosen["measure"] == "count" else chosen["of"]}
        return msgspec.convert(wanted, Chart)

    async def draw(member: Member) -> None:
        found = await visit.services.dataset_charts.figures(member, dataset.id, chart())
        shown.clear()
        with shown:
            _figures(chart(), found)

    async def keep(member: Member) -> None:
        await visit.services.dataset_charts.keep(member, dataset.id, [*kept, chart()])
        ui.navigate.to(f"{visit.path}?tab=charts")

    with div("pd-actions"):
        button(say("datasets.draw"), "draw-chart", visit.does(draw), icon="bar_chart", kind="primary")
        if visit.may(Verb.EDIT_DATASETS):
            title = ui.input(say("datasets.chart_title")).props("outlined dense").mark("chart-title")
            title.on_value_change(lambda event: chosen.update(title=event.value or ""))
            button(say("datasets.keep_chart"), "keep-chart", visit.does(keep), icon="bookmark_add")


def _select(options: dict[str, str], chosen: dict[str, str], name: str) -> ui.select:
    made = ui.select(options, value=chosen[name], label=say(f"datasets.chart_{name}")).props("outlined dense")
    made.on_value_change(lambda event: chosen.update({name: event.value}))
    made.mark(f"chart-{name}").style("min-width: 170px")
    made.props["data-testid"] = f"chart-{name}"
    return made
