"""Masking what leaves and unmasking what comes back: each value has one placeholder for a whole extraction."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from hub.jail import Jail
from hub.privacy.confined import search_confined
from hub.privacy.errors import PersonalDataError
from hub.privacy.finders import Kind, Spot
from hub.privacy.policy import Action, Policy

_TOKEN = re.compile(r"\[?\b((?:" + "|".join(kind.name for kind in Kind) + r")_\d+)\b\]?")
_WORDS = {
    Kind.IBAN: ("account number", "account numbers"),
    Kind.CARD: ("card number", "card numbers"),
    Kind.VAT_ID: ("VAT id", "VAT ids"),
    Kind.EMAIL: ("mail address", "mail addresses"),
    Kind.PHONE: ("telephone number", "telephone numbers"),
    Kind.NATIONAL_ID: ("personal id", "personal ids"),
    Kind.NAME: ("name", "names"),
    Kind.ADDRESS: ("place or address", "places and addresses"),
}


class Examined(msgspec.Struct, frozen=True):
    """A text and the personal data found in it."""

    text: str
    spots: tuple[Spot, ...] = ()


class Screen:
    """Applies a policy to everything that one extraction sends."""

    def __init__(self, policy: Policy, jail: Jail) -> None:
        self._policy = policy
        self._jail = jail
        self._tokens: dict[tuple[Kind, str], str] = {}
        self._values: dict[str, str] = {}
        self._examined: dict[str, Examined] = {}
        self._used: set[str] = set()

    async def examine(self, texts: Sequence[str], language: str = "") -> None:
        """Look for personal data in texts that may be sent later, in whole or in part."""
        if self._policy.action is Action.ALLOW:
            return
        fresh = [text for text in dict.fromkeys(texts) if text not in self._examined]
        if not fresh:
            return
        found = await search_confined(self._jail, fresh, self._policy.kinds, language)
        for text, spots in zip(fresh, found, strict=True):
            self._examined[text] = Examined(text, tuple(spots))
            # Words of the document that look like a placeholder keep their meaning.
            self._used.update(match[1] for match in _TOKEN.finditer(text))

    def leaving(self, text: str, start: int = 0, end: int | None = None, *, is_local: bool = False) -> str:
        """Return the part of an examined text as it may leave; PersonalDataError when it may not."""
        end = len(text) if end is None else end
        if self.exempts(is_local=is_local):
            return text[start:end]
        spots = self._between(text, start, end)
        if spots and self._policy.action is Action.REFUSE:
            raise PersonalDataError(
                f"The document holds {_told(spots)}, and the workspace's privacy policy lets none of that go to a "
                "provider. Nothing was sent."
            )
        return self._masked(text, spots, start, end) if self._policy.action is Action.MASK else text[start:end]

    def notes(self, texts: Iterable[tuple[str, int, int]], *, is_local: bool = False) -> list[str]:
        """Say in a sentence what was masked or went out in these parts of texts."""
        if self.exempts(is_local=is_local):
            return []
        spots = [spot for text, start, end in texts for spot in self._between(text, start, end)]
        if not spots:
            return []
        done = "were masked before anything was sent" if self._policy.action is Action.MASK else "were sent"
        return [f"Personal data: {_told(spots)} {done}."]

    def shows_pictures(self, *, is_local: bool = False) -> bool:
        """Tell whether pictures may leave: nothing can be masked in them."""
        return self.exempts(is_local=is_local) or self._policy.action is Action.FLAG

    def exempts(self, *, is_local: bool) -> bool:
        """Tell whether the policy leaves a provider alone."""
        return self._policy.action is Action.ALLOW or (is_local and self._policy.exempt_local)

    def restore(self, value: object) -> object:
        """Put the values back in the place of their placeholders, in texts, lists and objects."""
        if isinstance(value, str):
            return _TOKEN.sub(lambda match: self._values.get(match[1], match[0]), value)
        if isinstance(value, list):
            return [self.restore(one) for one in value]
        if isinstance(value, dict):
            return {key: self.restore(one) for key, one in value.items()}
        return value

    def _between(self, text: str, start: int, end: int) -> list[Spot]:
        examined = self._examined[text]
        return [spot for spot in examined.spots if spot.start < end and spot.end > start]

    def _masked(self, text: str, spots: Sequence[Spot], start: int, end: int) -> str:
        parts, at = [], start
        for spot in spots:
            parts += [text[at : max(at, spot.start)], f"[{self._token(spot.kind, text[spot.start : spot.end])}]"]
            at = spot.end
        return "".join([*parts, text[at:end]])

    def _token(self, kind: Kind, value: str) -> str:
        key = (kind, re.sub(r"[\s.-]", "", value).casefold())
        if key not in self._tokens:
            number = 1
            while f"{kind.name}_{number}" in self._used:
                number += 1
            token = f"{kind.name}_{number}"
            self._used.add(token)
            self._tokens[key] = token
            self._values[token] = value
        return self._tokens[key]


def _told(spots: Sequence[Spot]) -> str:
    """Count the kinds: 2 account numbers and a mail address."""
    counted = Counter(spot.kind for spot in spots)
    words = [f"{number} {_WORDS[kind][number > 1]}" for kind, number in counted.items()]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
