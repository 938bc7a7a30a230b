"""Drawing anew under people's hands: a press that was on its way still does what it said on what was drawn before."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from nicegui import Client, ui
from nicegui.element import Element

# How long a press may be on its way, through a slow network to a busy hub; longer where the browser is not heard of
STAYS = 4.0


def emptied(box: Element) -> Element:
    """Empty a box that is drawn anew; what was in it is no longer seen, but hears presses for a moment more.

    For content whose buttons name what they are about, not its place in a list, which may be another's by then.
    """
    gone = list(box)
    for one in box.descendants():
        if isinstance(one, ui.timer):
            one.cancel()
    for slot in box.slots.values():
        slot.children.clear()
    box.update()
    if gone:
        client = box.client
        asyncio.get_running_loop().call_later(STAYS, _forget, client, gone, client.outbox.next_message_id)
    return box


@contextmanager
def redrawn(box: Element) -> Iterator[None]:
    """Draw a box anew as `emptied` does; what was folded open in it stays open."""
    opened = {one.props.get("data-testid") for one in _folding(box) if one.value} - {None}
    with emptied(box):
        yield
    for one in _folding(box):
        if one.props.get("data-testid") in opened:
            one.value = True


def _folding(box: Element) -> list[ui.expansion]:
    return [one for one in box.descendants() if isinstance(one, ui.expansion)]


def _forget(client: Client, gone: Sequence[Element], drawn: int) -> None:
    """Forget what was drawn before, once the browser has told that it knows of what came next: the message `drawn`."""
    if client.is_deleted:
        return
    outbox = client.outbox
    if outbox.next_message_id <= drawn or (outbox.message_history and outbox.message_history[0][0] <= drawn):
        asyncio.get_running_loop().call_later(STAYS, _forget, client, gone, drawn)
        return
    for one in gone:
        client.remove_elements(list(one.descendants(include_self=True)))
