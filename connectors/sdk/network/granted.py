"""Sending requests under a token that a service granted, renewed once when it is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from yarl import URL

from connectors.sdk.context import Context
from connectors.sdk.errors import CredentialsError
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of


def bearer(token: str) -> dict[str, str]:
    """Return the header that most services want to see."""
    return {"Authorization": f"Bearer {token}"}


async def send_granted(
    context: Context[Any, Any],
    method: str,
    url: str | URL,
    options: Options,
    sign: Callable[[str], Mapping[str, str]] = bearer,
    access: Callable[[str | None], Awaitable[str]] | None = None,
) -> Response:
    """Send a request under the connection's granted token, or one that `access` gives, another than the refused one."""
    if access is None:
        access = partial(_granted, context)
    token = await access(None)
    first: Options = {**options, "accepts": {*options.get("accepts", ()), 401}}
    answer = await context.http.request(method, url, **signed(first, sign(token)))
    if answer.status != 401:
        return answer
    token = await access(token)
    answer = await context.http.request(method, url, **signed(first, sign(token)))
    if answer.status == 401 and 401 not in options.get("accepts", ()):
        raise CredentialsError(
            f"{host_of(str(url))} answered 401: it does not accept the connection's token. Connect again."
        )
    return answer


def signed(options: Options, headers: Mapping[str, str]) -> Options:
    """Return the options with headers added."""
    return {**options, "headers": {**options.get("headers", {}), **headers}}


async def _granted(context: Context[Any, Any], refused: str | None) -> str:
    return await context.access_token(refused=refused)
