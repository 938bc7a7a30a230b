"""Words against the declarations of connectors: which trigger and which target somebody means, without a model."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cache
from typing import Literal

from connectors.sdk import Category
from connectors.sdk.declare import Connector, Target, Trigger
from connectors.sdk.describe import describe
from connectors.sdk.registry import find_connector, registry

_WORD = re.compile(r"[a-z0-9]+")
_CLAUSES = re.compile(
    r"\s*(?:→|->|=>|;|,|\bthen\b|\band\b|\binto\b|\bto\b|(?=\bwhen(?:ever)?\b)"
    r"|(?=\b(?:send|post|write|save|add|append|put|upload|tell|copy|create|make)\s+(?:an?|the|it|them|me|us)\b))\s*",
    re.IGNORECASE,
)
_STARTS = re.compile(
    r"\b(when|whenever|every|each|new|watch|receive|uploaded|daily|hourly|weekly|from)\b", re.IGNORECASE
)
# That there is a directory or a mail address says something itself
_ADDRESSES = [
    (re.compile(r"https?://\S+"), " page "),
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"), " mail "),
    (re.compile(r"(?<![\w/<])/[\w./-]+"), " folder "),
]
_IDLE = frozenset(
    re.findall(
        r"\w+",
        "a an the of in on at for from with by is are it its be each every all any when whenever if as that this these "
        "my our me i we please want would like recipe start run new make or "
        "somebody someone",
    )
)
# What people call things that declarations call otherwise
_ALSO = {
    "spreadsheet": "xlsx", "excel": "xlsx", "workbook": "xlsx", "mail": "email", "mailbox": "email", "inbox": "email",
    "directory": "folder", "table": "dataset", "database": "postgres", "sql": "postgres",
    "feed": "rss", "blog": "rss", "atom": "rss", "site": "page", "website": "page", "hook": "webhook",
    "daily": "schedule", "hourly": "schedule", "weekly": "schedule", "monthly": "schedule", "hour": "schedule",
    "day": "schedule", "morning": "schedule", "monday": "schedule", "upload": "manual", "api": "http",
    "request": "http", "json": "jsonl", "notify": "send", "write": "write",
}  # fmt: skip
# A service that is named says more than one that words may mean; one that people have connected more than another
_NAMED, _MEANT, _TITLE, _LINE, _SETTINGS = 2.5, 2.0, 1.5, 1.0, 0.3
_CONNECTED = 1.6
_CLEAR, _CLOSE, _LIKE = 2.5, 0.75, 0.25
_LIKELY = 8
_UNSAID = 0.3

Side = Literal["trigger", "target"]
Families = AbstractSet[str]
# The weight of each clause and its words, each with what it means besides
Clauses = Sequence[tuple[float, AbstractSet[tuple[str, ...]]]]


def triggers(words: str, connected: Families = frozenset()) -> list[str]:
    """Return the triggers that the words may mean; one alone when they are clear."""
    return _best(words, "trigger", connected)


def targets(words: str, connected: Families = frozenset()) -> list[str]:
    """Return the targets that the words may mean; one alone when they are clear."""
    return _best(words, "target", connected)


def ranked(words: str, side: Side, connected: Families = frozenset()) -> list[str]:
    """Return all triggers or targets, those first that the words may mean, then those that are at hand."""
    clauses = _weighted(words, side)
    services = _services(clauses, side)

    def order(part: Trigger | Target) -> tuple[float, bool, bool, float]:
        one = part.connector
        at_hand = one.family in connected or one.connection_optional
        score = services[one.name] * (_CONNECTED if one.family in connected else 1.0)
        return (-score, not at_hand, one.category is not Category.HUB, -_part_score(part, clauses))

    return [part.uses for part in sorted(parts_of(side), key=order)]


def narrowed(words: str, side: Side) -> list[str]:
    """Return the triggers or targets in whose names, titles and first sentence each word stands, or begins one."""
    said = telling(words) or _WORD.findall(words.lower())
    found = [(_fit(part, said), part.uses) for part in parts_of(side)] if said else []
    return [uses for fit, uses in sorted(found, key=lambda one: -one[0]) if fit > 0]


def parts_of(side: Side, connector: Connector | None = None) -> list[Trigger | Target]:
    """Return the triggers or targets of a service, or of all."""
    chosen = registry().values() if connector is None else (connector,)
    return [part for one in chosen for part in getattr(one, f"{side}s").values()]


def telling(text: str) -> list[str]:
    """Return the words of a text that say something, in small letters."""
    return [word for word in _WORD.findall(text.lower()) if word not in _IDLE]


def stems(text: str) -> list[str]:
    """Return the words that say something without their endings, so that forms of one word are the same."""
    return [_stem(word) for word in telling(text)]


def _best(words: str, side: Side, connected: Families) -> list[str]:
    """Find the service by all words, then its part; of several services that are close, the part of each."""
    clauses = _weighted(words, side)
    scores = {name: score for name, score in _services(clauses, side).items() if score > 0}
    close = _close(scores)
    if not close or scores[close[0]] < _CLEAR:
        return []
    said = frozenset(stems(_plain(words)))
    meant = [name for name in close if said & _own(registry()[name])] or _connected(close, clauses, side, connected)
    parts = [parts_of(side, find_connector(name)) for name in (meant or close)[:_LIKELY]]
    return [max(held, key=lambda part: _part_score(part, clauses)).uses for held in parts]


def _connected(close: Sequence[str], clauses: Clauses, side: Side, connected: Families) -> list[str]:
    """Return the connected services that have what is asked for, though others may have it more by their words."""
    main = _services([clause for clause in clauses if clause[0] == 1.0], side)
    known = {name: score for name, score in main.items() if registry()[name].family in connected}
    return _close({name: score for name, score in known.items() if score >= _LIKE * main[close[0]] > 0})


def _close(scores: Mapping[str, float]) -> list[str]:
    """Return the best and those close to it."""
    order = sorted(scores, key=lambda name: -scores[name])
    return [name for name in order if scores[name] >= _CLOSE * scores[order[0]]]


def _services(clauses: Clauses, side: Side) -> dict[str, float]:
    """Score services by the clauses of the words: what starts a recipe stands in front, where it leads at the end."""
    scores: dict[str, float] = {}
    for connector in registry().values():
        held = parts_of(side, connector)
        if held:
            scores[connector.name] = sum(
                weight * max(_score(part.uses, one) for part in held)
                for weight, asked in clauses
                for word in asked
                for one in word
            )
    return scores


def _part_score(part: Trigger | Target, clauses: Clauses) -> float:
    """Score a part among those of its service: by words of its title that are said, less those that are not."""
    own, title = _names(part.connector), frozenset(stems(f"{part.name} {part.title}".replace("_", " ")))
    told = title - own
    words = [(weight, one) for weight, asked in clauses for one in {one for word in asked for one in word}]
    said = sum(weight * _rarity().get(one, 1.0) for weight, one in words if one in told)
    asked_at_all = {one for _, one in words}
    return said - _UNSAID * len(told - asked_at_all) if said else 0.0


def _weighted(words: str, side: Side) -> Clauses:
    """Return what the clauses say, with their weights: most says the one that stands where such a part is named."""
    plain = _plain(words)
    clauses = [clause for clause in _CLAUSES.split(plain) if clause and clause.strip()] or [plain]
    starts = [bool(_STARTS.search(clause)) for clause in clauses]
    if not any(starts):
        starts[0] = True
    first = side == "trigger"
    last = max((place for place, start in enumerate(starts) if not start), default=len(clauses) - 1)
    main = [place for place, start in enumerate(starts) if start][:1] if first else [last]
    return [
        (
            1.0 if place in main else 0.5 if starts[place] == first else 0.2,
            frozenset((word, *_ALSO_STEMS.get(word, "").split()) for word in stems(clause)),
        )
        for place, clause in enumerate(clauses)
    ]


def _plain(words: str) -> str:
    """Return the words without addresses, which hold words that are not meant."""
    for address, instead in _ADDRESSES:
        words = address.sub(instead, words)
    return words


def _score(uses: str, word: str) -> float:
    weights = _vocabulary()[uses]
    found = weights.get(word, 0.0)
    if found == _NAMED and word in _MEANT_STEMS:
        found = _MEANT
    if not found and len(word) > 5:
        found = max(
            (weight * 0.5 for known, weight in weights.items() if len(known) > 4 and known in word), default=0.0
        )
    return found * _rarity().get(word, 1.0)


def _fit(part: Trigger | Target, said: Sequence[str]) -> float:
    """Tell how well typed words fit a part: nothing unless each of them begins a word or means one."""
    weights = _vocabulary()[part.uses]
    total = 0.0
    for word in said:
        meant = {word, _stem(word), _ALSO_STEMS.get(_stem(word), word)}
        fits = [weight for known, weight in weights.items() if weight > _SETTINGS and known.startswith(tuple(meant))]
        if not fits:
            return 0.0
        total += max(fits)
    return total


@cache
def _names(connector: Connector) -> frozenset[str]:
    """Return the words that name a service, as people say them too."""
    own = _own(connector)
    return own | {word for word, other in _ALSO_STEMS.items() if other in own}


@cache
def _own(connector: Connector) -> frozenset[str]:
    """Return the words of a service's name and title."""
    return frozenset(stems(f"{connector.name} {connector.title}".replace("_", " ")))


