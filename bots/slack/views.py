"""Forms that open at Slack: drafting a recipe, extracting from files, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from bots.drafting.form import Choice, Line, carried
from bots.replies import Reply
from bots.slack.rendering import LONGEST_TEXT, MOST_OPTIONS, Blocks, plain, render

DRAFT, EXTRACT, TOLD = "draft", "extract", "told"
REDRAW = "redraw"
_LONGEST_PLACEHOLDER = 150
_LONGEST_HINT = 2000


def draft_form(lines: Sequence[Line], told: str = "") -> dict[str, Any]:
    """Return the form by which a recipe is drafted; `told` stands above it."""
    intro = told or "Nothing runs before you publish it. Menus hold what this hub can do."
    blocks = [_words(intro), *(_input(line) for line in lines)]
    return _modal(DRAFT, "New recipe", blocks[:100]) | {"submit": plain("Draft it", 24)}


def extract_form(names: Sequence[str], schemas: Sequence[Choice], metadata: str) -> dict[str, Any]:
    """Return the form that asks by which schema files are read; `metadata` says which and where the answer goes."""
    line = Line(key="schema", label="What is to be extracted?", choices=schemas, required=True)
    blocks = [_words(f"From {', '.join(names)}"), _input(line)]
    return _modal(EXTRACT, "Extract this file", blocks) | {
        "submit": plain("Extract", 24), "private_metadata": metadata[:LONGEST_TEXT],
    }  # fmt: skip


def working() -> dict[str, Any]:
    """Return what stands there while the hub works."""
    return _modal(TOLD, "New recipe", [_words("The hub is drafting this…")])


def told(reply: Reply, own_url: str, values: Sequence[str], title: str = "New recipe") -> dict[str, Any]:
    """Return what came of a form."""
    return _modal(TOLD, title, render(reply, own_url, values)[:100])


def home(blocks: Blocks) -> dict[str, Any]:
    """Return the App Home."""
    return {"type": "home", "blocks": blocks[:100]}


def _modal(callback: str, title: str, blocks: Blocks) -> dict[str, Any]:
    return {
        "type": "modal", "callback_id": callback, "title": plain(title, 24), "close": plain("Close", 24),
        "blocks": blocks,
    }  # fmt: skip


def _words(text: str) -> dict[str, Any]:
    return {"type": "section", "text": plain(text, LONGEST_TEXT)}


def _input(line: Line) -> dict[str, Any]:
    block: dict[str, Any] = {
        "type": "input", "block_id": line.key[:255], "label": plain(line.label, _LONGEST_HINT),
        "optional": not line.required, "element": _menu(line) if line.choices else _field(line),
    }  # fmt: skip
    if line.redraws:
        block["dispatch_action"] = True
    return block | ({"hint": plain(line.hint, _LONGEST_HINT)} if line.hint else {})


def _field(line: Line) -> dict[str, Any]:
    element: dict[str, Any] = {"type": "plain_text_input", "action_id": "value"}
    if line.long:
        element["multiline"] = True
    if line.value:
        element["initial_value"] = line.value[:LONGEST_TEXT]
    return element | ({"placeholder": plain(line.example, _LONGEST_PLACEHOLDER)} if line.example else {})


def _menu(line: Line) -> dict[str, Any]:
    """Return a menu; where its entries have groups they stand below their names."""
    element: dict[str, Any] = {
        "type": "static_select", "action_id": REDRAW if line.redraws else "value", "placeholder": plain("Choose…"),
    }  # fmt: skip
    if any(one.group for one in line.choices):
        element["option_groups"] = [
            {"label": plain(group), "options": [_option(one) for one in held]}
            for group, every in groupby(line.choices, key=lambda one: one.group)
            for held in _portions(list(every))
        ][:MOST_OPTIONS]
    else:
        element["options"] = [_option(one) for one in line.choices[:MOST_OPTIONS]]
    value = carried(line.value)
    chosen = next((one for one in line.choices if value and carried(one.value) == value), None)
    return element | ({"initial_option": _option(chosen)} if chosen else {})


def _portions(choices: Sequence[Choice]) -> list[Sequence[Choice]]:
    return [choices[start : start + MOST_OPTIONS] for start in range(0, len(choices), MOST_OPTIONS)]


def _option(choice: Choice) -> dict[str, Any]:
    return {"text": plain(choice.label), "value": carried(choice.value)}
