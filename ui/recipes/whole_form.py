"""What holds for a whole recipe, as a form: how many items at once, its time zone, what is kept, how often it tries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import ui

from connectors.sdk.describe import FieldDescription, FieldKind
from hub.errors import InvalidError
from hub.recipes import RecipeDocument, from_plain, to_plain
from hub.recipes.document import Retry
from hub.recipes.zones import zones
from hub.text import say
from ui.ask import answer_buttons, dialog
from ui.form import Around, Form
from ui.pieces import div, words
from ui.recipes.failing import retry_fields
from ui.visit import complain

PLACE = "spec.settings"
KEPT = ("all", "failed", "none")
UTC = "UTC"


def ask_for_settings(now: Callable[[], RecipeDocument], keep: Callable[[RecipeDocument], Awaitable[None]]) -> None:
    """Ask for the settings of a recipe; `keep` gets the recipe as it is by then, with what was filled in."""
    with dialog(say("whole.title"), say("whole.text")) as opened:
        opened.classes("pd-wide-dialog")
        form = WholeForm(now())
        with div("pd-stack pd-scroll"):
            form.draw()

        async def take() -> None:
            try:
                document = form.written(now())
            except InvalidError as error:
                form.around.blame(error.errors)
                complain(" ".join(one.message for one in error.errors) or error.message)
                return
            await keep(document)
            opened.close()

        answer_buttons(opened, say("step.save"), take)


class WholeForm:
    """The fields of the settings, and the recipe with what was filled in."""

    def __init__(self, document: RecipeDocument) -> None:
        self._held: Mapping[str, Any] = to_plain(document)["spec"].get("settings", {})
        self.around = Around()

    def draw(self) -> None:
        """Draw the fields."""
        self._items = Form([_CONCURRENCY], self._held, around=self.around, path=lambda: PLACE)
        self._items.draw()
        self._zone = self._chosen(
            "time_zone", UTC, {name: name for name in sorted(zones() | {self._standing("time_zone", UTC)})}
        )
        self._zone.props["hint"] = say("whole.time_zone_hint")
        self._keep = self._chosen("keep_outputs", KEPT[0], {one: say(f"whole.keep_{one}") for one in KEPT})
        with div("pd-stack pd-group", "fieldset"):
            words(say("whole.retry"), "pd-small pd-strong", "legend")
            held = self._held.get("retry") or {}
            self._retry = Form(retry_fields(Retry()), held, around=self.around, path=lambda: f"{PLACE}.retry")
            self._retry.draw()

    def _chosen(self, name: str, standing: str, options: Mapping[str, str]) -> ui.select:
        many = len(options) > len(KEPT)
        value, label = self._standing(name, standing), say(f"whole.{name}")
        made = ui.select(dict(options), value=value, label=label, with_input=many).props("outlined")
        made.style("width: 100%").mark(f"whole-{name}").props["data-testid"] = f"whole-{name}"
        self.around.problem(lambda: f"{PLACE}.{name}")
        return made

    def _standing(self, name: str, standing: str) -> str:
        return str(self._held.get(name, standing))

    def written(self, document: RecipeDocument) -> RecipeDocument:
        """Return a recipe with these settings; all else in it stays. InvalidError names what cannot be."""
        plain = to_plain(document)
        settings = {**plain["spec"].get("settings", {}), **self._read()}
        plain["spec"]["settings"] = {name: value for name, value in settings.items() if value is not None}
        return from_plain(plain)

    def _read(self) -> dict[str, Any]:
        retry = self._retry.values()
        return {
            "concurrency": self._items.values().get("concurrency"),
            "time_zone": self._zone.value or UTC,
            "keep_outputs": self._keep.value,
            "retry": retry if retry or retry == self._held.get("retry") else None,
        }


_CONCURRENCY = FieldDescription(
    name="concurrency", title=say("whole.concurrency"), hint=say("whole.concurrency_hint"), kind=FieldKind.NUMBER
)