@cache
def _vocabulary() -> Mapping[str, Mapping[str, float]]:
    """The words of each part with their weights: names and titles most, settings least."""
    known: dict[str, dict[str, float]] = {}
    for part in (*parts_of("trigger"), *parts_of("target")):
        own, connector = describe(part.settings), part.connector
        first, _, rest = part.text.partition("\n")
        weighted = [
            (f"{' '.join(f'{one.name} {one.title}' for one in own)} {rest}", _SETTINGS),
            (f"{connector.family} {first}", _LINE),
            (f"{part.name} {part.title}", _TITLE),
            (f"{connector.name} {connector.title}", _NAMED),
        ]
        known[part.uses] = {word: weight for text, weight in weighted for word in stems(text.replace("_", " "))}
    return known


@cache
def _rarity() -> Mapping[str, float]:
    """How much a word says: one that services of many kinds have in common says little."""
    said: dict[str, set[str]] = {}
    for uses, words in _vocabulary().items():
        said.setdefault(uses.partition(".")[0], set()).update(words)
    counts = Counter(word for words in said.values() for word in words)
    return {word: 0.3 + math.log(1 + len(said) / number) / 2 for word, number in counts.items()}


def _stem(word: str) -> str:
    """Cut what words end in when there are many of a thing, or when something is being done with it."""
    for ending in ("ing", "ies", "ed", "es", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)]
    return word


_ALSO_STEMS = {_stem(word): _stem(other) for word, other in _ALSO.items()}
_MEANT_STEMS = frozenset(_ALSO_STEMS.values())
