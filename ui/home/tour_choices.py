"""The tour's first three steps: what comes in, what is read from it, where the record goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, get_args

from nicegui import events, ui

from hub.text import say
from hub.tours import TourChange, TourState
from hub.tours.state import Source, Target
from ui.pieces import div, link_button, note, symbol, words
from ui.visit import Visit

Keep = Callable[[TourChange], Awaitable[bool]]

ICONS = {
    "manual": "upload_file", "folder": "folder_open", "webhook": "webhook", "email": "mail",
    "dataset": "table_chart", "spreadsheet": "grid_on",
}  # fmt: skip
MOST_SCHEMAS = 200


async def comes_in(visit: Visit, state: TourState, keep: Keep) -> None:
    """Choose where documents come from, and what that needs."""
    offer = await visit.services.tours.offer(visit.opened_by)

    async def chosen(value: str) -> None:
        await keep(TourChange(source=next(one for one in get_args(Source) if one == value)))
        below.refresh(value)

    _choices("source", get_args(Source), state.source, chosen)

    @ui.refreshable
    def below(source: str) -> None:
        if source == "folder":
            _directory(offer.directories, state.directory, lambda value: keep(TourChange(directory=value)))
        elif source == "email":
            _mailbox(offer.mailboxes, state.connection, keep)
        elif source == "webhook":
            words(say("tour.webhook_text"), "pd-muted")

    below(state.source)


async def which_schema(visit: Visit, state: TourState, keep: Keep) -> None:
    """Choose the fields that are read."""
    schemas = (await visit.services.schemas.list(visit.opened_by, limit=MOST_SCHEMAS)).items
    names = {one.name: one.title or one.name for one in schemas}

    async def chosen(event: events.ValueChangeEventArguments[Any]) -> None:
        await keep(TourChange(schema=str(event.value)))

    value = state.schema if state.schema in names else next(iter(names))
    made = ui.select(names, value=value, label=say("tour.schema"), on_change=chosen, with_input=len(names) > 8)
    made.props("outlined data-testid=tour-schema").mark("tour-schema").style("max-width: 420px")
    link_button(say("tour.own_schema"), "/schemas/new", "tour-own-schema", kind="quiet", icon="add")


async def goes_to(visit: Visit, state: TourState, keep: Keep) -> None:
    """Choose where records are written, and whether a person is asked when a value is unsure."""
    offer = await visit.services.tours.offer(visit.opened_by)

    async def chosen(value: str) -> None:
        await keep(TourChange(target=next(one for one in get_args(Target) if one == value)))
        below.refresh(value)

    _choices("target", get_args(Target), state.target, chosen)

    async def named(event: events.ValueChangeEventArguments[Any]) -> None:
        await keep(TourChange(table=str(event.value or "")))

    @ui.refreshable
    def below(target: str) -> None:
        made = ui.input(say(f"tour.{target}_name"), value=state.table or f"{state.schema.replace('_', '-')}s")
        made.props("outlined debounce=300 data-testid=tour-table").mark("tour-table").style("max-width: 420px")
        made.on_value_change(named)
        if target == "spreadsheet":
            _directory(offer.directories, state.place, lambda value: keep(TourChange(place=value)))

    below(state.target)

    async def asked(event: events.ValueChangeEventArguments[Any]) -> None:
        await keep(TourChange(review=bool(event.value)))

    ui.switch(say("tour.review"), value=state.review, on_change=asked).mark("tour-review")
    words(say("tour.review_text"), "pd-muted pd-small")


def _choices(name: str, values: Sequence[str], current: str, chosen: Callable[[str], Awaitable[None]]) -> None:
    """Draw big choices of which one holds; the browser's own radio buttons, so that keys work as everywhere."""
    with div("pd-picks", "fieldset"):
        words(say(f"tour.{name}"), "pd-sr", "legend")
        for value in values:
            with div("pd-card pd-pick", "label"):
                box = ui.element("input").props(f"type=radio name=tour-{name}").mark(f"tour-{name}-{value}")
                box.props["data-testid"] = f"tour-{name}-{value}"
                if value == current:
                    box.props("checked")
                box.on("change", lambda value=value: chosen(value))
                symbol(ICONS[value], "accent")
                with div("pd-grow"):
                    words(say(f"tour.{name}_{value}"), "pd-strong")
                    words(say(f"tour.{name}_{value}_text"), "pd-soft pd-small")


def _directory(directories: Sequence[str], current: str, keep: Callable[[str], Awaitable[bool]]) -> None:
    """Choose a directory that the operator allows; say what to do where there is none."""
    if not directories:
        with note("wait", "folder_off", say("tour.no_directory"), say("tour.no_directory_text")):
            pass
        return

    async def chosen(event: events.ValueChangeEventArguments[Any]) -> None:
        await keep(str(event.value or ""))

    made = ui.select(
        list(dict.fromkeys([*directories, *([current] if current else [])])), value=current or None,
        label=say("tour.directory"), on_change=chosen, new_value_mode="add-unique", with_input=True,
    )  # fmt: skip
    made.props("outlined data-testid=tour-directory").mark("tour-directory").style("max-width: 420px")
    made.props["hint"] = say("tour.directory_hint")


def _mailbox(mailboxes: Sequence[str], current: str, keep: Keep) -> None:
    async def chosen(event: events.ValueChangeEventArguments[Any]) -> None:
        await keep(TourChange(connection=str(event.value or "")))

    if mailboxes:
        made = ui.select(list(mailboxes), value=current if current in mailboxes else None, label=say("tour.mailbox"),
                         on_change=chosen)  # fmt: skip
        made.props("outlined data-testid=tour-mailbox").mark("tour-mailbox").style("max-width: 420px")
    else:
        with note("wait", "mail", say("tour.no_mailbox"), say("tour.no_mailbox_text")):
            link_button(say("tour.connect_mailbox"), "/connections/new/email", "tour-connect", kind="primary")
