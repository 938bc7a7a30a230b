"""The proxy for programs with network code of their own: what it carries, and where it leads nobody."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import AsyncIterator

import httpx
import pytest

from connectors.sdk.errors import SettingsError
from connectors.sdk.network.guard import Guard
from connectors.sdk.network.proxy import LARGEST_HEAD, Proxy
from tests.peers.web import Answer, WebPeer, web_peer

HOSTS = {"page.test": ["127.0.0.1"], "inside.test": ["10.0.0.7"], "cloud.test": ["169.254.169.254"]}


class Names:
    """Answers for host names; `turning.test` has a public address first and one of this machine ever after."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def resolve(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        if host == "turning.test":
            return ["127.0.0.1"] if self.asked.count(host) == 1 else ["127.0.0.9"]
        if host not in HOSTS and not host.replace(".", "").isdigit():
            raise SettingsError(f"There is no host called {host}. Check the address.")
        return HOSTS.get(host, [host])


@pytest.fixture
async def peer() -> AsyncIterator[WebPeer]:
    async with web_peer() as peer:
        peer.always(Answer(text="hello", headers={"X-Own": "1"}))
        yield peer


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
async def proxy(names: Names) -> AsyncIterator[Proxy]:
    async with Proxy(Guard(["127.0.0.1/32"], resolve=names.resolve)) as proxy:
        yield proxy


def port_of(peer: WebPeer) -> str:
    return peer.base.rpartition(":")[2]


async def get(proxy: Proxy, url: str, password: str | None = None) -> httpx.Response:
    """Ask through the proxy as a program does."""
    through = httpx.Proxy(proxy.address, auth=(proxy.username, password or proxy.password))
    async with httpx.AsyncClient(proxy=through, trust_env=False, timeout=60) as client:
        return await client.get(url)


async def raw(proxy: Proxy, sent: bytes) -> bytes:
    """Send bytes and read what comes until the proxy closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    writer.write(sent)
    try:
        return await asyncio.wait_for(reader.read(), 60)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


def signed(proxy: Proxy, line: str, *fields: str) -> bytes:
    token = base64.b64encode(f"{proxy.username}:{proxy.password}".encode()).decode()
    return "\r\n".join([line, f"Proxy-Authorization: Basic {token}", *fields, "", ""]).encode()


async def test_carries_requests_to_where_calls_may_go(proxy: Proxy, peer: WebPeer):
    answer = await get(proxy, f"http://page.test:{port_of(peer)}/a?b=c")
    assert (answer.status_code, answer.text, answer.headers["x-own"]) == (200, "hello", "1")
    (asked,) = peer.asked
    assert (asked.path, asked.query) == ("/a", {"b": "c"})
    assert asked.headers["Host"] == f"page.test:{port_of(peer)}"
    assert not [name for name in asked.headers if name.lower().startswith("proxy-")]


async def test_opens_tunnels_to_where_calls_may_go(proxy: Proxy, peer: WebPeer):
    tunnel = signed(proxy, f"CONNECT page.test:{port_of(peer)} HTTP/1.1")
    answer = await raw(proxy, tunnel + b"GET / HTTP/1.1\r\nHost: page.test\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK")
    assert answer.endswith(b"hello")


@pytest.mark.parametrize("host", ["inside.test", "cloud.test", "10.1.2.3", "127.0.0.2", "192.168.0.1", "0.0.0.0"])
@pytest.mark.parametrize("line", ["CONNECT {host}:443 HTTP/1.1", "GET http://{host}/ HTTP/1.1"])
async def test_leads_nobody_inside(proxy: Proxy, host: str, line: str):
    answer = await raw(proxy, signed(proxy, line.format(host=host)))
    assert answer.startswith(b"HTTP/1.1 403 Forbidden")
    assert host in proxy.refused


@pytest.mark.parametrize("port", [22, 5432])
async def test_the_hubs_own_ports_stay_closed(names: Names, port: int):
    guard = Guard(["127.0.0.1/32"], [("127.0.0.1", port)], resolve=names.resolve)
    async with Proxy(guard) as proxy:
        assert b"403" in await raw(proxy, signed(proxy, f"CONNECT page.test:{port} HTTP/1.1"))


async def test_a_name_is_looked_up_once_for_each_connection(proxy: Proxy, names: Names, peer: WebPeer):
    first = await get(proxy, f"http://turning.test:{port_of(peer)}/")
    second = await get(proxy, f"http://turning.test:{port_of(peer)}/")
    assert (first.status_code, second.status_code) == (200, 403)
    assert names.asked == ["turning.test", "turning.test"]


async def test_the_host_of_the_address_counts_and_not_the_header(proxy: Proxy, peer: WebPeer):
    line = f"GET http://page.test:{port_of(peer)}/ HTTP/1.1"
    await raw(proxy, signed(proxy, line, "Host: inside.test", "Connection: keep-alive"))
    assert peer.asked[0].headers["Host"] == f"page.test:{port_of(peer)}"
    assert peer.asked[0].headers["Connection"] == "close"


async def test_serves_no_other_program(proxy: Proxy, peer: WebPeer):
    answer = await get(proxy, peer.base, password="guessed")
    assert answer.status_code == 407
    assert peer.asked == []


async def test_a_host_that_does_not_exist_or_answer_is_told(proxy: Proxy):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        down = await get(proxy, f"http://page.test:{closed.getsockname()[1]}/")
    missing = await get(proxy, "http://nowhere.test/")
    assert (down.status_code, down.text) == (502, "page.test cannot be reached.")
    assert (missing.status_code, "no host called nowhere.test" in missing.text) == (403, True)


@pytest.mark.parametrize(
    "line",
    [
        "GET / HTTP/1.1",
        "GET ftp://page.test/ HTTP/1.1",
        "GET http:///path HTTP/1.1",
        "GET http://page.test:99999/ HTTP/1.1",
        "GET http://[::1/ HTTP/1.1",
        "CONNECT HTTP/1.1",
        "nonsense",
        "GET http://page.test/ HTTP/1.1\nX: y",
    ],
)
async def test_what_is_no_request_to_a_proxy_is_refused(proxy: Proxy, line: str):
    assert (await raw(proxy, signed(proxy, line))).startswith(b"HTTP/1.1 400 Bad Request")


async def test_a_head_without_end_is_not_kept(proxy: Proxy):
    assert await raw(proxy, b"GET http://page.test/ HTTP/1.1\r\nX: " + b"x" * 3 * LARGEST_HEAD) == b""


async def test_a_program_that_moves_too_much_is_cut_off(names: Names, peer: WebPeer):
    peer.always(Answer(text="x" * 300_000))
    async with Proxy(Guard(["127.0.0.1/32"], resolve=names.resolve), most_bytes=100_000) as proxy:
        answer = await raw(proxy, signed(proxy, f"GET http://page.test:{port_of(peer)}/ HTTP/1.1"))
        assert len(answer) < 150_000
        assert proxy.exhausted
        assert await raw(proxy, signed(proxy, f"GET http://page.test:{port_of(peer)}/ HTTP/1.1")) == b""


async def test_ends_with_its_block_whoever_is_connected(names: Names):
    async with Proxy(Guard(resolve=names.resolve)) as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        port = proxy.port
    assert await asyncio.wait_for(reader.read(), 60) == b""
    writer.close()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
