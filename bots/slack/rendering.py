"""Replies as Block Kit, within its limits: foreign words are text elements, in which nothing is marked up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bots.replies import Button, Reply
from bots.slack.words import inert, visible

Blocks = list[dict[str, Any]]
# Of Slack's published limits: a text, a label, an entry of a menu, entries, buttons that stand well beside each other
LONGEST_TEXT, LONGEST_LABEL, MOST_OPTIONS, MOST_BUTTONS = 3000, 75, 100, 5
# A reply above this is cut, with a link to the rest.
_LONGEST_REPLY = 8000
_LONGEST_FALLBACK = 2000
PRESS, CHOOSE, SAY, OPEN_FORM, LINK = "press", "choose", "say", "form", "link"
_MORE = "… The rest is in Patchdeck: "


def render(reply: Reply, own_url: str, values: Sequence[str] = ()) -> Blocks:
    """Return a reply's blocks; `values` are what its buttons carry, none where they cannot be pressed."""
    return _texts(_lines(reply, own_url)) + pressable(list(zip(reply.buttons, values, strict=False)))


def pressable(shown: Sequence[tuple[Button, str]], action: str = PRESS) -> Blocks:
    """Return a few buttons as buttons, many as a menu with those beside it that are no answers."""
    if not shown:
        return []
    numbered = list(enumerate(shown))
    answers, ways = [one for _, one in numbered if not one[0].apart], [one for one in numbered if one[1][0].apart]
    if len(answers) <= MOST_BUTTONS or any(button.once for button, _ in shown):
        return [{"type": "actions", "elements": [_button(one, action) for one in numbered][:25]}]
    options = [{"text": plain(button.label), "value": value} for button, value in answers[:MOST_OPTIONS]]
    menu = {
        "type": "static_select", "action_id": CHOOSE if action == PRESS else f"{action}:menu",
        "placeholder": plain("Choose…"), "options": options,
    }  # fmt: skip
    return [{"type": "actions", "elements": [menu, *(_button(one, action) for one in ways[:MOST_BUTTONS])]}]


def settled(blocks: Blocks, outcome: str) -> Blocks:
    """Return the blocks of a question that was decided: without what can be pressed, with what was decided."""
    kept = [block for block in blocks if block.get("type") != "actions"]
    return [*kept[:48], text_block([[_text(visible(outcome)[:LONGEST_TEXT], bold=True)]])]


def fallback(text: str) -> str:
    """Return the text for notifications and screen readers."""
    shown = text if len(text) <= _LONGEST_FALLBACK else f"{text[:_LONGEST_FALLBACK]}…"
    return inert(shown) or "…"


def plain(text: str, most: int = LONGEST_LABEL) -> dict[str, Any]:
    """Return a label: words only."""
    shown = " ".join(visible(text).split()) or "…"
    return {"type": "plain_text", "text": shown if len(shown) <= most else f"{shown[: most - 1]}…", "emoji": False}


def header(text: str) -> dict[str, Any]:
    """Return a heading."""
    return {"type": "header", "text": plain(text, 150)}


def text_block(lines: Sequence[Sequence[dict[str, Any]]]) -> dict[str, Any]:
    """Return a block of lines, each made of elements."""
    elements = [element for line in lines for element in (*line, _text("\n"))][:-1]
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _lines(reply: Reply, own_url: str) -> list[list[dict[str, Any]]]:
    lines: list[list[dict[str, Any]]] = []
    room, link = _LONGEST_REPLY, _link_in(reply.text, own_url) or own_url
    texts = [(line, False) for line in reply.text.splitlines()]
    rows = [(" · ".join(cell for cell in row if cell), True) for row in (reply.table.rows if reply.table else ())]
    for line, is_row in [*texts, *([("", False)] if rows else []), *rows]:
        room -= len(line) + 1
        if room < 0:
            return [*lines, [_text(_MORE), _link(link)]]
        lines.append(_row(line) if is_row else _line(line, own_url))
    return lines or [[_text("…")]]


def _line(line: str, own_url: str) -> list[dict[str, Any]]:
    if _is_own(line, own_url):
        return [_link(line)]
    shown = visible(line)
    return [_text(shown)] if shown else []


def _row(line: str) -> list[dict[str, Any]]:
    first, separator, rest = visible(line).partition(" · ")
    elements = [_text(first, bold=True)] if first else []
    return [*elements, _text(f"  {rest}")] if separator else elements


def _texts(lines: Sequence[list[dict[str, Any]]]) -> Blocks:
    """Part lines into blocks, each within the limit of a text."""
    parts: list[list[list[dict[str, Any]]]] = [[]]
    room = LONGEST_TEXT
    for line in lines:
        size = sum(len(element.get("text", "")) for element in line) + 1
        if size > room and parts[-1]:
            parts.append([])
            room = LONGEST_TEXT
        parts[-1].append(line)
        room -= size
    return [text_block(_with_something(part)) for part in parts]


def _with_something(lines: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """Keep a block from being nothing but line ends, which Slack refuses."""
    return lines if any(lines) else [[_text("…")]]


def _button(numbered: tuple[int, tuple[Button, str]], action: str) -> dict[str, Any]:
    place, (button, value) = numbered
    return {"type": "button", "text": plain(button.label), "action_id": f"{action}:{place}", "value": value}


def _text(text: str, *, bold: bool = False) -> dict[str, Any]:
    element: dict[str, Any] = {"type": "text", "text": text[:LONGEST_TEXT]}
    return element | ({"style": {"bold": True}} if bold else {})


def _link(url: str) -> dict[str, Any]:
    return {"type": "link", "url": url, "text": url}


def _link_in(text: str, own_url: str) -> str | None:
    return next((line for line in reversed(text.splitlines()) if _is_own(line, own_url)), None)


def _is_own(line: str, own_url: str) -> bool:
    return (line == own_url or line.startswith(f"{own_url}/")) and " " not in line
