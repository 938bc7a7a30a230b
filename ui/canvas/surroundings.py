"""Notes, groups and places on the canvas: what is done to them by gestures and in the panel."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from nicegui import ui

from hub.recipes import RecipeDocument
from hub.recipes.document import Group, StickyNote
from hub.recipes.sketching import Sketch
from hub.text import count, say
from ui.ask import answer_buttons, dialog
from ui.canvas.frames import GROUP, NOTE, TONES
from ui.canvas.graph import picture
from ui.pieces import button, div, words
from ui.recipes.steps import patch_of

Changed = tuple[RecipeDocument, Sequence[str] | None]
Change = Callable[[Callable[[RecipeDocument], Changed]], Awaitable[None]]
SMALLEST, LARGEST = 40, 4_000


class Surroundings:
    """Changes what is drawn around the steps; `change` makes it the draft."""

    def __init__(self, document: Callable[[], RecipeDocument], change: Change) -> None:
        self._document = document
        self._change = change

    def gestures(self) -> dict[str, Callable[[Any], Awaitable[None]]]:
        """Return what can be done, by the names under which views tell of it."""
        return {
            "move": self._move, "tidy": self._tidy, "note": self._add_note, "write": self._write, "size": self._size,
            "group": self._ask_group, "ungroup": self.ungroup, "fold": self.fold,
        }  # fmt: skip

    def without(self, document: RecipeDocument, chosen: Sequence[str]) -> RecipeDocument:
        """Return a recipe without the notes and the frames among what is chosen."""
        notes, groups = _named(chosen, NOTE), _named(chosen, GROUP)
        if not notes and not groups:
            return document
        sketch = Sketch(document)
        sketch.remove_notes(notes)
        sketch.ungroup(groups)
        return sketch.document()

    def draw_note(self, identity: str, note: StickyNote) -> None:
        """Draw the fields of a note."""
        words(say("canvas.note_title"), tag="h2").props("data-testid=panel-title")
        text = ui.textarea(say("canvas.note_text"), value=note.text).props("outlined autogrow maxlength=4000")
        text.props["data-testid"] = "note-text"
        text.mark("note-text")
        color = _color(note.color)
        with div("pd-line"):
            width = ui.number(say("canvas.width"), value=note.width, min=SMALLEST, max=LARGEST, precision=0)
            height = ui.number(say("canvas.height"), value=note.height, min=SMALLEST, max=LARGEST, precision=0)
        for field, mark in ((width, "note-width"), (height, "note-height")):
            field.props("outlined dense").mark(mark).style("width: 120px").props["data-testid"] = mark

        async def keep() -> None:
            await self._on_note(
                identity, text=str(text.value or ""), color=color.value,
                width=_extent(width.value, note.width), height=_extent(height.value, note.height),
            )  # fmt: skip

        async def remove() -> None:
            await self._change(lambda document: (self.without(document, [identity]), []))

        with div("pd-actions"):
            button(say("step.save"), "panel-save", keep, kind="primary")
            button(say("canvas.remove_button"), "panel-remove", remove, kind="danger")

    def draw_group(self, identity: str, group: Group) -> None:
        """Draw the fields of a group."""
        words(say("canvas.group_title"), tag="h2").props("data-testid=panel-title")
        words(count("canvas.group_steps", len(group.steps)), "pd-muted")
        title = ui.input(say("canvas.group_name"), value=group.title).props("outlined maxlength=200")
        title.mark("group-name").props["data-testid"] = "group-name"
        color = _color(group.color)

        async def keep() -> None:
            await self._on_group(identity, title=str(title.value or "").strip(), color=color.value)

        with div("pd-actions"):
            button(say("step.save"), "panel-save", keep, kind="primary")
            label = say("canvas.unfold_group" if group.folded else "canvas.fold_group")
            button(label, "panel-fold", lambda: self.fold(identity))
            button(say("canvas.ungroup"), "panel-ungroup", lambda: self.ungroup([identity]))

    async def fold(self, identity: str) -> None:
        """Fold a group into one box, or unfold it."""

        def change(document: RecipeDocument) -> Changed:
            group = document.metadata.canvas.groups.get(identity.removeprefix(GROUP))
            sketch = Sketch(document)
            sketch.change_group(identity.removeprefix(GROUP), folded=group is not None and not group.folded)
            return sketch.document(), [identity]

        await self._change(change)

    async def ungroup(self, chosen: Sequence[str]) -> None:
        """Take frames away; the steps stay."""
        await self._change(lambda document: (self.without(document, _frames_around(document, chosen)), []))

    async def add_note(self, text: str = "", x: float | None = None, y: float = 0) -> None:
        """Stick a note on: where it was asked for, else to the right of all steps."""

        def change(document: RecipeDocument) -> Changed:
            at = picture(document, (), folds=False).places.values()
            notes = document.metadata.canvas.notes.values()
            beside = max([*(left + 172 for left, _ in at), *(one.x + one.width + 20 for one in notes)])
            sketch = Sketch(document)
            made = sketch.add_note(beside if x is None else _clear(x, y, list(at)), y, text)
            return sketch.document(), [f"{NOTE}{made}"]

        await self._change(change)

    async def _add_note(self, asked: Mapping[str, Any]) -> None:
        await self.add_note("", _number(asked.get("x")), _number(asked.get("y")))

    async def _move(self, asked: Mapping[str, Any]) -> None:
        """Take over where things were dragged to; the first move of a step writes down where all of them stand."""

        def change(document: RecipeDocument) -> Changed:
            sketch = Sketch(document)
            places = {str(name): (_number(at["x"]), _number(at["y"])) for name, at in asked["places"].items()}
            steps = {name: at for name, at in places.items() if not name.startswith((NOTE, GROUP))}
            if steps:
                sketch.stand({**picture(document, ()).places, **steps})
            for name in _named(list(places), NOTE):
                x, y = places[f"{NOTE}{name}"]
                sketch.change_note(name, x=round(x), y=round(y))
            return sketch.document(), None

        await self._change(change)

    async def _tidy(self, *_: Any) -> None:
        def change(document: RecipeDocument) -> Changed:
            sketch = Sketch(document)
            sketch.tidy()
            return sketch.document(), None

        await self._change(change)

    async def _write(self, asked: Mapping[str, Any]) -> None:
        await self._on_note(str(asked["id"]), text=str(asked["text"]))

    async def _size(self, asked: Mapping[str, Any]) -> None:
        await self._on_note(str(asked["id"]), width=_extent(asked["width"]), height=_extent(asked["height"]))

    async def _on_note(self, identity: str, **changed: Any) -> None:
        def change(document: RecipeDocument) -> Changed:
            sketch = Sketch(document)
            sketch.change_note(identity.removeprefix(NOTE), **changed)
            return sketch.document(), None

        await self._change(change)

    async def _on_group(self, identity: str, **changed: Any) -> None:
        def change(document: RecipeDocument) -> Changed:
            sketch = Sketch(document)
            sketch.change_group(identity.removeprefix(GROUP), **changed)
            return sketch.document(), None

        await self._change(change)

    async def _ask_group(self, steps: Sequence[str]) -> None:
        """Ask for a name, and which steps belong together when only one is chosen, and put them into a group."""
        known = {step.id: patch_of(step).title for step in self._document().spec.steps}
        chosen = [step for step in steps if step in known]
        with dialog(say("canvas.group"), count("canvas.chosen", len(chosen)) if len(chosen) > 1 else "") as opened:
            asked = ui.input(say("canvas.group_name")).props("outlined autofocus maxlength=200")
            asked.mark("group-name").style("width: 100%").props["data-testid"] = "new-group-name"
            boxes: dict[str, ui.checkbox] = {}
            if len(chosen) < 2:
                with div("pd-stack pd-scroll").props(f'role=group aria-label="{say("canvas.group_members")}"'):
                    boxes = {step: ui.checkbox(title, value=step in chosen) for step, title in known.items()}
                for step, box in boxes.items():
                    box.props["data-testid"] = f"member-{step}"

            def change(document: RecipeDocument) -> Changed:
                members = [step for step, box in boxes.items() if box.value] if boxes else chosen
                sketch = Sketch(document)
                made = sketch.group(members, str(asked.value or "").strip())
                return sketch.document(), [f"{GROUP}{made}"]

            async def group() -> None:
                opened.close()
                await self._change(change)

            asked.on("keydown.enter", group)
            answer_buttons(opened, say("canvas.group"), group)


def around_of(document: RecipeDocument, identity: str) -> StickyNote | Group | None:
    """Return the note or group that something chosen is."""
    canvas = document.metadata.canvas
    if identity.startswith(NOTE):
        return canvas.notes.get(identity.removeprefix(NOTE))
    return canvas.groups.get(identity.removeprefix(GROUP)) if identity.startswith(GROUP) else None


def _frames_around(document: RecipeDocument, chosen: Sequence[str]) -> list[str]:
    """Return the groups that are chosen, or that chosen steps are in."""
    groups = document.metadata.canvas.groups
    return [f"{GROUP}{name}" for name, one in groups.items() if {f"{GROUP}{name}", *one.steps} & set(chosen)]


def _clear(x: float, y: float, at: Sequence[tuple[float, float]]) -> float:
    """Return where a new note stands from here to the right without covering a step."""
    for middle, top in sorted(at):
        if abs(middle - x - 120) < 132 + 130 and -150 < top - y < 150:
            x = middle + 132 + 30
    return x


def _named(chosen: Sequence[str], kind: str) -> list[str]:
    return [one.removeprefix(kind) for one in chosen if one.startswith(kind)]


def _color(chosen: str) -> ui.select:
    colors = {color: say(f"canvas.color_{color}") for color in TONES}
    picked = ui.select(colors, value=chosen, label=say("canvas.color")).props("outlined dense").mark("color")
    picked.props["data-testid"] = "color"
    return picked


def _number(value: Any) -> float:
    return float(msgspec.convert(value, float))


def _extent(value: Any, otherwise: int = 240) -> int:
    return otherwise if value is None else round(min(max(_number(value), SMALLEST), LARGEST))
