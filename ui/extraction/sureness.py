"""How sure a value is, by word and number as well as by colour."""

from __future__ import annotations

from nicegui import ui
from nicegui.element import Element

from hub.extraction.results import FieldResult
from hub.text import MESSAGES, say
from ui.pieces import div, words

SURE = 0.85
DOUBTFUL = 0.6
ICONS = {"ok": "check_circle", "wait": "help", "bad": "error", "accent": "verified_user", "mute": "remove"}


def tone_of(found: FieldResult) -> str:
    """Return the tone of a value; what a person gave is certain, what is not there has none."""
    if found.engine == "person":
        return "accent"
    if found.value is None and not found.problems:
        return "mute"
    return "bad" if found.problems else tone_of_share(found.confidence)


def tone_of_share(share: float) -> str:
    """Return the tone of a confidence."""
    return "ok" if share >= SURE else "wait" if share >= DOUBTFUL else "bad"


def sureness(share: float, tone: str = "") -> Element:
    """Show a confidence: an icon, a number, a colour; `tone` where something else is wrong with the value."""
    tone = tone or tone_of_share(share)
    with div(f"pd-sure pd-tone-{tone}", "span") as shown:
        ui.icon(ICONS[tone]).props("aria-hidden=true")
        words(f"{share:.0%}", "pd-number", "span")
    shown.props["title"] = say("extraction.sure", share=f"{share:.0%}")
    return shown


def summary(found: FieldResult) -> str:
    """Say in one line how sure a value is, what found it, and what is wrong with it."""
    if found.engine == "person":
        said = [say("extraction.certain")]
    elif found.value is None:
        said = [say("extraction.absent")]
    else:
        said = [say("extraction.sure", share=f"{found.confidence:.0%}"), engine_words(found.engine or "")]
    return " · ".join([*(one for one in said if one), *(problem.message for problem in found.problems)])


def engine_words(engine: str) -> str:
    """Say in people's words what found a value."""
    return say(f"engine.{engine}") if f"engine.{engine}" in MESSAGES else engine


def engine_reason(engine: str) -> str:
    """Say what it means that this engine found a value."""
    key = f"engine.{engine}_why"
    return say(key) if key in MESSAGES else say("engine.other_why", engine=engine)
