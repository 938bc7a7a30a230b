"""The search for personal data in the jail: documents are hostile to pattern matching too."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from hub.jail import Jail, JailError, Limits
from hub.privacy.errors import NotScreenedError
from hub.privacy.finders import BY_MODEL, Kind, Spot, apart, find

SEARCH = "hub.privacy.confined:search"
_LIMITS = Limits(seconds=60, cpu_seconds=60, memory=2048 * 1024 * 1024)


class Sought(msgspec.Struct, frozen=True):
    """What goes into the jail."""

    texts: tuple[str, ...]
    kinds: tuple[Kind, ...]
    language: str = ""


def search(sought: Sought) -> list[list[Spot]]:
    """Return the spots of each text."""
    return [_found(text, sought) for text in sought.texts]


def _found(text: str, sought: Sought) -> list[Spot]:
    spots = find(text, sought.kinds, sought.language)
    if BY_MODEL.intersection(sought.kinds):
        from hub.privacy.names import find_names

        spots = apart([*spots, *find_names(text, sought.kinds)])
    return spots


async def search_confined(
    jail: Jail, texts: Sequence[str], kinds: Sequence[Kind], language: str = ""
) -> list[list[Spot]]:
    """Search texts in the jail; NotScreenedError when that fails, so that nothing leaves unseen."""
    try:
        return await jail.run(SEARCH, Sought(tuple(texts), tuple(kinds), language), list[list[Spot]], _LIMITS)
    except JailError as error:
        raise NotScreenedError(
            "The document could not be searched for personal data, so nothing of it was sent. "
            "Split it, or let the workspace's privacy policy allow it."
        ) from error
