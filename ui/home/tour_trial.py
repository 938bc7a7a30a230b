"""The tour's last two steps: a file is read and its record shown with its places; then the recipe runs for real."""

from __future__ import annotations

from nicegui import ui

from hub.ids import parse
from hub.members import Member
from hub.recipes import from_plain
from hub.runs import ItemDetail
from hub.text import say
from hub.tours import TourChange, TourState
from ui.dropping import Dropping
from ui.extraction.page import name_of, reading_of, schema_of
from ui.extraction.view import ExtractionView
from ui.home.tour_choices import Keep
from ui.live import Live
from ui.pieces import bones, button, card, div, link_button, note, words
from ui.runs.item_view import ENDED, ItemView
from ui.values import table_of
from ui.visit import Visit


async def try_it(visit: Visit, state: TourState, keep: Keep) -> None:
    """Drop a file or take the sample, and see what is read from it and where it stands."""
    offer = await visit.services.tours.offer(visit.opened_by)
    shown = div("pd-stack")

    async def read() -> None:
        shown.clear()
        with shown:
            bones()
        if not await visit.try_to(lambda member: _read(visit, member, shown)):
            shown.clear()

    async def stored(file: str) -> None:
        if await keep(TourChange(file=file)):
            await read()

    async def sample(member: Member) -> None:
        await visit.services.tours.take_sample(member)
        await read()

    Dropping("tour-drop", stored)
    if offer.sample:
        button(say("tour.sample"), "tour-sample", visit.does(sample), icon="description")
    if state.file:
        await read()


async def _read(visit: Visit, member: Member, shown: ui.element) -> None:
    found = await visit.services.tours.try_out(member)
    schema, reading = await schema_of(visit, found.schema.name), await reading_of(visit, found)
    settings = await visit.services.extractions.settings(member, found.id)
    name = await name_of(visit, found) or found.schema.name
    shown.clear()
    with shown:
        with note("ok", "check_circle", say("tour.read"), say("tour.read_text")):
            pass
        view = ExtractionView(visit, found, reading, schema, name=name, settings=settings)
        view.draw(lambda _: None)


async def first_run(visit: Visit, state: TourState) -> None:
    """Show the first item on its way, live, and where its record went."""
    if not state.recipe or not state.item:
        words(say("tour.nothing_ran"), "pd-muted")
        return
    recipe = await visit.services.recipes.show(visit.opened_by, state.recipe)
    await _record(visit, state)
    await ItemView(visit, state.item, from_plain(recipe.document)).draw()
    item = (await visit.services.history.item(visit.opened_by, parse("itm", state.item))).item
    with note("ok", "rocket_launch", say("tour.live"), say(f"tour.live_{state.source}")):
        link_button(say("tour.to_recipe"), f"/recipes/{state.recipe}", "tour-recipe")
        link_button(say("tour.to_canvas"), f"/recipes/{state.recipe}/canvas", "tour-canvas")
        if state.target == "dataset":
            name = state.table or f"{state.schema.replace('_', '-')}s"
            link_button(say("tour.to_rows"), f"/datasets/{name}", "tour-rows", kind="primary")
    if item.state == "waiting_for":
        with note("wait", "fact_check", say("tour.asks"), say("tour.asks_text")):
            link_button(say("home.review"), "/reviews", "tour-review-link")


async def _record(visit: Visit, state: TourState) -> None:
    """Show the record once the item has been delivered."""
    item = parse("itm", state.item)

    async def look() -> ItemDetail:
        return await visit.services.history.item(await visit.member(), item)

    def draw(detail: ItemDetail) -> None:
        read = next((one.output for one in detail.attempts if one.step == "read" and one.state == "done"), None)
        if detail.item.state == "delivered" and isinstance(read, dict):
            with card(say("tour.record")):
                table_of({name: value for name, value in read.items() if not isinstance(value, list)})

    await Live(look, draw, busy=lambda detail: detail.item.state not in ENDED, rings=visit.rings).start()
