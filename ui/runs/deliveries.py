"""Rows of the ledger: what was written where, under which key, and what a plan would write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from nicegui import ui

from hub.runs import Delivery
from hub.text import say
from ui.pieces import div, empty, moment, pill, row, state, words
from ui.values import brief

MOST = 200


def delivery_rows(deliveries: Sequence[Delivery]) -> None:
    """Draw deliveries one under the other."""
    if not deliveries:
        empty("inventory", say("ledger.none"), say("ledger.none_text"))
    for one in deliveries[:MOST]:
        with row("ledger", "", "", ""):
            state(one.state)
            with div("pd-grow"):
                words(one.target, "pd-strong pd-clip")
                words(one.message or one.step, f"pd-small {'pd-bad' if one.message else 'pd-muted'}")
            with div("pd-grow pd-wide"):
                _proof(one)
            with div("pd-stay pd-wide"):
                moment(one.settled_at or one.written_at)


def _proof(one: Delivery) -> None:
    with div("pd-line pd-tight"):
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
    for write in writes[:MOST]:
        with div("pd-pad pd-stack").mark(f"write {write.step}"):
            with div("pd-line"):
                state(write.state)
                words(write.step, "pd-strong", "span")
                words(write.target, "pd-muted", "span")
            if write.message:
                words(write.message, "pd-bad")
            _changes([one for one in write.changes if isinstance(one, dict)])


def _changes(changes: Sequence[Mapping[str, Any]]) -> None:
    if not changes:
        words(say("plan.no_change"), "pd-muted")
        return
    columns = list(dict.fromkeys(name for one in changes for name in _fields(one)))[:16]
    with div("pd-grid-table").props("tabindex=0"), div(tag="table"):
        with div(tag="thead"), div(tag="tr"):
            words("", tag="th")
            for column in columns:
                words(column, tag="th")
        with div(tag="tbody"):
            for one in changes[:MOST]:
                with div(tag="tr").mark(f"change-{one.get('kind')}"):
                    with div(tag="td"):
                        state(str(one.get("kind")))
                    for column in columns:
                        with div(tag="td"):
                            _cell(one, column)


def _fields(change: Mapping[str, Any]) -> list[str]:
    images = [one for one in (change.get("before"), change.get("after")) if isinstance(one, dict)]
    return list(dict.fromkeys(name for image in images for name in image)) or ["value"]


def _cell(change: Mapping[str, Any], column: str) -> None:
    before, after = (_value(change.get(name), column) for name in ("before", "after"))
    kind = change.get("kind")
    if kind == "remove":
        words(brief(before, 400), "pd-old", "span")
    elif kind == "change" and before != after:
        words(brief(before, 400), "pd-old")
        words(brief(after, 400), "pd-new")
    else:
        words(brief(after if after is not None else before, 400), "pd-new" if kind == "add" else "", "span")


def _value(image: Any, column: str) -> Any:
    return image.get(column) if isinstance(image, dict) else image if column == "value" else None
