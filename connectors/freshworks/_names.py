"""Fields of tickets with their choices: numbers by the words that people use for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.freshworks._account import call
from connectors.freshworks._product import Product
from connectors.sdk import Choice, Context, SettingsError

MOST_CHOICES = 500


class TicketField(msgspec.Struct, kw_only=True):
    """A field of tickets; the two products call some of its properties differently."""

    name: str
    label: str = ""
    type: str = ""
    field_type: str = ""
    default: bool | None = None
    default_field: bool | None = None
    choices: Any = None
    nested_ticket_fields: list[dict[str, Any]] | None = None
    nested_fields: list[dict[str, Any]] | None = None

    @property
    def is_own(self) -> bool:
        """Whether it is one that the account has added."""
        return not (self.default or self.default_field)

    @property
    def is_number(self) -> bool:
        """Whether it holds whole numbers."""
        return "custom_number" in {self.type, self.field_type}

    @property
    def below(self) -> list[str]:
        """The names of the fields that depend on it."""
        inner = [*(self.nested_ticket_fields or ()), *(self.nested_fields or ())]
        return [str(one["name"]) for one in inner if one.get("name")]

    @property
    def numbers(self) -> Mapping[str, int]:
        """Its choices that are numbers, by their words."""
        return dict(_numbered(self.choices))


class _Wrapped(msgspec.Struct):
    ticket_fields: list[TicketField]


class Names:
    """The words for the numbers of one account; its fields are asked for when a word is not one that all have."""

    def __init__(self, context: Context[Any, Any]) -> None:
        self._context = context
        self._product: Product = context.connection.product
        self._fields: Sequence[TicketField] | None = None

    async def fields(self) -> Sequence[TicketField]:
        """Return the fields of tickets."""
        if self._fields is None:
            answer = await call(self._context, "GET", self._product.fields)
            wrapped = self._product.wrapped
            self._fields = answer.read(_Wrapped).ticket_fields if wrapped else answer.read(list[TicketField])
        return self._fields

    async def number(self, name: str, value: Any) -> Any:
        """Return the number of a choice or in an own field of numbers; any other value as it is."""
        text = " ".join(str(value).split())
        is_whole = text.isdecimal() and len(text) < 16
        if name not in self._product.named:
            is_own = isinstance(value, str) and is_whole and name not in self._product.writable
            return int(text) if is_own and (await self._of(name)).is_number else value
        if not text or value is None:
            return value
        if is_whole:
            return int(text)
        known = self._product.named[name].get(text.casefold())
        if known is not None:
            return known
        choices = (await self._of(name)).numbers
        found = next((number for word, number in choices.items() if word.casefold() == text.casefold()), None)
        if found is None:
            words = ", ".join(list(choices) or list(self._product.named[name]))
            raise SettingsError(f"{text[:100]!r} is no {name} of {self._product.title}. Choose one of: {words}.")
        return found

    async def word(self, name: str, number: Any) -> str | None:
        """Return the word of a number as the account writes it; the number's digits where it has none."""
        if number is None:
            return None
        known: Mapping[str, int] = self._product.named[name]
        word = next((one for one, mine in known.items() if mine == number), None)
        if word is not None:
            return word.capitalize()
        choices = (await self._of(name)).numbers
        return next((one for one, theirs in choices.items() if theirs == number), str(number))

    async def _of(self, name: str) -> TicketField:
        found = next((one for one in await self.fields() if one.name == name), None)
        return found or TicketField(name=name)


async def fields(context: Context[Any, Any]) -> Sequence[Choice]:
    """Return the fields of tickets: those that all accounts have, and the account's own."""
    own = [one for one in await Names(context).fields() if one.is_own]
    below = [Choice(name) for one in own for name in one.below]
    return [
        *(Choice(name) for name in context.connection.product.writable),
        *(Choice(one.name, one.label) for one in own),
        *below,
    ]


async def own_fields(context: Context[Any, Any]) -> Sequence[Choice]:
    """Return the account's own fields, and the number that every ticket has."""
    own = [Choice(one.name, one.label) for one in await Names(context).fields() if one.is_own]
    return [Choice("id", "The ticket's number"), *own]


async def statuses(context: Context[Any, Any]) -> Sequence[str]:
    """Return the words for statuses."""
    return await _words(context, "status")


async def priorities(context: Context[Any, Any]) -> Sequence[str]:
    """Return the words for priorities."""
    return await _words(context, "priority")


async def types(context: Context[Any, Any]) -> Sequence[str]:
    """Return the types of tickets."""
    found = next((one for one in await Names(context).fields() if one.name in {"ticket_type", "type"}), None)
    choices = found.choices if found is not None and isinstance(found.choices, list) else []
    return [str(one.get("value", "")) if isinstance(one, Mapping) else str(one) for one in choices][:MOST_CHOICES]


async def groups(context: Context[Any, Any]) -> Sequence[Choice]:
    """Return the groups of agents by their numbers."""
    found = next((one for one in await Names(context).fields() if one.name == "group"), TicketField(name="group"))
    return [Choice(str(number), word) for word, number in found.numbers.items()][:MOST_CHOICES]


async def _words(context: Context[Any, Any], name: str) -> Sequence[str]:
    found = next((one for one in await Names(context).fields() if one.name == name), TicketField(name=name))
    return list(found.numbers)[:MOST_CHOICES] or [word.title() for word in context.connection.product.named[name]]


def _numbered(choices: Any) -> list[tuple[str, int]]:
    """Read choices in each of the ways in which they are written: {"Low": 1}, {"2": ["Open", ...]}, [{id, value}]."""
    found: list[tuple[str, int]] = []
    if isinstance(choices, Mapping):
        for name, value in choices.items():
            if isinstance(value, int):
                found.append((str(name), value))
            elif str(name).isdecimal():
                word = value[0] if isinstance(value, list) and value else value
                found.append((str(word), int(name)))
    elif isinstance(choices, list):
        pairs = [(one.get("value"), one.get("id")) for one in choices if isinstance(one, Mapping)]
        found += [(str(word), number) for word, number in pairs if isinstance(number, int)]
    return found
