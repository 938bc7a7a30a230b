"""The first-run tour: five steps from what comes in to the first record, each kept and free to be skipped."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from nicegui import ui

from hub.members import Member, Verb
from hub.text import say
from hub.tours import TourChange, TourState
from hub.tours.state import STEPS
from ui.frame import crumbs, page
from ui.home.tour_choices import comes_in, goes_to, which_schema
from ui.home.tour_trial import first_run, try_it
from ui.pieces import button, card, div, heading, link_button, words
from ui.services import Services
from ui.visit import Visit

Draw = Callable[["Tour"], Awaitable[None]]


def create(services: Services) -> None:
    """Serve the page at /tour."""

    @page("/tour", services, "home", say("tour.title"))
    async def tour_page(visit: Visit) -> None:
        visit.opened_by.authorize(Verb.EDIT_RECIPES)
        crumbs((say("nav.home"), "/"), (say("tour.title"), visit.path))
        await Tour(visit).draw()


class Tour:
    """The tour while it is taken; where it stands is kept with the member."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.state = TourState()
        self._turn = asyncio.Lock()

    async def draw(self) -> None:
        """Draw the step at which the member stopped."""
        self.state = await self.visit.services.tours.show(self.visit.opened_by)
        with heading(say("tour.title"), say("tour.sub")):
            link_button(say("tour.later"), "/", "tour-later", kind="quiet")
        self._box = div("pd-stack-wide")
        await self._show()

    async def keep(self, change: TourChange) -> bool:
        """Keep a choice; tells whether it was kept."""

        async def keep(member: Member) -> None:
            self.state = await self.visit.services.tours.change(member, change)

        return await self.visit.try_to(keep)

    async def go(self, step: int) -> None:
        """Go to a step."""
        if await self.keep(TourChange(step=step)):
            await self._show()

    async def _show(self) -> None:
        """Draw a step; who presses twice sees it once."""
        async with self._turn:
            self._box.clear()
            with self._box:
                self._progress()
                with card():
                    words(say(f"tour.step{self.state.step}"), tag="h2").props("tabindex=-1")
                    words(say(f"tour.step{self.state.step}_text"), "pd-soft")
                    await _STEPS[self.state.step](self)
                    if self.state.step < STEPS:
                        self._ways()

    def _progress(self) -> None:
        share = (self.state.step - 1) / (STEPS - 1)
        label = say("tour.progress", step=self.state.step, steps=STEPS)
        with div("pd-stack").style("gap: 8px"):
            words(label, "pd-muted pd-small").mark("tour-progress").props("role=status")
            bar = ui.linear_progress(value=share, show_value=False).props("rounded size=8px")
            bar.props["aria-label"] = label
            with div("pd-line", "ol").style("list-style: none; margin: 0; padding: 0"):
                for number in range(1, STEPS + 1):
                    self._stop(number)

    def _stop(self, number: int) -> None:
        with div(tag="li"):
            step = button(say(f"tour.stop{number}"), f"tour-{number}", self._goes(number), kind="quiet")
            if number == self.state.step:
                step.props["aria-current"] = "step"
                step.classes("pd-strong")
            step.set_enabled(number < STEPS or bool(self.state.recipe))

    def _goes(self, number: int) -> Callable[[], Awaitable[None]]:
        async def go() -> None:
            await self.go(number)

        return go

    def _ways(self) -> None:
        """Draw the ways on and back; a step can be skipped, what is chosen then stands as it is."""
        with div("pd-actions").style("margin-top: 10px"):
            if self.state.step > 1:
                button(say("tour.back"), "tour-back", self._goes(self.state.step - 1), kind="quiet", icon="arrow_back")
            if self.state.step < STEPS - 1:
                button(say("tour.next"), "tour-next", self._goes(self.state.step + 1), kind="primary")
                button(say("tour.skip"), "tour-skip", self._goes(self.state.step + 1), kind="quiet")
            else:
                button(say("tour.publish"), "tour-publish", self._publish, kind="primary", icon="rocket_launch")

    async def _publish(self) -> None:
        async def publish(member: Member) -> None:
            self.state = await self.visit.services.tours.publish(member)

        if await self.visit.try_to(publish, done=say("tour.published")):
            await self._show()


async def _source(tour: Tour) -> None:
    await comes_in(tour.visit, tour.state, tour.keep)


async def _schema(tour: Tour) -> None:
    await which_schema(tour.visit, tour.state, tour.keep)


async def _target(tour: Tour) -> None:
    await goes_to(tour.visit, tour.state, tour.keep)


async def _trial(tour: Tour) -> None:
    await try_it(tour.visit, tour.state, tour.keep)


async def _run(tour: Tour) -> None:
    async def again() -> None:
        async def restart(member: Member) -> None:
            await tour.visit.services.tours.restart(member)
            ui.navigate.to("/tour")

        await tour.visit.try_to(restart)

    async def end() -> None:
        if await tour.keep(TourChange(ended=True)):
            ui.navigate.to("/")

    await first_run(tour.visit, tour.state)
    with div("pd-actions"):
        button(say("tour.end"), "tour-end", end, kind="primary", icon="check")
        button(say("tour.again"), "tour-again", again, kind="quiet")


_STEPS: Mapping[int, Draw] = {1: _source, 2: _schema, 3: _target, 4: _trial, 5: _run}
