"""When a step fails: how often it is tried, how long a try may take, and what happens to the item then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from nicegui import ui

from connectors.sdk import Target
from connectors.sdk.describe import FieldDescription, FieldKind
from connectors.sdk.registry import find
from hub.recipes import RecipeDocument
from hub.recipes.document import Retry
from hub.recipes.graph import WORDS, draw
from hub.text import say
from ui.form import Around, Form
from ui.pieces import div, words
from ui.recipes.steps import patch_of

NAMES = ("retry", "timeout", "on_error", "when_unknown")


class Failing:
    """The folded section of a step; what nobody touches stays as it is written, even where it is left out."""

    def __init__(self, document: RecipeDocument, step: str, place: Mapping[str, Any], around: Around) -> None:
        self._document = document
        self._step = step
        self._place = place
        self._around = around
        self._inherited = document.spec.settings.retry or Retry()

    def draw(self) -> None:
        """Draw the section, open where something is said."""
        said = any(name in self._place for name in NAMES)
        folded = ui.expansion(say("fails.title"), icon="healing", value=said).props("dense").mark("when-it-fails")
        folded.props["data-testid"] = "when-it-fails"
        with folded.style("width: 100%"), div("pd-stack").style("padding-top: 10px"):
            words(say("fails.text"), "pd-muted pd-small")
            own = "retry" in self._place
            held = self._place.get("retry") or {}
            fields = retry_fields(Retry() if own else self._inherited)
            self._retry = Form(fields, held, around=self._around, path=lambda: "retry")
            self._retry.draw()
            self._timeout = Form([_TIMEOUT], self._place, around=self._around)
            self._timeout.draw()
            self._then()
            self._unknown()

    def _then(self) -> None:
        held = str(self._place.get("on_error") or "dead_letter")
        options = {word: say(f"canvas.fails_{word}") for word in ("dead_letter", "continue")}
        options |= {one: say("canvas.fails_step", step=title) for one, title in catchers(self._document, self._step)}
        options.setdefault(held, say("canvas.fails_step", step=held))
        made = ui.select(options, value=held, label=say("fails.then")).props("outlined").style("width: 100%")
        made.mark("caught-by").props["data-testid"] = "caught-by"
        made.on_value_change(self._around.changed)
        self._around.problem(lambda: "on_error")
        self._on_error: Callable[[], str] = lambda: str(made.value)

    def _unknown(self) -> None:
        """Ask only of what writes somewhere what to do when it cannot be known whether it did."""
        held = str(self._place.get("when_unknown") or "ask")
        self._when_unknown: Callable[[], str] = lambda: held
        if not isinstance(find(str(self._place["uses"])), Target) and "when_unknown" not in self._place:
            return
        options = {word: say(f"fails.unknown_{word}") for word in ("ask", "resend")}
        made = ui.select(options, value=held, label=say("fails.unknown")).props("outlined").style("width: 100%")
        made.mark("when-unknown").props["data-testid"] = "when-unknown"
        made.props["hint"] = say("fails.unknown_hint")
        made.on_value_change(self._around.changed)
        self._when_unknown = lambda: str(made.value)

    def read(self) -> dict[str, Any]:
        """Return the four as they stand in the document, None for what is left to its default."""
        on_error, unknown = self._on_error(), self._when_unknown()
        return {
            "retry": self._tries(),
            "timeout": self._timeout.values().get("timeout"),
            "on_error": None if on_error == "dead_letter" else on_error,
            "when_unknown": None if unknown == "ask" else unknown,
        }

    def _tries(self) -> dict[str, Any] | None:
        """Return the tries; what differs from those of the whole recipe brings the rest of them along."""
        found = self._retry.values()
        if "retry" in self._place:
            return found if found or found == self._place["retry"] else None
        return {**plain_retry(self._inherited), **found} if found else None


def retry_fields(standing: Retry) -> list[FieldDescription]:
    """Return the fields of how often something is tried, with what holds where nothing is said."""
    kinds = {
        "attempts": FieldKind.NUMBER, "first": FieldKind.DURATION,
        "factor": FieldKind.NUMBER, "max": FieldKind.DURATION,
    }  # fmt: skip
    return [
        FieldDescription(
            name=name,
            title=say(f"fails.{name}"),
            hint=say(f"fails.{name}_hint"),
            kind=kind,
            default=getattr(standing, name),
        )
        for name, kind in kinds.items()
    ]


def plain_retry(retry: Retry) -> dict[str, Any]:
    """Return what differs from the defaults, as it is written in a document."""
    standing = Retry()
    found = msgspec.structs.asdict(retry)
    return {name: value for name, value in found.items() if value != getattr(standing, name)}


def catchers(document: RecipeDocument, step: str) -> list[tuple[str, str]]:
    """Return the steps that can follow a failure of this one, with their titles: all that do not come before it."""
    steps = document.spec.steps
    before = draw(steps, []).before.get(step, frozenset())
    return [(one.id, patch_of(one).title) for one in steps if one.id not in before | {step} | WORDS]


_TIMEOUT = FieldDescription(
    name="timeout", title=say("fails.timeout"), hint=say("fails.timeout_hint"), kind=FieldKind.DURATION, example="30s"
)
