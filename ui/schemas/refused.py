"""What the golden set found wrong in a version that was to be used."""

from __future__ import annotations

from collections.abc import Callable

from hub.errors import HubError
from hub.text import count, say
from ui.pieces import button, card, div, note, words

MOST = 50


def refused(error: HubError, try_it: Callable[[], object] | None = None) -> None:
    """Tell why the golden set holds a version back, value by value."""
    with note("bad", "block", say("schema.refused"), error.message):
        if try_it:
            button(say("schema.save_to_try"), "refused-to-try", try_it)
    with card(count("schema.wrong_values", len(error.errors))), div("pd-stack").mark("wrong-values"):
        for one in error.errors[:MOST]:
            with div("pd-stack").style("gap: 2px").props("data-testid=wrong-value"):
                words(one.path, "pd-strong")
                words(one.message, "pd-soft")
