"""Which events a webhook hears of: families as a whole, or single kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from nicegui import ui

from hub.errors import InvalidError
from hub.subscriptions import KINDS, EventKind
from hub.text import say
from ui.pieces import div, words


class KindBoxes:
    """A box for every family of events, folded open to its kinds."""

    def __init__(self, chosen: Sequence[str]) -> None:
        self._families: dict[str, ui.checkbox] = {}
        self._kinds: dict[str, ui.checkbox] = {}
        words(say("webhooks.kinds"), tag="h3")
        with div("pd-stack pd-scroll").style("max-height: 34vh; gap: 2px"):
            for family, kinds in _families():
                self._family(family, kinds, chosen)

    def chosen(self) -> tuple[str, ...]:
        """Return what is chosen, a whole family as `run.*`; InvalidError when nothing is."""
        families = [family for family, box in self._families.items() if box.value]
        single = [kind for kind, box in self._kinds.items() if box.value and _family_of(kind) not in families]
        if not families and not single:
            raise InvalidError(say("webhooks.no_kind"))
        return (*(f"{family}.*" for family in families), *single)

    def _family(self, family: str, kinds: Sequence[EventKind], chosen: Sequence[str]) -> None:
        whole = "*" in chosen or f"{family}.*" in chosen
        box = ui.checkbox(say(f"webhooks.family_{family}"), value=whole).props("dense").mark(f"family-{family}")
        box.props["data-testid"] = f"family-{family}"
        self._families[family] = box
        if len(kinds) == 1:
            box.value = whole or kinds[0].kind in chosen
            return
        with div("pd-stack").style("gap: 0; padding-left: 28px").bind_visibility_from(box, "value", lambda on: not on):
            for one in kinds:
                single = ui.checkbox(one.title, value=one.kind in chosen).props("dense size=xs").mark(one.kind)
                single.props["data-testid"] = one.kind
                self._kinds[one.kind] = single


def _families() -> Iterator[tuple[str, Sequence[EventKind]]]:
    for family, kinds in groupby(KINDS, key=lambda one: _family_of(one.kind)):
        yield family, list(kinds)


def _family_of(kind: str) -> str:
    return kind.partition(".")[0]
