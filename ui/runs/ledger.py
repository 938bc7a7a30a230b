"""The ledger by target: what was written where, what failed and why, and all of it as CSV."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from hub.ids import parse
from hub.runs import DeliveryFilter, TargetCount
from hub.text import say
from ui.frame import page
from ui.pieces import card, div, empty, head_row, heading, link_button, moment, older, pill, row, state, words
from ui.runs.deliveries import delivery_rows
from ui.runs.filter_bar import FilterBar, periods, recipe_choices, since
from ui.runs.naming import target_title
from ui.services import Services
from ui.visit import Visit

PAGE = 30
STATES = ("trouble", "sent", "failed", "unknown", "refused", "pending", "accepted", "not_attempted", "undone")


def create(services: Services) -> None:
    """Serve the page at /deliveries."""

    @page("/deliveries", services, "deliveries", say("nav.deliveries"))
    async def deliveries_page(visit: Visit) -> None:
        recipes, _ = await recipe_choices(visit)
        targets = await services.deliveries.targets(visit.opened_by)
        choices = {
            "target": {one.target: target_title(one.target) for one in targets},
            "recipe": recipes,
            "state": {name: say(f"deliveries.state_{name}") for name in STATES},
            "since": periods(),
        }
        bar = FilterBar(visit, "/deliveries", "deliveries", choices)
        with heading(say("nav.deliveries"), say("deliveries.sub")):
            link_button(say("deliveries.csv"), f"/api/v1/deliveries/export.csv{_query(bar)}", "csv", icon="download")
        bar.draw()
        if not bar.asked and targets and not visit.asked("cursor"):
            _targets(targets)
        found = await services.deliveries.list(visit.opened_by, _wanted(visit, bar))
        with card(pad=False):
            if not found.entries:
                key = "deliveries.no_match" if bar.asked else "deliveries.none"
                empty("inventory", say(key), say(f"{key}_text"))
                return
            head_row("ledger", [say(f"deliveries.column_{name}") for name in ("state", "target", "proof", "when")])
            delivery_rows(found.entries, lead=True)
            older(found.cursor, bar.address())


def _targets(targets: Sequence[TargetCount]) -> None:
    """Show each target of the last week with how its deliveries ended."""
    with div("pd-card", "section").style("margin-bottom: 22px"):
        with div("pd-card-head"), div():
            words(say("deliveries.targets"), tag="h2")
            words(say("deliveries.targets_text"), "pd-muted pd-small")
        for one in targets:
            name = target_title(one.target)
            with row("target", f"/deliveries?{urlencode({'target': one.target})}", name, f"target {one.target}"):
                state("failed" if one.failed or one.unknown else "ok")
                with div("pd-grow"):
                    words(name, "pd-strong pd-clip")
                    if one.message:
                        words(one.message, "pd-bad pd-small pd-clip")
                with div("pd-line pd-tight"):
                    for name in ("sent", "open", "failed", "unknown"):
                        if number := getattr(one, name):
                            pill(f"{number:,} {say(f'deliveries.{name}')}", alert=name in {"failed", "unknown"})
                moment(one.last_sent_at) if one.last_sent_at else div()


def _wanted(visit: Visit, bar: FilterBar) -> DeliveryFilter:
    asked, cursor = bar.asked, visit.asked("cursor")
    return DeliveryFilter(
        target=asked.get("target"),
        recipe=parse("rcp", asked["recipe"]) if "recipe" in asked else None,
        state=asked.get("state"),
        since=since(asked.get("since", "")),
        text=asked.get("q", ""),
        before=parse("dlv", cursor) if cursor else None,
        limit=PAGE,
    )


def _query(bar: FilterBar) -> str:
    began = since(bar.asked.get("since", ""))
    asked = {**bar.asked, "since": began.isoformat() if began else ""}
    given = {name: value for name, value in asked.items() if value}
    return f"?{urlencode(given)}" if given else ""
