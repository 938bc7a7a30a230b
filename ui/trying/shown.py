"""What a try of a step gave: how it went, what came out as table, tree or JSON, and what it would write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from nicegui import ui

from hub.runs.trying import Known, Tried
from hub.text import say
from ui.pieces import div, duration, link_button, moment, note, pill, state, words
from ui.runs.changes import ChangeTable, planned_row
from ui.values import value_box

_STATES = {"waits": "waiting_for", "unknown": "later"}


def draw_tried(tried: Tried, *, writes: bool = False) -> None:
    """Draw the latest try of a step, or of one element of it; `writes` tells that it is a target."""
    with div("pd-line").props("data-testid=tried"):
        state(_STATES.get(tried.state, tried.state))
        if tried.element is not None:
            pill(say("try.element_of", number=tried.element + 1, of=f"{tried.elements or 0:,}"))
        if tried.stale:
            pill(say("try.stale"), alert=True).tooltip(say("try.stale_text")).mark("stale")
        words(duration(tried.took_ms), "pd-soft pd-number", "span")
        if tried.tokens:
            words(say("item.tokens", tokens=f"{tried.tokens:,}", cost=f"{tried.cost_usd:.4f}"), "pd-muted pd-small")
        moment(tried.at)
    _say(tried)
    if tried.changes:
        words(say("try.changes"), tag="h4")
        plain: list[Mapping[str, Any]] = msgspec.to_builtins(list(tried.changes))
        ChangeTable([planned_row(tried.step, one) for one in plain]).draw()
    elif writes and tried.state == "done" and tried.output is None:
        words(say("try.no_changes"), "pd-soft")
    elif tried.state in ("done", "waits"):
        words(say("try.output"), tag="h4")
        draw_output(tried.output)
    if tried.input is not None:
        with ui.expansion(say("try.input"), icon="login").props("dense").style("width: 100%").mark("try-input"):
            value_box(tried.input, "try-input")
    if tried.log:
        with ui.expansion(say("try.log"), icon="subject").props("dense").style("width: 100%").mark("try-log"):
            for line in tried.log:
                words(line, "pd-small pd-soft")


def draw_known(known: Known) -> None:
    """Draw what a step gave in the sample's own run."""
    with div("pd-line"):
        pill(say("try.from_run"))
        if known.stale:
            pill(say("try.stale"), alert=True).tooltip(say("try.stale_text"))
        moment(known.at)
    if known.message:
        words(known.message, "pd-soft")
    draw_output(known.value)


def draw_output(value: Any) -> None:
    """Draw an output; where its values were found stands on the extraction's page."""
    about = value.get("extraction") if isinstance(value, dict) else None
    extraction = about.get("id") if isinstance(about, dict) else None
    shown = {name: one for name, one in value.items() if name != "extraction"} if extraction else value
    if shown is None:
        words(say("try.no_output"), "pd-muted")
    else:
        value_box(shown, "try-output")
    if extraction:
        link_button(
            say("item.look"), f"/extractions/{extraction}", "to-extraction", kind="quiet", icon="document_scanner"
        )


def _say(tried: Tried) -> None:
    if tried.state == "failed":
        with note("bad", "error", say("state.failed"), tried.message):
            pass
    elif tried.message:
        words(tried.message, "pd-soft")
