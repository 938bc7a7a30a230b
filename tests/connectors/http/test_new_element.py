"""A polled service: what is new, what has changed, and what cannot be told apart."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from connectors.http import new_element
from connectors.http.poll import Poll
from connectors.sdk import Item, SettingsError, fill
from tests.peers.surroundings import Surroundings, surroundings
from tests.peers.web import Answer, WebPeer, web_peer


@pytest.fixture(scope="module")
async def peer() -> AsyncIterator[WebPeer]:
    async with web_peer() as running:
        yield running


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


async def read(
    around: Surroundings, peer: WebPeer, answer: Any, cursor: str | None = None, **settings: Any
) -> tuple[list[Any], str | None]:
    peer.always(Answer(json=answer))
    context = around.context(fill(Poll, {"url": f"{peer.base}/orders", **settings}))
    found: list[Item] = [item async for item in new_element.function(context, cursor)]
    return [item.content for item in found if item.content is not None], found[-1].cursor if found else cursor


@pytest.mark.parametrize(
    ("settings", "before", "after", "new"),
    [
        ({}, [{"id": 1}], [{"id": 2}, {"id": 1}], [{"id": 2}]),
        ({}, [{"id": 1, "v": 1}], [{"id": 1, "v": 2}], []),
        (
            {"version": "v"},
            [{"id": 1, "v": 1}, {"id": 2, "v": 1}],
            [{"id": 1, "v": 2}, {"id": 2, "v": 1}],
            [{"id": 1, "v": 2}],
        ),
        ({"key": ""}, ["a"], ["a", "b", "b"], ["b"]),
        (
            {"key": "meta.id"},
            [{"meta": {"id": "x"}}],
            [{"meta": {"id": "x"}}, {"meta": {"id": "y"}}],
            [{"meta": {"id": "y"}}],
        ),
        ({"paging": {"items": "data.rows"}}, {"data": {"rows": []}}, {"data": {"rows": [{"id": 1}]}}, [{"id": 1}]),
    ],
)
async def test_new_element_yields_what_was_not_there(settings, before, after, new, peer, around):
    _, cursor = await read(around, peer, before, **settings)
    found, cursor = await read(around, peer, after, cursor, **settings)
    again, _ = await read(around, peer, after, cursor, **settings)
    assert (found, again) == (new, [])


async def test_new_element_leaves_alone_what_was_there_when_told(peer, around):
    first, cursor = await read(around, peer, [{"id": 1}], existing="skip")
    second, _ = await read(around, peer, [{"id": 1}, {"id": 2}], cursor, existing="skip")
    assert (first, second) == ([], [{"id": 2}])


@pytest.mark.parametrize(("answer", "said"), [([{"name": "x"}], "nothing at 'id'"), ({"id": 1}, "no list")])
async def test_new_element_says_what_it_cannot_tell_apart(answer, said, peer, around):
    with pytest.raises(SettingsError, match=said):
        await read(around, peer, answer)
