"""The peer that is held to a description notices what is wrong on either side."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from tests.peers.faults import Fault
from tests.peers.openapi import TOKEN, Call, OpenApiPeer, Reply, openapi_peer

SEARCH = "/2/tweets/search/recent"
GOOD = {"data": [{"id": "1", "text": "t", "edit_history_tweet_ids": ["1"]}], "meta": {"result_count": 1}}
BAD = {"data": [{"id": "1", "text": "t"}]}


@pytest.fixture
async def peer() -> AsyncIterator[OpenApiPeer]:
    made = OpenApiPeer("x", error=lambda status, message: {"title": message, "status": status})

    @made.on("GET", SEARCH)
    def search(call: Call) -> Any:
        return {"good": GOOD, "bad": BAD}[call.arguments["query"]]

    @made.on("POST", "/2/tweets")
    def post(call: Call) -> Any:
        return Reply(status=201, body={"data": {"id": "1", "text": call.body["text"]}})

    async with openapi_peer(made):
        yield made


async def ask(peer: OpenApiPeer, verb: str, path: str, token: str = TOKEN, **more: Any) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(verb, peer.base + path, **more) as got,
    ):
        return got.status


async def test_answers_what_keeps_to_the_description(peer):
    assert await ask(peer, "GET", f"{SEARCH}?query=good&max_results=10&tweet.fields=id,lang") == 200
    assert peer.calls[0].arguments == {"query": "good", "max_results": 10, "tweet.fields": ["id", "lang"]}
    assert await ask(peer, "POST", "/2/tweets", json={"text": "hi"}) == 201
    assert peer.violations == []


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "said"),
    [
        ("GET", f"{SEARCH}?query=good&max_results=5", None, 400, "less than the minimum"),
        ("GET", f"{SEARCH}?query=good&tweet.fields=nope", None, 400, "is not one of"),
        ("GET", f"{SEARCH}?query=good&what=1", None, 400, "Unknown query parameters: what"),
        ("GET", SEARCH, None, 400, "query is missing"),
        ("GET", f"{SEARCH}?query=bad", None, 200, "ANSWER.*required property"),
        ("GET", "/2/users/me", None, 501, "No handler"),
        ("GET", "/2/nothing", None, 404, "no path"),
        ("PUT", "/2/tweets", {"text": "hi"}, 405, "not described"),
        ("POST", "/2/tweets", {"text": "hi", "more": 2}, 400, "'more' was unexpected"),
        ("POST", "/2/tweets", {"text": 3}, 400, "not of type 'string'"),
        ("POST", "/2/tweets", None, 400, "body is missing"),
    ],
)
async def test_notes_what_breaks_the_description(verb, path, body, status, said, peer):
    assert await ask(peer, verb, path, **({"json": body} if body else {})) == status
    with pytest.raises(AssertionError, match=said):
        assert "\n".join(peer.violations) == ""


async def test_fails_as_it_is_told_to(peer):
    peer.fail(Fault(status=429, headers={"Retry-After": "7"}, path="/2/tweets", times=1, skip=1))
    assert [await ask(peer, "GET", f"{SEARCH}?query=good") for _ in range(3)] == [200, 429, 200]
    peer.fail(Fault(kind="cut", late=True, times=1))
    with pytest.raises(aiohttp.ClientError):
        await ask(peer, "POST", "/2/tweets", json={"text": "hi"})
    assert len(peer.asked("POST", "/2/tweets")) == 1
    assert await ask(peer, "GET", f"{SEARCH}?query=good", token="expired") == 401
