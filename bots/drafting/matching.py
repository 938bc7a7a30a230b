"""Words against the declarations of connectors: which trigger and which target somebody means, without a model."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

from connectors.sdk.declare import Target, Trigger
from connectors.sdk.describe import describe
from connectors.sdk.registry import registry

_WORD = re.compile(r"[a-z0-9]+")
_CLAUSES = re.compile(r"\s*(?:→|->|=>|;|,|\bthen\b|\band\b|\binto\b|\bto\b|(?=\bwhen(?:ever)?\b))\s*", re.IGNORECASE)
_STARTS = re.compile(
    r"\b(when|whenever|every|each|new|watch|receive|uploaded|daily|hourly|weekly|from)\b", re.IGNORECASE
)
# Addresses hold words that are not meant; that there is a directory or a mail address says something itself
_ADDRESSES = [
    (re.compile(r"https?://\S+"), " page "),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), " mail "),
    (re.compile(r"(?<![\w/<])/[\w./-]+"), " folder "),
]
_IDLE = frozenset(
    re.findall(
        r"\w+",
        "a an the of in on at for from with by is are it its be each every all any when whenever if as that this these "
        "my our me i we please want would like recipe start run new make",
    )
)
# What people call things that declarations call otherwise
_ALSO = {
    "spreadsheet": "xlsx", "excel": "xlsx", "workbook": "xlsx", "mail": "email", "mailbox": "email", "inbox": "email",
    "directory": "folder", "drive": "folder", "table": "dataset", "database": "postgres", "sql": "postgres",
    "feed": "rss", "blog": "rss", "atom": "rss", "site": "page", "website": "page", "hook": "webhook",
    "daily": "schedule", "hourly": "schedule", "weekly": "schedule", "monthly": "schedule", "hour": "schedule",
    "day": "schedule", "morning": "schedule", "monday": "schedule", "upload": "manual", "api": "http",
    "request": "http", "json": "jsonl", "notify": "send", "write": "write",
}  # fmt: skip
_CLEAR, _CLOSE = 2.0, 0.75
_LIKELY = 5


def triggers(words: str) -> list[str]:
    """Return the triggers that the words may mean; one alone when they are clear."""
    found = [part for connector in registry().values() for part in connector.triggers.values()]
    return _best(words, found, first=True)


def targets(words: str) -> list[str]:
    """Return the targets that the words may mean; one alone when they are clear."""
    found = [part for connector in registry().values() for part in connector.targets.values()]
    return _best(words, found, first=False)


def telling(text: str) -> list[str]:
    """Return the words of a text that say something, in small letters."""
    return [word for word in _WORD.findall(text.lower()) if word not in _IDLE]


def stems(text: str) -> list[str]:
    """Return the words that say something without their endings, so that forms of one word are the same."""
    return [_stem(word) for word in telling(text)]


def _best(words: str, parts: Sequence[Trigger | Target], *, first: bool) -> list[str]:
    """Score parts by the clauses of the words: what starts a recipe stands in front, where it leads at the end."""
    scores: dict[str, float] = defaultdict(float)
    for clause, weight in _weighted(words, first=first):
        asked = {stem for word in stems(clause) for stem in (word, _ALSO_STEMS.get(word, word))}
        for part in parts:
            scores[part.uses] += weight * sum(_score(part.uses, word) for word in asked)
    ranked = [(uses, score) for uses, score in sorted(scores.items(), key=lambda one: -one[1])[:_LIKELY] if score > 0]
    if not ranked or ranked[0][1] < _CLEAR:
        return []
    best = ranked[0][1]
    close = [uses for uses, score in ranked if score >= _CLOSE * best]
    return close[:1] if len(close) == 1 else close


def _weighted(words: str, *, first: bool) -> list[tuple[str, float]]:
    """Return the clauses with their weights: those that say when come first, that they are in front or not."""
    plain = words
    for address, instead in _ADDRESSES:
        plain = address.sub(instead, plain)
    clauses = [clause for clause in _CLAUSES.split(plain) if clause and clause.strip()] or [plain]
    starts = [bool(_STARTS.search(clause)) for clause in clauses]
    if not any(starts):
        starts[0] = True
    last = max((place for place, start in enumerate(starts) if not start), default=len(clauses) - 1)
    main = [place for place, start in enumerate(starts) if start][:1] if first else [last]
    return [
        (clause, 1.0 if place in main else 0.5 if starts[place] == first else 0.2)
        for place, clause in enumerate(clauses)
    ]


def _score(uses: str, word: str) -> float:
    weights = _vocabulary()[uses]
    found = weights.get(word, 0.0)
    if not found and len(word) > 5:
        found = max(
            (weight * 0.5 for known, weight in weights.items() if len(known) > 4 and known in word), default=0.0
        )
    return found * _rarity().get(word, 1.0)


@cache
def _vocabulary() -> Mapping[str, Mapping[str, float]]:
    """The words of each part with their weights: names and titles most, settings least."""
    known: dict[str, dict[str, float]] = {}
    for connector in registry().values():
        for part in (*connector.triggers.values(), *connector.targets.values()):
            settings = " ".join(f"{one.name} {one.title}" for one in describe(part.settings))
            first, _, rest = part.text.partition("\n")
            weighted = [
                (f"{settings} {rest}", 0.3), (first, 1.0), (f"{part.name} {part.title}".replace("_", " "), 1.5),
                (f"{connector.name} {connector.title}", 2.5),
            ]  # fmt: skip
            known[part.uses] = {word: weight for text, weight in weighted for word in stems(text)}
    return known


@cache
def _rarity() -> Mapping[str, float]:
    """How much a word says: one that stands in every declaration says little."""
    parts = _vocabulary()
    counts = Counter(word for words in parts.values() for word in words)
    return {word: 0.3 + math.log(1 + len(parts) / number) / 2 for word, number in counts.items()}


def _stem(word: str) -> str:
    """Cut what words end in when there are many of a thing, or when something is being done with it."""
    for ending in ("ing", "ies", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


_ALSO_STEMS = {_stem(word): _stem(other) for word, other in _ALSO.items()}
