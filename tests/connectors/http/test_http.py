"""Asking and sending over HTTP: bodies, paging, credentials, and addresses that stay where they were fixed."""

import base64
import hashlib
import hmac
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from connectors.http import Request, Send, request, send
from connectors.http.connection import Connection
from connectors.sdk import Attachment, Receipt, Record, SettingsError, TemporaryError, fill
from tests.peers.surroundings import Surroundings, surroundings
from tests.peers.web import Answer, Exchange, WebPeer, web_peer
from tests.peers.web import Request as Asked

RECORD = Record(key="KEY-1")


@pytest.fixture(scope="module")
async def peer() -> AsyncIterator[WebPeer]:
    async with web_peer() as running:
        yield running


@pytest.fixture
async def around(peer: WebPeer) -> AsyncIterator[Surroundings]:
    peer.asked.clear()
    async with surroundings() as made:
        yield made


def exchange(path: str, answer: Answer, **query: str) -> Exchange:
    return Exchange(Asked(path=path, query=query), answer)


async def ask(around: Surroundings, url: str, connection: Connection | None = None, **settings: Any) -> Any:
    return await request.function(around.context(fill(Request, {"url": url, **settings}), connection))


async def deliver(around: Surroundings, url: str, connection: Connection | None = None, **settings: Any) -> Receipt:
    receipt: Receipt = await send.function(around.context(fill(Send, {"url": url, **settings}), connection), RECORD)
    return receipt


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (Answer(json={"a": 1}), {"a": 1}),
        (Answer(json=[], headers={"Content-Type": "application/problem+json"}), []),
        (Answer(text="plain", headers={"Content-Type": "text/plain"}), "plain"),
        (Answer(base64=base64.b64encode(b"\xfc").decode(), headers={"Content-Type": "text/csv; charset=latin-1"}), "ü"),
        (Answer(text="<a/>", headers={"Content-Type": "application/xml"}), "<a/>"),
        (Answer(status=204), None),
        (
            Answer(text="%PDF", headers={"Content-Type": "application/pdf"}),
            Attachment(name="thing", media_type="application/pdf", content=b"%PDF"),
        ),
    ],
)
async def test_request_returns_the_body_by_its_type(answer, body, peer, around):
    peer.always(answer)
    assert (await ask(around, f"{peer.base}/thing?x=1"))["body"] == body


@pytest.mark.parametrize(
    ("sent", "kept"),
    [('{"a": "x\\u0000y"}', "xy"), ('{"a": "\\\\u0000"}', "\\u0000"), ('{"a": "\\\\\\u0000\\u0000"}', "\\")],
)
async def test_request_keeps_what_can_be_stored(sent, kept, peer, around):
    peer.always(Answer(text=sent, headers={"Content-Type": "application/json"}))
    assert (await ask(around, peer.base))["body"] == {"a": kept}


@pytest.mark.parametrize("sent", [b'"\xed\xa0\x80"', b"1e400", b'"\\ud800"', b"[" * 100_000, b"\xff"])
async def test_request_asks_again_for_json_that_cannot_be_read(sent, peer, around):
    peer.always(Answer(base64=base64.b64encode(sent).decode(), headers={"Content-Type": "application/json"}))
    with pytest.raises(TemporaryError, match="cannot be read"):
        await ask(around, peer.base)


async def test_request_escapes_parameters(peer, around):
    peer.always(Answer(json=1))
    await ask(around, f"{peer.base}/?fixed=1", params={"q": "a&b=c d", "number": 3, "none": None})
    assert peer.asked[0].query == {"fixed": "1", "q": "a&b=c d", "number": "3"}


PAGES = {
    "link in the answer": (
        {"style": "link", "items": "data", "following": "links.next"},
        [
            exchange("/items", Answer(json={"data": [1], "links": {"next": "/items?page=2"}})),
            exchange("/items", Answer(json={"data": [2], "links": {"next": None}}), page="2"),
        ],
    ),
    "page numbers": (
        {"style": "page", "items": "data"},
        [
            exchange("/items", Answer(json={"data": [1]}), page="1"),
            exchange("/items", Answer(json={"data": [2]}), page="2"),
            exchange("/items", Answer(json={"data": []}), page="3"),
        ],
    ),
    "cursor": (
        {"style": "cursor", "items": "data", "following": "meta.cursor", "parameter": "after"},
        [
            exchange("/items", Answer(json={"data": [1], "meta": {"cursor": "c=2"}})),
            exchange("/items", Answer(json={"data": [2], "meta": {}}), after="c=2"),
        ],
    ),
}


@pytest.mark.parametrize("way", PAGES)
async def test_request_follows_pages(way, peer, around):
    paging, exchanges = PAGES[way]
    peer.play(exchanges)
    found = await ask(around, f"{peer.base}/items", paging=paging)
    assert (found["items"], found["more"]) == ([1, 2], False)


async def test_request_stops_after_the_most_pages(peer, around):
    peer.always(Answer(json={"items": [1], "next": "/again"}))
    found = await ask(around, f"{peer.base}/items", paging={"style": "link", "items": "items", "most": 3})
    assert (found["items"], found["pages"], found["more"]) == ([1, 1, 1], 3, True)


