"""Things by the names that people write: exactly, in another case, by title, or by how they begin."""

from __future__ import annotations

from bots.asked import Asked
from bots.grammar import close_to, did_you_mean
from connectors.sdk import Connector
from connectors.sdk.registry import find_connector
from hub.errors import InvalidError, NotFoundError
from hub.recipes.views import RecipeSummary

MOST = 500


async def find_recipe(asked: Asked, word: str) -> RecipeSummary:
    """Return the recipe that the argument names; the sentence of an error says which there are."""
    wanted = asked.argument.casefold()
    page = await asked.services.recipes.list(asked.member, limit=MOST)
    if not page.items:
        raise NotFoundError("There are no recipes yet. Say new and what you want in plain words.")
    if not wanted:
        names = ", ".join(one.name for one in page.items[:5])
        raise InvalidError(
            f"Which recipe? Say {word} and its name, such as: {word} {page.items[0].name}. Yours: {names}."
        )
    for one in page.items:
        if wanted in {one.name.casefold(), one.title.casefold(), one.id}:
            return one
    begun = [one for one in page.items if one.name.casefold().startswith(wanted) or wanted in one.title.casefold()]
    if len(begun) == 1:
        return begun[0]
    if begun:
        raise InvalidError(f"Several recipes are called like that: {', '.join(one.name for one in begun[:8])}.")
    meant = close_to(asked.argument, [one.name for one in page.items])
    raise NotFoundError(f"There is no recipe {asked.argument[:60]!r}.{did_you_mean(meant)} Say recipes to see all.")


async def connections_to(asked: Asked, connector: Connector) -> list[str]:
    """Return the names of the connections that a service can use: its own and those of its family."""
    found = [(one.name, find_connector(one.connector)) for one in await asked.services.connections.list(asked.member)]
    return [name for name, held in found if held is not None and held.family == connector.family]


def clipped(value: object, most: int = 60) -> str:
    """Return a value as one line of text that is not too long."""
    text = "" if value is None else " ".join(str(value).split())
    return text if len(text) <= most else f"{text[: most - 1]}…"
