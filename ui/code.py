"""The editor of a text in YAML: in the page's colours, with a name for those who cannot see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nicegui import ui

from ui.live import after_load
from ui.pieces import div
from ui.visit import Visit, in_browser

LIGHT: Final = "vscodeLight"
DARK: Final = "vscodeDark"
# What the browser is set to, asked there before the editor is drawn
AS_BROWSER = f"matchMedia('(prefers-color-scheme: dark)').matches ? '{DARK}' : '{LIGHT}'"
# How long a busy browser may take to answer
ANSWERS = 30.0


def code(visit: Visit, text: str, label: str, changed: Callable[[], object]) -> ui.codemirror:
    """Draw the editor; `changed` is called as one types."""
    with div("pd-editor"):
        made = ui.codemirror(text, language="YAML", theme=LIGHT, indent="  ", on_change=changed)
    made.mark("yaml").props("data-testid=yaml")
    if visit.theme == "dark":
        made.theme = DARK
    elif visit.theme == "system":
        made.props[":theme"] = AS_BROWSER
    after_load(lambda: in_browser("name_editor", made.html_id, label))
    return made
