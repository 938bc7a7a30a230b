"""Rows of the ledger: what was written where, under which key, and what a plan would write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from nicegui import ui

from hub.runs import Delivery
from hub.text import count, say
from ui.pieces import div, empty, moment, pill, row, state, words
from ui.runs.changes import ChangeTable, rows_of
from ui.runs.naming import target_title

MOST = 200
MOST_REASONS = 5


def delivery_rows(deliveries: Sequence[Delivery], *, lead: bool = False) -> None:
    """Draw deliveries one under the other; with `lead` each leads to its item."""
    if not deliveries:
        empty("inventory", say("ledger.none"), say("ledger.none_text"))
    for one in deliveries[:MOST]:
        name = target_title(one.target)
        with row("ledger", f"/items/{one.item}" if lead else "", name, f"delivery {one.id}" if lead else ""):
            state(one.state)
            with div("pd-grow"):
                words(name, "pd-strong")
                words(one.message or one.step, f"pd-small {'pd-bad' if one.message else 'pd-muted'}")
            with div("pd-grow pd-wide"):
                _proof(one)
            with div("pd-stay pd-wide"):
                moment(one.settled_at or one.written_at)


def _proof(one: Delivery) -> None:
    with div("pd-line pd-tight pd-above"):
        if one.url and urlsplit(one.url).scheme in {"http", "https"}:
            ui.link(one.reference or one.url, one.url, new_tab=True).props("rel=noreferrer").mark(f"receipt {one.id}")
        elif one.reference:
            words(one.reference, "pd-mono pd-clip", "span")
        if one.repeated:
            pill(say("ledger.repeated", number=one.repeated))
        if one.reversible:
            pill(say("ledger.reversible"))
    words(one.key, "pd-mono pd-muted pd-clip").props(f'title="{say("ledger.key")}"')


def planned_writes(writes: Sequence[Delivery]) -> None:
    """Draw every write of a plan: the rows it would add, change from old to new, or remove."""
    if not writes:
        empty("fact_check", say("plan.nothing"), say("plan.nothing_text"))
        return
    with div("pd-pad pd-stack"):
        _write_states(writes)
        rows = rows_of(writes)
        if rows:
            ChangeTable(rows).draw()
        else:
            words(say("plan.no_change"), "pd-muted")


def _write_states(writes: Sequence[Delivery]) -> None:
    """Say how the writes of each step stand, and what is in the way of any."""
    counted = Counter((one.step, one.target, one.state) for one in writes)
    for (step, target, found), number in counted.items():
        with div("pd-line").mark(f"write {step}"):
            state(found)
            words(step, "pd-strong", "span")
            words(target_title(target), "pd-muted", "span")
            if number > 1:
                pill(count("plan.writes", number))
    for reason, number in Counter(one.message for one in writes if one.message).most_common(MOST_REASONS):
        words(f"{reason} ({number:,})" if number > 1 else reason, "pd-bad")
