"""Replies as Telegram shows them: HTML in which foreign words are only words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape

from bots.replies import Button, Reply

LONGEST = 4096
LONGEST_LABEL, MOST_BUTTONS = 60, 100
# Entities such as &lt; count as one letter there and as more here, so that this is on the safe side.
_ROOM = 3900
# Telegram links what looks like a command, a name, a tag or an address; an invisible joiner keeps it from that.
_JOINER = "\u2060"
_MARKS = re.compile(r"(?<![\w/])([/@#$])(?=\w)")
_ADDRESSES = re.compile(r"(?<=\w)(://|@(?=\w)|\.(?=[^\W\d_]{2,}))")


def render(reply: Reply, own_url: str) -> list[str]:
    """Return the messages of a reply, each short enough; links to the hub itself stay links."""
    lines = [_line(line, own_url) for line in reply.text.splitlines()]
    if reply.table is not None:
        lines += ["", *(_row(row) for row in reply.table.rows)]
    return _messages(lines) or ["…"]


def pressable(buttons: Sequence[Button]) -> list[Button]:
    """Return the buttons that a keyboard can hold: of too many the last answers are left out, the ways on stay."""
    ways = [one for one in buttons if one.apart][:MOST_BUTTONS]
    answers = [one for one in buttons if not one.apart]
    return [*answers[: MOST_BUTTONS - len(ways)], *ways]


def settled(text: str, outcome: str) -> str:
    """Return a message whose question was decided, with what was decided below it."""
    return f"{text[: _ROOM - 600]}\n\n<b>{inert(outcome[:500])}</b>"


def inert(text: str) -> str:
    """Return foreign words as HTML that shows exactly these words, with nothing in them to press."""
    plain = _ADDRESSES.sub(rf"{_JOINER}\1", _MARKS.sub(rf"\1{_JOINER}", text))
    return escape(plain.replace("\x00", ""), quote=False)


def _line(line: str, own_url: str) -> str:
    if line == own_url or line.startswith(f"{own_url}/"):
        return escape(line, quote=False)
    return inert(line)


def _row(cells: Iterable[str]) -> str:
    first, *others = [inert(cell) for cell in cells]
    rest = " · ".join(cell for cell in others if cell)
    return f"<b>{first}</b>  {rest}" if rest else f"<b>{first}</b>"


def _messages(lines: Iterable[str]) -> list[str]:
    """Part lines into messages; a line that is too long alone is cut, between its entities."""
    messages: list[str] = []
    for line in lines:
        piece = line if len(line) <= _ROOM else _cut(line)
        if messages and len(messages[-1]) + len(piece) < _ROOM:
            messages[-1] += f"\n{piece}"
        else:
            messages.append(piece)
    return [message.strip() for message in messages if message.strip()]


def _cut(line: str) -> str:
    plain = re.sub(r"</?b>", "", line)[: _ROOM - 10]
    return f"{re.sub(r'&[a-z]*$', '', plain)}…"
