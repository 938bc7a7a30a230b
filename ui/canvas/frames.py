"""What stands behind the steps on the canvas: the frames of groups, and sticky notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from hub.recipes.document import Canvas
from hub.text import count, say
from ui.canvas.layout import WIDE

EDGE = 26
HEAD = 40
HIGH = 66
# What stands around the steps is told from them by these, which no step's id can begin with
NOTE, GROUP = "note:", "group:"
TONES = {"yellow": "wait", "green": "ok", "blue": "run", "red": "bad", "plum": "plum", "grey": "mute"}


class Sticker(msgspec.Struct, frozen=True, kw_only=True):
    """A sticky note by its upper left corner."""

    id: str
    x: int
    y: int
    width: int
    height: int
    text: str
    color: str


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """The frame of a group, or the one box that a folded group is."""

    id: str
    x: float
    y: float
    width: float
    height: float
    title: str
    sub: str
    color: str
    folded: bool
    steps: Sequence[str]
    problems: int


def stickers_of(canvas: Canvas) -> list[Sticker]:
    """Return the notes as they are drawn."""
    return [
        Sticker(
            id=f"{NOTE}{name}", x=one.x, y=one.y, width=one.width, height=one.height, text=one.text, color=one.color
        )
        for name, one in canvas.notes.items()
    ]


def frames_of(
    canvas: Canvas, at: Mapping[str, tuple[float, float]], problems: Mapping[str, Sequence[str]]
) -> list[Frame]:
    """Return the frames around the steps of each group; a step that two groups name is in the first."""
    found, taken = [], set[str]()
    for name, group in canvas.groups.items():
        steps = [step for step in dict.fromkeys(group.steps) if step in at and step not in taken]
        if not steps:
            continue
        taken.update(steps)
        left = min(at[step][0] for step in steps) - WIDE / 2
        top = min(at[step][1] for step in steps)
        right = max(at[step][0] for step in steps) + WIDE / 2
        below = max(at[step][1] for step in steps) + HIGH
        spread = (left - EDGE, top - HEAD, right - left + 2 * EDGE, below - top + HEAD + EDGE)
        x, y, width, height = ((left + right - WIDE) / 2, top, WIDE, HIGH) if group.folded else spread
        found.append(
            Frame(
                id=f"{GROUP}{name}", x=x, y=y, width=width, height=height, title=group.title or say("canvas.unnamed"),
                sub=count("canvas.group_steps", len(steps)), color=group.color, folded=group.folded, steps=steps,
                problems=sum(1 for step in steps if problems.get(step)),
            )
        )  # fmt: skip
    return found


def folded_into(frames: Sequence[Frame]) -> dict[str, str]:
    """Return for each step that a folded group hides the frame that stands for it."""
    return {step: frame.id for frame in frames if frame.folded for step in frame.steps}
