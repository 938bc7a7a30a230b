"""What is visible at a place of a foreign flow, as the Liquid paths under which the same values stand here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence

import msgspec

ELEMENT = "element"
_PLAIN = re.compile(r"^[A-Za-z_][A-Za-z0-9_-]*$")


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """Where the data at hand stands: as a whole (in one of several places, where ways meet) or value by value.

    `each` is the list whose elements the data is one of; `renames` holds names that are other ones here.
    """

    whole: tuple[str, ...] = ()
    named: Mapping[str, tuple[str, ...]] = {}
    renames: Mapping[str, str] = {}
    each: str | None = None

    def find(self, names: Sequence[str | int]) -> str | None:
        """Return the Liquid expression for a path in the data; None when nothing is known to stand there."""
        for count in range(len(names), 0, -1):
            key = ".".join(str(name) for name in names[:count])
            if key in self.named:
                return _either([path(root, names[count:]) for root in self.named[key]])
        if not self.whole:
            return None
        first = self.renames.get(str(names[0])) if names else None
        renamed = [*first.split("."), *names[1:]] if first else names
        return _either([path(root, renamed) for root in self.whole])


def path(root: str, names: Sequence[str | int]) -> str:
    """Write a path the way Liquid reads it."""
    written = root
    for name in names:
        if isinstance(name, int):
            written += f"[{name}]"
        elif _PLAIN.match(name):
            written += f".{name}"
        else:
            quote = "'" if '"' in name else '"'
            written += f"[{quote}{name.replace(quote, '')}{quote}]"
    return written


def meet(sights: Sequence[Sight]) -> Sight:
    """Return what is visible where several ways come together: the first that has been gone."""
    first, *others = sights
    if all(one == first for one in others):
        return first
    names = {name: None for one in sights for name in one.named}
    lists = {one.each for one in sights}
    return Sight(
        whole=tuple(dict.fromkeys(root for one in sights for root in one.whole)),
        named={name: tuple(dict.fromkeys(r for one in sights for r in one.named.get(name, ()))) for name in names},
        renames={name: other for one in sights for name, other in one.renames.items()},
        each=first.each if len(lists) == 1 else None,
    )


def identity(title: str, taken: Collection[str], reserved: Collection[str]) -> str:
    """Return a step's id made of a title: small letters, no word that means something else, not taken."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    made = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:40].rstrip("_") or "step"
    made = made if made[0].isalpha() else f"step_{made}"
    made = f"{made}_step" if made in reserved or made == ELEMENT else made
    number, found = 2, made
    while found in taken:
        found = f"{made}_{number}"
        number += 1
    return found


def _either(paths: Sequence[str]) -> str:
    """Take the first path that gives something."""
    return " | default: ".join(dict.fromkeys(paths))
