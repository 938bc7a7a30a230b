"""Volumes over time: four small charts over one axis, and the figures as a table."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from hub.members import Member
from hub.runs.volumes import Span, VolumePoint
from hub.text import say
from ui.bars import Bar, number_of, upright
from ui.charts import table
from ui.live import Live
from ui.pieces import div, words
from ui.visit import Visit

SMALL = (460, 150)
KINDS = (("items", "accent"), ("records", "ok"), ("extractions", "plum"), ("failures", "bad"))


async def volumes(visit: Visit, _: Member) -> None:
    """Draw what came in and went out; the span is chosen above, and followed as it goes on."""
    chosen = [Span.WEEK]

    async def look() -> Sequence[VolumePoint]:
        return await visit.services.volumes.show(await visit.member(), chosen[0])

    async def choose() -> None:
        chosen[0] = Span(str(switch.value))
        await visit.try_to(lambda _: live.refresh())

    spans = {one.value: say(f"volumes.{one.value}") for one in Span}
    switch = ui.toggle(spans, value=chosen[0].value, on_change=choose)
    switch.props(
        "dense no-caps unelevated padding='2px 12px' size=sm toggle-color=chosen toggle-text-color=chosen"
    ).mark("volumes-span").props("data-testid=volumes-span").style("margin-bottom: 14px")
    live = Live(look, lambda points: _draw(chosen[0], points))
    await live.start()


def _draw(span: Span, points: Sequence[VolumePoint]) -> None:
    labels = [f"{one.at:%H:%M}" if span is Span.DAY else f"{one.at:%d %b}" for one in points]
    with div("pd-volumes"):
        for name, colour in KINDS:
            values = [getattr(one, name) for one in points]
            with div("pd-stack").style("gap: 2px"):
                words(say(f"volumes.{name}"), "pd-soft pd-small")
                words(number_of(sum(values)), "pd-stat-value")
                bars = [Bar(label, value) for label, value in zip(labels, values, strict=True)]
                upright(bars, say("volumes.label", what=say(f"volumes.{name}"), total=number_of(sum(values))),
                        colour=colour, size=SMALL)  # fmt: skip
    names = [name for name, _ in KINDS]
    rows = [
        [label, *(number_of(getattr(one, name)) for name in names)] for label, one in zip(labels, points, strict=True)
    ]
    table([say("volumes.when"), *(say(f"volumes.{name}") for name in names)], rows)