async def test_request_takes_no_next_page_from_another_host(peer, around):
    peer.always(Answer(json={"items": [1], "next": "http://127.0.0.1:9/steal"}))
    with pytest.raises(SettingsError, match="another host"):
        await ask(around, f"{peer.base}/items", paging={"style": "link", "items": "items"})


async def test_request_says_when_there_is_no_list(peer, around):
    peer.always(Answer(json={"data": {}}))
    with pytest.raises(SettingsError, match="no list at 'data'"):
        await ask(around, f"{peer.base}/items", paging={"style": "page", "items": "data"})


@pytest.mark.parametrize(
    ("connection", "header", "value"),
    [
        ({"kind": "bearer"}, "Authorization", "Bearer k3y-k3y"),
        ({"kind": "basic", "username": "me"}, "Authorization", f"Basic {base64.b64encode(b'me:k3y-k3y').decode()}"),
        ({"kind": "header", "name": "X-Key"}, "X-Key", "k3y-k3y"),
    ],
)
async def test_send_carries_credentials(connection, header, value, peer, around):
    peer.always(Answer(json={"id": 7}))
    receipt = await deliver(
        around, peer.base, fill(Connection, {"hosts": ["127.0.0.1"], "secret": "k3y-k3y", **connection}), json={}
    )
    assert peer.asked[0].headers[header] == value
    assert receipt.reference == "7"


async def test_send_carries_a_key_in_the_address(peer, around):
    peer.always(Answer())
    connection = fill(Connection, {"hosts": ["127.0.0.1"], "kind": "query", "name": "key", "secret": "k3y-k3y"})
    await deliver(around, f"{peer.base}/?a=1", connection, text="x")
    assert peer.asked[0].query == {"a": "1", "key": "k3y-k3y"}


async def test_send_signs_as_standard_webhooks_say(peer, around):
    peer.always(Answer())
    secret = base64.b64encode(b"twenty-four bytes of key").decode()
    connection = fill(Connection, {"hosts": ["127.0.0.1"], "kind": "signature", "secret": f"whsec_{secret}"})
    await deliver(around, peer.base, connection, json={"a": 1})
    headers = {name.lower(): value for name, value in peer.asked[0].headers.items()}
    signed = f"KEY-1.{headers['webhook-timestamp']}.".encode() + peer.asked[0].body
    expected = base64.b64encode(hmac.new(base64.b64decode(secret), signed, hashlib.sha256).digest()).decode()
    assert (headers["webhook-id"], headers["webhook-signature"]) == ("KEY-1", f"v1,{expected}")


@pytest.mark.parametrize(
    ("settings", "kind", "body"),
    [
        ({"json": {"n": None}}, "application/json", b'{"n":null}'),
        ({"json": []}, "application/json", b"[]"),
        ({"text": "grüezi"}, "text/plain; charset=utf-8", "grüezi".encode()),
        ({"text": "a,b", "headers": {"Content-Type": "text/csv"}}, "text/csv", b"a,b"),
    ],
)
async def test_send_sends_the_body_as_given(settings, kind, body, peer, around):
    peer.always(Answer())
    await deliver(around, peer.base, method="PUT", **settings)
    assert (peer.asked[0].method, peer.asked[0].headers["Content-Type"], peer.asked[0].body) == ("PUT", kind, body)


async def test_send_lets_nobody_replace_the_key(peer, around):
    peer.always(Answer())
    await deliver(around, peer.base, headers={"Idempotency-Key": "mine"}, json={})
    assert peer.asked[0].headers["Idempotency-Key"] == "KEY-1"


@pytest.mark.parametrize("struct", [Request, Send])
@pytest.mark.parametrize(
    "url",
    [
        "{{ trigger.url }}",
        "https://{{ trigger.host }}/",
        "https://example.com{{ trigger.rest }}",
        "{{ scheme }}://example.com/",
        "https://user:password@example.com/",
        "file:///etc/passwd",
        "https:///path",
        "https://example.com\\@evil.example/",
        "https://exam ple.com/",
        "https://example.com/a/../../admin",
        "https://example.com/a/%2e%2E/admin",
    ],
)
def test_refuses_addresses_that_others_could_turn(struct, url):
    with pytest.raises(msgspec.ValidationError):
        fill(struct, {"url": url})


@pytest.mark.parametrize(
    "url", ["https://example.com", "http://[2606:4700::1]:8080/x", "https://example.com/{{ a }}?b={{ c }}"]
)
def test_takes_addresses_with_a_fixed_host(url):
    assert fill(Send, {"url": url}).url == url


@pytest.mark.parametrize(
    "values",
    [
        {"hosts": []},
        {"hosts": ["https://example.com"]},
        {"hosts": ["example.com:80"]},
        {"hosts": ["a.example"], "kind": "signature", "secret": "not base64"},
    ],
)
def test_refuses_connections_without_plain_hosts(values):
    with pytest.raises(msgspec.ValidationError) as refused:
        fill(Connection, {"secret": "k3y-k3y", **values})
    assert "not base64" not in str(refused.value)


def test_send_takes_one_body():
    with pytest.raises(msgspec.ValidationError, match="not both"):
        fill(Send, {"url": "https://example.com", "json": {}, "text": "x"})
