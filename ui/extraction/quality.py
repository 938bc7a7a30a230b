"""Quality: how often extractions are right, whether confidence keeps its word, and what was learnt of layouts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, get_args

from nicegui import ui

from hub.extraction.confidence.reliability import Reliability
from hub.extraction.learning.accuracy import AccuracyPoint, Grouping
from hub.extraction.learning.hints import HintProposal
from hub.extraction.learning.layouts import LayoutSummary, LearntPlace
from hub.members import Member, Verb
from hub.text import count, say
from ui.ask import confirm
from ui.charts import Point, line_chart, reliability
from ui.extraction.fields import Fields
from ui.extraction.sureness import engine_words
from ui.frame import page
from ui.pieces import button, card, div, empty, heading, link_button, moment, pill, symbol, words
from ui.services import Services
from ui.values import rows_table
from ui.visit import Visit

TABS = ("accuracy", "confidence", "layouts")
MOST_LINES = 6
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)


def create(services: Services) -> None:
    """Serve the page at /quality."""

    @page("/quality", services, "quality", say("nav.quality"))
    async def quality_page(visit: Visit) -> None:
        with heading(say("nav.quality"), say("quality.sub")):
            pass
        asked = visit.asked("tab")
        with ui.tabs().props("align=left no-caps dense narrow-indicator") as tabs:
            for name in TABS:
                ui.tab(name, label=say(f"quality.{name}")).mark(f"tab-{name}").props(f"data-testid=tab-{name}")
        with ui.tab_panels(tabs, value=asked if asked in TABS else TABS[0], animated=False):
            with ui.tab_panel("accuracy"):
                await _accuracy(visit)
            with ui.tab_panel("confidence"):
                await _confidence(visit)
            with ui.tab_panel("layouts"):
                await _layouts(visit)


def _to_extractions() -> None:
    link_button(say("nav.extractions"), "/extractions", "to-extractions", icon="document_scanner")


async def _accuracy(visit: Visit) -> None:
    schema = visit.asked("schema")
    by = next((one for one in GROUPINGS if one == visit.asked("by")), GROUPINGS[0])
    points = await visit.services.accuracy.over_time(visit.opened_by, schema=schema or None, by=by)
    with div("pd-stack-wide"):
        if not points and not schema:
            with card(pad=False):
                empty("insights", say("quality.none"), say("quality.none_text"), _to_extractions)
            return
        await _choices(visit, schema, by)
        judged, right = sum(one.judged for one in points), sum(one.right for one in points)
        with div("pd-stats"):
            for label, value in (
                (say("quality.right"), f"{right / judged:.1%}" if judged else "–"),
                (say("quality.judged"), f"{judged:,}"),
                (say("quality.missing"), f"{sum(one.missing for one in points):,}"),
            ):
                with div("pd-card pd-stat"):
                    words(value, "pd-stat-value")
                    words(label, "pd-soft pd-small")
        with card(say("quality.over_time")):
            line_chart(_series(points, by), say("quality.over_time"))


async def _choices(visit: Visit, schema: str, by: Grouping) -> None:
    schemas = (await visit.services.schemas.list(visit.opened_by, limit=200)).items
    names = {"": say("extractions.any_schema"), **{one.name: one.title or one.name for one in schemas}}
    groupings = {one: say(f"quality.by_{one}") for one in GROUPINGS}
    with div("pd-line"):
        for options, value, label, address in (
            (names, schema if schema in names else "", say("extractions.filter_schema"), f"/quality?by={by}&schema="),
            (groupings, by, say("quality.by"), f"/quality?schema={schema}&by="),
        ):
            picked = ui.select(options, value=value, label=label)
            picked.on_value_change(lambda event, address=address: ui.navigate.to(f"{address}{event.value}"))
            picked.props("outlined dense options-dense").style("min-width: 170px")


def _series(points: Sequence[AccuracyPoint], by: Grouping) -> dict[str, Sequence[Point]]:
    """Return a line for each of what is compared most often; the names are what people call them."""
    found: dict[str, list[Point]] = {}
    for one in points:
        name = _name(one, by)
        found.setdefault(name, []).append(Point(one.period, one.accuracy, one.judged))
    most = sorted(found, key=lambda name: -sum(point.of for point in found[name]))[:MOST_LINES]
    return {name: found[name] for name in most}


def _name(one: AccuracyPoint, by: Grouping) -> str:
    if by == "version":
        return f"{one.schema} {say('recipe.version', number=one.key)}"
    if by == "engine":
        return engine_words(one.key) if one.key else say("quality.nobody")
    if by == "field":
        return Fields(None).short(one.key)
    return one.key[-6:] if one.key else say("quality.no_layout")


async def _confidence(visit: Visit) -> None:
    report = await visit.services.calibrations.report(visit.opened_by, visit.asked("schema") or None)
    told = report.all
    with div("pd-stack-wide"):
        words(say("quality.confidence_text"), "pd-soft")
        if not told.values:
            with card(pad=False):
                empty("speed", say("quality.none"), say("quality.none_text"), _to_extractions)
            return
        with div("pd-stats"):
            for label, value in (
                (say("quality.expected"), f"{told.expected_errors:,.1f}"),
                (say("quality.seen"), f"{told.seen_errors:,.1f}"),
                (say("quality.judged"), f"{told.values:,}"),
                (say("quality.ece"), f"{told.ece:.1%}"),
                (say("quality.brier"), f"{told.brier:.3f}"),
            ):
                with div("pd-card pd-stat"):
                    words(value, "pd-stat-value")
                    words(label, "pd-soft pd-small")
        with div("pd-two-same"):
            with card(say("quality.diagram")):
                reliability(told.bins, say("quality.diagram_label"))
            with card(say("quality.by_engine")):
                columns = [say("charts.name"), say("charts.of"), say("charts.share"), say("quality.expected")]
                rows_table(columns, [_engine_row(engine, one) for engine, one in report.engines.items()])


def _engine_row(engine: str, one: Reliability) -> list[str]:
    return [engine_words(engine), f"{one.values:,}", f"{one.right:.1%}", f"{one.expected_errors:,.1f}"]


async def _layouts(visit: Visit) -> None:
    found = await visit.services.layouts.list(visit.opened_by, limit=100)
    proposed = await visit.services.hints.list(visit.opened_by)
    with div("pd-stack-wide"):
        if proposed:
            with card(say("quality.hints"), pad=False):
                for one in proposed:
                    _hint(visit, one)
        words(say("quality.layouts_text"), "pd-soft")
        if not found.items:
            with card(pad=False):
                empty("school", say("quality.no_layouts"), say("quality.no_layouts_text"))
        for layout in found.items:
            _layout(visit, layout)


def _hint(visit: Visit, one: HintProposal) -> None:
    """Offer to say in a schema where people found a field again and again."""

    def decides(state: Literal["accepted", "dismissed"]) -> Callable[..., Awaitable[None]]:
        async def decide(member: Member) -> None:
            await visit.services.hints.decide(member, one.id, state)
            ui.navigate.to("/quality?tab=layouts")

        return visit.does(decide)

    with div("pd-row pd-cols-pair"):
        with div("pd-grow"):
            words(say("quality.hint", schema=one.schema, field=Fields(None).title(one.path)), "pd-strong")
            words(f"{one.hint}. {one.why}", "pd-soft pd-small")
        if visit.may(Verb.EDIT_SCHEMAS):
            with div("pd-line pd-tight"):
                button(say("quality.hint_take"), f"take {one.path}", decides("accepted"), icon="check")
                button(say("quality.hint_drop"), f"drop {one.path}", decides("dismissed"), kind="quiet")


def _layout(visit: Visit, one: LayoutSummary) -> None:
    names = Fields(None)

    def forget() -> None:
        async def act(member: Member) -> None:
            await visit.services.layouts.forget(member, one.id)
            ui.navigate.to("/quality?tab=layouts")

        confirm(visit, say("quality.forget"), say("quality.forget_text"), act)

    with card() as body:
        body.mark(f"layout {one.id}").props["id"] = one.id
        with div("pd-line"):
            symbol("school", "plum")
            with div("pd-grow"):
                words(", ".join(one.words[:6]), "pd-strong pd-clip")
                with div("pd-line pd-small pd-muted"):
                    words(one.schema, tag="span")
                    words(count("quality.samples", one.samples), tag="span")
                    moment(one.changed_at)
            if visit.may(Verb.REVIEW):
                button(say("quality.forget"), f"forget {one.id}", forget, kind="quiet", icon="delete")
        with div("pd-line pd-tight"):
            for place in one.places:
                pill(_place(names, place))
            for table in one.tables:
                pill(say("quality.table", table=names.short(table)))


def _place(names: Fields, place: LearntPlace) -> str:
    name = names.title(place.path)
    if place.absent:
        return say("quality.place_absent", field=name)
    return say("quality.place", field=name, relation=place.relation, label=place.label) if place.label else name
