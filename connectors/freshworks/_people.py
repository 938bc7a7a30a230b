"""The people who open tickets, found by what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.freshworks._account import call
from connectors.freshworks._query import condition
from connectors.freshworks._settings import FindPerson
from connectors.sdk import Context, SettingsError, TemporaryError


async def people(context: Context[Any, FindPerson], path: str, names: Mapping[str, str]) -> dict[str, Any]:
    """Return the people that a list knows by one of its parameters: the `records`, their `count` and the `first`.

    `names` are the parameters for what a person is found by; one that ends in ~ is a query for a beginning.
    """
    settings, title = context.settings, context.connection.product.title
    value = settings.value.strip()
    if not value:
        raise SettingsError(f"Say whom to find: the {settings.by} is empty.")
    name = names[settings.by]
    where, _, inner = name.partition("?")
    params = {inner or where: value}
    if name.endswith("~"):
        params = {"query": f'"~[{name[:-1]}]{condition("x", value)[1:]}"'}
    answer = await call(context, "GET", f"{path}/{where}" if inner else path, {"params": params})
    found = answer.json()
    if context.connection.product.wrapped and isinstance(found, Mapping):
        found = found.get(path)
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        raise TemporaryError(f"{title} answered otherwise than it describes: no list of {path}.")
    return {"records": found, "count": len(found), "first": found[0] if found else None}
