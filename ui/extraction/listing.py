"""The history of extractions: narrowed, searched, compared, taken along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from nicegui import events, ui

from hub.errors import InvalidError
from hub.extraction.history import ExtractionSummary, Selection
from hub.members import Member, Verb
from hub.text import count, say
from ui.ask import confirm
from ui.extraction.sureness import sureness
from ui.frame import page
from ui.pieces import button, card, div, empty, heading, link_button, moment, older, pill, row, state, symbol, words
from ui.services import Services
from ui.visit import Visit, complain

PAGE = 40
PERIODS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
CHOICES = ("schema", "since", "status", "engine", "verdict", "tag")
ENGINES = ("auto", "local", "llm")
STATES = ("done", "failed", "preview")
VERDICTS = ("correct", "incorrect", "none")


def create(services: Services) -> None:
    """Serve the page at /extractions."""

    @page("/extractions", services, "extractions", say("nav.extractions"))
    async def extractions_page(visit: Visit) -> None:
        found = await services.extractions.list(visit.opened_by, _wanted(visit))
        with heading(say("nav.extractions"), say("extractions.sub")):
            link_button(say("batches.title"), "/batches", "to-batches", kind="quiet", icon="layers")
            if found.items:
                target = f"/api/v1/extractions/export.csv?{urlencode(_exported(visit))}"
                link_button(say("extractions.csv"), target, "export-csv", icon="download")
            if visit.may(Verb.EXTRACT):
                _new_button()
        if not found.items and not _asked(visit) and not visit.asked("cursor"):
            with card(pad=False):
                actions = _new_button if visit.may(Verb.EXTRACT) else None
                empty("document_scanner", say("extractions.none"), say("extractions.none_text"), actions)
            return
        await _filters(visit)
        if not found.items:
            with card(pad=False):
                empty("filter_alt_off", say("runs.no_match"), say("extractions.no_match_text"), _clear)
            return
        _list(visit, found.items)
        older(found.cursor, f"/extractions?{urlencode(_asked(visit))}")


def _new_button() -> None:
    link_button(say("extractions.try"), "/extractions/new", "try-extraction", kind="primary", icon="upload_file")


def _list(visit: Visit, items: Sequence[ExtractionSummary]) -> None:
    """Draw the list; what is ticked can be compared or deleted."""
    ticked: dict[str, None] = {}

    def tick(identity: str, event: events.ValueChangeEventArguments[Any]) -> None:
        ticked.pop(identity, None)
        if event.value:
            ticked[identity] = None
        chosen.set_visibility(bool(ticked))
        told.set_text(count("extractions.ticked", len(ticked)))

    def compare() -> None:
        if len(ticked) != 2:
            complain(say("extractions.tick_two"))
            return
        first, second = ticked
        ui.navigate.to(f"/extractions/compare?first={first}&second={second}")

    def delete() -> None:
        async def act(member: Member) -> None:
            await visit.services.extractions.delete(member, list(ticked))
            ui.navigate.to(f"/extractions?{urlencode(_asked(visit))}")

        confirm(visit, count("extractions.delete", len(ticked)), say("extraction.delete_text"), act)

    with div("pd-note pd-tone-accent").style("margin-bottom: 12px") as chosen:
        told = ui.label("").classes("pd-grow pd-strong")
        button(say("extractions.compare"), "compare", compare, icon="compare")
        if visit.may(Verb.EDIT_DATASETS):
            button(say("frame.delete"), "delete-ticked", delete, kind="danger", icon="delete")
    chosen.set_visibility(False)
    with card(pad=False):
        for one in items:
            _row(one, lambda event, identity=one.id: tick(identity, event))


def _row(one: ExtractionSummary, tick: Any) -> None:
    name = one.file_name or one.schema
    with row("extractions", f"/extractions/{one.id}", name, f"extraction {one.id}"):
        box = ui.checkbox(on_change=tick).props("dense").classes("pd-above").mark(f"tick {one.id}")
        box.props["aria-label"] = say("extractions.tick", name=name)
        with div("pd-grow"):
            words(name, "pd-strong pd-clip")
            words(f"{one.schema} · {say('recipe.version', number=one.version)}", "pd-muted pd-small")
        with div("pd-line pd-tight pd-wide"):
            for tag in one.tags[:3]:
                pill(tag)
        with div("pd-line pd-tight"):
            if one.verdict:
                symbol("thumb_up" if one.verdict == "correct" else "thumb_down", _tone_of(one), small=True).props[
                    "title"
                ] = say(f"extractions.verdict_{one.verdict}")
            if one.status != "done":
                state(one.status)
            elif one.problems:
                pill(count("editor.problems", one.problems), alert=True)
            else:
                sureness(one.confidence)
        with div("pd-stay"):
            moment(one.created_at)


def _tone_of(one: ExtractionSummary) -> str:
    return "ok" if one.verdict == "correct" else "bad"


def _asked(visit: Visit) -> dict[str, str]:
    return {name: visit.asked(name) for name in (*CHOICES, "q") if visit.asked(name)}


def _exported(visit: Visit) -> dict[str, str]:
    """Return the filters as the API takes them: a period is the time it began."""
    asked = _asked(visit)
    since = _since(asked.get("since", ""))
    return {**asked, "since": since.isoformat()} if since else asked


def _wanted(visit: Visit) -> Selection:
    asked = _asked(visit)
    return Selection(
        limit=PAGE,
        cursor=visit.asked("cursor") or None,
        schema=asked.get("schema"),
        since=_since(asked.get("since", "")),
        status=asked.get("status"),
        engine=asked.get("engine"),
        tag=asked.get("tag"),
        verdict=asked.get("verdict"),
        search=asked.get("q", ""),
    )


def _since(text: str) -> datetime | None:
    if not text or text in PERIODS:
        return datetime.now(UTC) - PERIODS[text] if text else None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError as error:
        raise InvalidError(say("runs.bad_date")) from error


async def _filters(visit: Visit) -> None:
    """Draw the filters; choosing one loads the page with it, so that the address can be shared."""
    schemas = (await visit.services.schemas.list(visit.opened_by, limit=200)).items
    options = {
        "schema": {one.name: one.title or one.name for one in schemas},
        "since": {name: say(f"runs.since_{name}") for name in PERIODS},
        "status": {name: say(f"state.{name}") for name in STATES},
        "engine": {name: say(f"extraction.engine_{name}") for name in ENGINES},
        "verdict": {name: say(f"extractions.verdict_{name}") for name in VERDICTS},
        "tag": {name: name for name in await visit.services.extractions.tags(visit.opened_by)},
    }
    with div("pd-line pd-filters"):
        search = ui.input(say("extractions.search"), value=visit.asked("q")).props("outlined dense clearable")
        search.mark("search").style("min-width: 190px").on(
            "keydown.enter", lambda: _go({**_asked(visit), "q": search.value or ""})
        )
        for name in CHOICES:
            if options[name]:
                _filter(visit, name, options[name])
        if _asked(visit):
            _clear()


def _clear() -> None:
    link_button(say("runs.clear"), "/extractions", "clear-filters", kind="quiet", icon="close")


def _filter(visit: Visit, name: str, options: dict[str, str]) -> None:
    chosen = visit.asked(name)
    shown = {"": say(f"extractions.any_{name}"), **options}
    if chosen and chosen not in shown:
        shown[chosen] = chosen
    picked = ui.select(
        shown,
        value=chosen,
        label=say(f"extractions.filter_{name}"),
        on_change=lambda event: _go({**_asked(visit), name: event.value}),
    )
    picked.props("outlined dense options-dense").style("min-width: 128px").mark(f"filter-{name}")


def _go(asked: dict[str, str]) -> None:
    ui.navigate.to(f"/extractions?{urlencode({key: one for key, one in asked.items() if one})}")
