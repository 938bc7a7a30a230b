"""What waits for people: the queue of reviews and that of approvals."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urlencode

from nicegui import ui

from hub.decisions import APPROVAL, REVIEW, DecisionPage, DecisionSummary, Wanted
from hub.text import count, say
from ui.extraction.fields import Fields
from ui.frame import page
from ui.live import Live, after_load
from ui.pieces import card, div, empty, heading, link_button, moment, older, pill, row, state, symbol, words
from ui.services import Services
from ui.visit import Visit, tell

PAGE = 50
SAID = frozenset({"accepted", "rejected", "approved", "second_needed"})
STATES = ("open", "answered", "expired", "cancelled")
ASSIGNEES = ("me", "nobody")
PLACES = {REVIEW: "/reviews", APPROVAL: "/approvals"}
ICONS = {REVIEW: "fact_check", APPROVAL: "approval"}


def create(services: Services) -> None:
    """Serve the pages at /reviews and /approvals."""

    @page("/reviews", services, "reviews", say("nav.reviews"))
    async def reviews_page(visit: Visit) -> None:
        await _queue(visit, REVIEW)

    @page("/approvals", services, "approvals", say("nav.approvals"))
    async def approvals_page(visit: Visit) -> None:
        await _queue(visit, APPROVAL)


def greet(visit: Visit) -> None:
    """Say what came of the answer that led here."""
    said = visit.asked("said")
    if said in SAID:
        after_load(lambda: tell(say(f"review.{said}")))


async def _queue(visit: Visit, kind: str) -> None:
    place = PLACES[kind]
    greet(visit)
    asked = {name: visit.asked(name) for name in ("state", "assignee") if visit.asked(name)}
    wanted = Wanted(
        kind=kind,
        state=asked.get("state", "open"),  # type: ignore[arg-type]  # another one is refused by the service
        assignee=asked.get("assignee"),
        cursor=visit.asked("cursor") or None,
        limit=PAGE,
    )

    async def look() -> DecisionPage:
        return await visit.services.decisions.list(await visit.member(), wanted)

    def draw(found: DecisionPage) -> None:
        if found.entries and wanted.state == "open" and kind == REVIEW:
            with div("pd-actions").style("margin-bottom: 16px"):
                first = f"{place}/{found.entries[0].id}"
                link_button(say("reviews.begin"), first, "begin-reviews", kind="primary", icon="play_arrow")
        with card(pad=False):
            _list(found, place, asked)

    with heading(say(f"nav.{place[1:]}"), say(f"{place[1:]}.sub")):
        pass
    _filters(place, asked)
    await Live(look, draw, rings=visit.rings).start()


def _list(found: DecisionPage, place: str, asked: dict[str, str]) -> None:
    if not found.entries:
        if asked:
            empty("filter_alt_off", say("runs.no_match"), say("reviews.no_match_text"), lambda: _clear(place))
        else:
            empty("task_alt", say(f"{place[1:]}.none"), say(f"{place[1:]}.none_text"))
        return
    for one in found.entries:
        _row(one, place)
    older(found.cursor, f"{place}?{urlencode(asked)}")


def _filters(place: str, asked: dict[str, str]) -> None:
    options = {
        "state": {name: say(f"reviews.state_{name}") for name in STATES},
        "assignee": {"": say("reviews.anybody"), **{name: say(f"reviews.assignee_{name}") for name in ASSIGNEES}},
    }
    with div("pd-line").style("margin-bottom: 16px"):
        for name, shown in options.items():
            chosen = asked.get(name, next(iter(shown)))
            picked = ui.select(
                shown if chosen in shown else {**shown, chosen: chosen}, value=chosen,
                label=say(f"reviews.filter_{name}"),
                on_change=lambda event, name=name: ui.navigate.to(
                    f"{place}?{urlencode({key: one for key, one in {**asked, name: event.value}.items() if one})}"
                ),
            )  # fmt: skip
            picked.props("outlined dense options-dense").style("min-width: 148px").mark(f"filter-{name}")
        if asked:
            _clear(place)


def _clear(place: str) -> None:
    link_button(say("runs.clear"), place, "clear-filters", kind="quiet", icon="close")


def _row(one: DecisionSummary, place: str) -> None:
    title = one.question if one.kind == APPROVAL else one.subject or one.question
    with row("decisions", f"{place}/{one.id}", title, f"decision {one.id}"):
        symbol(ICONS[one.kind], "wait" if one.state == "open" else "")
        with div("pd-grow"):
            words(title, "pd-strong" if one.kind == APPROVAL else "pd-strong pd-clip")
            told = one.subject if one.kind == APPROVAL else reason_of(one)
            words(told, "pd-muted pd-small pd-clip")
        with div("pd-wide"):
            words(one.recipe_title or one.recipe_name or "", "pd-soft pd-small pd-clip")
            words(one.assignee_name or say("reviews.unassigned"), "pd-muted pd-small pd-clip")
        with div("pd-line pd-tight"):
            if one.quorum > 1:
                pill(say("reviews.of_quorum", answers=one.answers, quorum=one.quorum))
            if one.state != "open":
                state(one.state, say(f"reviews.state_{one.state}"))
            elif one.due_at:
                due(one.due_at)
        with div("pd-stay"):
            moment(one.created_at)


def due(at: datetime) -> None:
    """Show until when an answer is wanted; what is late stands out by word and colour."""
    late = at < datetime.now(UTC)
    with div("pd-line pd-tight pd-bad pd-small" if late else "pd-line pd-tight pd-soft pd-small", "span"):
        ui.icon("alarm" if late else "schedule").props("aria-hidden=true")
        words(say("reviews.late") if late else say("reviews.due"), tag="span")
        moment(at, "")


def reason_of(one: DecisionSummary) -> str:
    """Say in a line why a person is asked."""
    names = Fields(None)
    told = [
        say("reviews.unsure", field=names.title(reason.path), share=f"{reason.confidence:.0%}")
        if reason.kind == "unsure" and reason.confidence is not None
        else reason.message.rstrip(".")
        for reason in one.reasons[:3]
    ]
    more = len(one.reasons) - len(told)
    return " · ".join(told) + (f" · {count('reviews.more_reasons', more)}" if more > 0 else "") or one.question
