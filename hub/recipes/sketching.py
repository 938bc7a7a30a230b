"""What is drawn around the steps of a recipe: places, sticky notes and groups, changed while all else stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from hub.errors import InvalidError
from hub.recipes.document import Canvas, Group, Place, RecipeDocument, StickyNote, from_plain, to_plain
from hub.recipes.rewiring import START, free_name

FARTHEST = 100_000


class Sketch:
    """The canvas part of a recipe, to be changed and written back."""

    def __init__(self, document: RecipeDocument) -> None:
        self._document = document
        self._places = dict(document.metadata.canvas.places)
        self._notes = dict(document.metadata.canvas.notes)
        self._groups = dict(document.metadata.canvas.groups)

    def stand(self, places: Mapping[str, tuple[float, float]]) -> None:
        """Put steps, or the trigger, where they are to stand."""
        self._places |= {step: place_at(*place) for step, place in places.items()}

    def tidy(self) -> None:
        """Let every step be laid out by itself again."""
        self._places.clear()

    def add_note(self, x: float, y: float, text: str = "") -> str:
        """Stick a note on; returns its id."""
        identity = free_name("note", self._notes)
        place = place_at(x, y)
        self._notes[identity] = StickyNote(x=place.x, y=place.y, text=text)
        return identity

    def change_note(self, note: str, **changed: Any) -> None:
        """Give a note another text, colour, size or place."""
        if note not in self._notes:
            raise InvalidError("This note is not there any more.")
        self._notes[note] = msgspec.structs.replace(self._notes[note], **changed)

    def remove_notes(self, gone: Collection[str]) -> None:
        """Take notes off."""
        self._notes = {name: note for name, note in self._notes.items() if name not in gone}

    def group(self, steps: Iterable[str], title: str = "") -> str:
        """Put steps into a group of their own; a step is in one group only. Returns the group's id."""
        members = list(dict.fromkeys(steps))
        if not members:
            raise InvalidError("Choose the steps that belong together first.")
        self._leave(set(members))
        identity = free_name("group", self._groups)
        self._groups[identity] = Group(steps=members, title=title)
        return identity

    def change_group(self, group: str, **changed: Any) -> None:
        """Give a group another title or colour, or fold it."""
        if group not in self._groups:
            raise InvalidError("This group is not there any more.")
        self._groups[group] = msgspec.structs.replace(self._groups[group], **changed)

    def ungroup(self, groups: Collection[str]) -> None:
        """Take the frames away; the steps stay."""
        self._groups = {name: group for name, group in self._groups.items() if name not in groups}

    def document(self) -> RecipeDocument:
        """Return the recipe as it is drawn now; InvalidError where there is too much of something."""
        known = {START, *(step.id for step in self._document.spec.steps)}
        canvas = Canvas(
            places={step: place for step, place in self._places.items() if step in known},
            notes=self._notes,
            groups={name: one for name, one in self._groups.items() if any(step in known for step in one.steps)},
        )
        metadata = msgspec.structs.replace(self._document.metadata, canvas=canvas)
        return from_plain(to_plain(msgspec.structs.replace(self._document, metadata=metadata)))

    def _leave(self, steps: Collection[str]) -> None:
        for name, group in list(self._groups.items()):
            kept = [step for step in group.steps if step not in steps]
            if kept:
                self._groups[name] = msgspec.structs.replace(group, steps=kept)
            else:
                del self._groups[name]


def place_at(x: float, y: float) -> Place:
    """Return a place in whole numbers, no farther out than a document may say."""
    across, down = (round(min(max(one, -FARTHEST), FARTHEST)) for one in (x, y))
    return Place(x=across, y=down)
