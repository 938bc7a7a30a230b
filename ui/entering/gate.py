"""The pages before signing in: one look, and forms that the browser itself sends to the API, which sets the cookie."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from nicegui import context, ui

from hub.identity_providers import own_path
from hub.text import say
from ui.frame import dress
from ui.pieces import div, words
from ui.visit import THEME_COOKIE

PROMISES = (
    ("lock_clock", "gate.nothing_lost"),
    ("fact_check", "gate.nothing_unseen"),
    ("travel_explore", "gate.traceable"),
)


@contextmanager
def gate(title: str, sub: str) -> Iterator[None]:
    """Draw the page around a form."""
    dress(_theme())
    with div("pd-gate"):
        with div("pd-gate-form", "main"):
            with div("pd-brand"):
                ui.element("img").props('src=/ui-static/mark.svg alt=""')
                words("Patchdeck", tag="span")
            words(title, tag="h1")
            words(sub, "pd-sub", "p")
            yield
        with div("pd-gate-side", "aside"):
            words(say("gate.headline"), tag="h2")
            for icon, key in PROMISES:
                with div("pd-promise"):
                    ui.icon(icon).props("aria-hidden=true")
                    with div():
                        words(say(f"{key}.title"), tag="b")
                        words(say(f"{key}.text"), tag="span")


@contextmanager
def form(action: str, following: str, verb: str, fixed: Mapping[str, str] | None = None) -> Iterator[None]:
    """Draw a form whose named fields go to a path of the API; `following` is where to go then."""
    with ui.element("form") as made:
        made.props["data-action"] = action
        made.props["data-next"] = following
        made.props["data-fixed"] = json.dumps(fixed or {})
        made.props["data-failed"] = say("gate.failed")
        made.props["method"] = "post"
        yield
        words("", "pd-form-error").props("role=alert")
        sent = ui.button(verb, color=None).props("type=submit no-caps unelevated").classes("pd-primary").mark("submit")
        sent.props["data-testid"] = "submit"


def field(
    name: str, label: str, *, kind: str = "text", complete: str = "off", hint: str = "", value: str = ""
) -> ui.input:
    """Draw one field of such a form."""
    made = ui.input(label, value=value, password=kind == "password", password_toggle_button=kind == "password")
    made.props("outlined").mark(name)
    named = {"name": name, "autocomplete": complete, "data-testid": name, "for": f"field-{name}", "required": True}
    for key, held in named.items():
        made.props[key] = held
    if kind == "email":
        made.props("type=email")
    if hint:
        made.props["hint"] = hint
    return made


def following() -> str:
    """Return where to go after signing in: a path of ours, whatever the address says."""
    return own_path(context.client.request.query_params.get("next", "/"))


def _theme() -> str:
    chosen = context.client.request.cookies.get(THEME_COOKIE, "")
    return chosen if chosen in {"light", "dark"} else "system"
