"""Old and new text side by side, so that a person sees at once what changed."""

from __future__ import annotations

from difflib import SequenceMatcher
from itertools import takewhile

import msgspec

AROUND = 2
# Exact matching of hostile texts grows with the cube, so more lines than this are compared as sets
MOST_LINES = 1000


class Difference(msgspec.Struct, frozen=True):
    """Lines with + and -, some of them around for context, and the added and removed lines alone."""

    diff: str
    added: list[str]
    removed: list[str]


def difference(before: str, after: str) -> Difference:
    """Compare two texts line by line."""
    old, new = before.splitlines(), after.splitlines()
    start = _same(old, new)
    end = min(_same(old[::-1], new[::-1]), min(len(old), len(new)) - start)
    first = max(0, start - AROUND)
    old, new = old[first : len(old) - max(0, end - AROUND)], new[first : len(new) - max(0, end - AROUND)]
    return _by_set(old, new) if max(len(old), len(new)) > MOST_LINES else _by_place(old, new)


def _same(old: list[str], new: list[str]) -> int:
    """Count the lines that both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _by_place(old: list[str], new: list[str]) -> Difference:
    lines: list[str] = []
    added: list[str] = []
    removed: list[str] = []
    for group in SequenceMatcher(None, old, new).get_grouped_opcodes(AROUND):
        lines += ["..."] if lines else []
        for kind, old_start, old_end, new_start, new_end in group:
            gone = old[old_start:old_end] if kind in {"replace", "delete"} else []
            come = new[new_start:new_end] if kind in {"replace", "insert"} else []
            lines += [f"  {line}" for line in old[old_start:old_end] if kind == "equal"]
            lines += [f"- {line}" for line in gone] + [f"+ {line}" for line in come]
            removed += gone
            added += come
    return Difference("\n".join(lines), added, removed)


def _by_set(old: list[str], new: list[str]) -> Difference:
    had, has = set(old), set(new)
    removed = [line for line in old if line not in has]
    added = [line for line in new if line not in had]
    lines = [f"- {line}" for line in removed] + [f"+ {line}" for line in added]
    text = "\n".join(lines) or "The same lines in another order."
    return Difference(text, added, removed)
