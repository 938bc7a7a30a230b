"""The widget for files: a field of an earlier step, a template, or files uploaded right here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from nicegui import events, ui

from hub.errors import HubError
from hub.outages import GONE
from hub.text import say
from ui.form.anything import json
from ui.form.around import Store
from ui.form.plain import label_of
from ui.form.slot import Read, Slot
from ui.pieces import div, file_field, round_button, words
from ui.visit import complain, outage_sentence, sentence_of

LARGEST = 50 * 1024 * 1024


def file(slot: Slot) -> Read:
    """Draw stored files by name, anything else as text, and the way to upload one."""
    drawn = _Drawn(slot)
    drawn.fill()
    return drawn.read


class _Drawn:
    """What stands in the field by now."""

    def __init__(self, slot: Slot) -> None:
        self._slot = slot
        self._box = div("pd-stack")

    def fill(self) -> None:
        """Draw the field anew."""
        slot = self._slot
        self._box.clear()
        with self._box:
            stored = _stored(slot.value)
            if stored:
                self._list(stored)
                self._given: Read = lambda: slot.value
            else:
                self._given = json(slot)
            if slot.around.store is not None:
                label = say("form.upload", title=slot.field.title)
                keep = self._upload(slot.around.store)
                file_field(label, keep, mark=f"upload-{slot.field.name}", most=LARGEST)

    def read(self) -> Any:
        """Return what was given."""
        return self._given()

    def _list(self, stored: list[Mapping[str, Any]]) -> None:
        slot = self._slot
        with div("pd-stack pd-group", "fieldset").mark(f"field-{slot.field.name}") as box:
            box.props["data-testid"] = f"field-{slot.field.name}"
            words(label_of(slot.field), "pd-small pd-strong", "legend")
            for one in stored:
                name = str(one.get("name") or one["file"])
                with div("pd-line").style("flex-wrap: nowrap"):
                    ui.icon("description", size="18px").classes("pd-muted").props("aria-hidden=true")
                    words(name, "pd-grow").style("overflow-wrap: anywhere")
                    round_button("close", say("form.take_out", name=name), "take-out", lambda one=one: self._drop(one))

    def _drop(self, gone: Mapping[str, Any]) -> None:
        kept = [one for one in _stored(self._slot.value) if one is not gone]
        self._become(kept if len(kept) > 1 else kept[0] if kept else "")

    def _upload(self, store: Store) -> Callable[[events.UploadEventArguments], Awaitable[None]]:
        async def keep(event: events.UploadEventArguments) -> None:
            given = event.file
            try:
                made = await store(given.name, given.content_type, await given.read())
            except HubError as error:
                complain(sentence_of(error))
            except GONE as error:
                complain(outage_sentence(error))
            else:
                with self._box:
                    before = _stored(self._slot.value)
                    self._become([*before, made] if before else made)

        return keep

    def _become(self, value: Any) -> None:
        self._slot.value = value
        self.fill()
        self._slot.changed()


def _stored(value: Any) -> list[Mapping[str, Any]]:
    """Return the stored files that a value names, none when it holds anything else."""
    held = value if isinstance(value, list) else [value]
    return held if all(_is_stored(one) for one in held) else []


def _is_stored(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("file"), str) and value["file"].startswith("fil_")
