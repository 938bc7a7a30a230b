"""X's filtered stream, which tells within seconds that a poll is worth it."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from typing import Any

import msgspec

from connectors.sdk import Context, TemporaryError
from connectors.sdk.network.streams import lines
from connectors.x.connection import Connection, Problem, bearer, refused
from connectors.x.search import Search

TAG = "patchdeck"
# X sends an empty line every 20 seconds
SILENCE = 60.0
# X takes 50 connections in 15 minutes
SHORTEST = 18.0


class _Rule(msgspec.Struct):
    value: str
    id: str = ""


class _Rules(msgspec.Struct):
    data: list[_Rule] = []
    errors: list[Problem] = []


class _Matching(msgspec.Struct):
    id: str


class _Line(msgspec.Struct):
    matching_rules: list[_Matching] = []
    errors: list[Problem] = []


async def told(context: Context[Connection, Search], shortest: float = SHORTEST) -> None:
    """Return when the stream has a post for these settings, not before so many seconds have gone by."""
    rule, began = await _rule(context), time.monotonic()
    address = f"{context.connection.address.rstrip('/')}/2/tweets/search/stream"
    headers = {"Authorization": f"Bearer {await bearer(context)}"}
    async with aclosing(lines(context, address, headers, silence=SILENCE)) as told_lines:
        async for line in told_lines:
            if line and _is_for(line, rule):
                break
    await asyncio.sleep(max(0.0, began + shortest - time.monotonic()))


async def _rule(context: Context[Connection, Search]) -> str:
    """Return the id of the rule for these settings, made when there is none."""
    from tweepy import StreamRule

    from connectors.x.client import StreamRules

    rules, query = StreamRules(context), context.settings.query
    there: _Rules = (await rules.get_rules()).read(_Rules)
    found = next((rule.id for rule in there.data if rule.value == query), None)
    if found is not None:
        return found
    made: _Rules = (await rules.add_rules(StreamRule(query, tag=TAG))).read(_Rules)
    if not made.data:
        raise refused(made.errors)
    return made.data[0].id


def _is_for(line: str, rule: str) -> bool:
    try:
        said = msgspec.json.decode(line, type=_Line)
    except msgspec.DecodeError as error:
        raise TemporaryError("The stream of X cannot be read.") from error
    if said.errors:
        raise TemporaryError(f"X has closed the stream: {said.errors[0].sentence}.")
    return any(one.id == rule for one in said.matching_rules)


def is_streamed(context: Context[Any, Search]) -> bool:
    """Tell whether the stream can be listened to: only an app's own token may."""
    return context.settings.stream and context.connection.kind == "app"
