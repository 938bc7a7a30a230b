"""Nothing reaches an inner network: a table of addresses, over every connector that leaves the machine."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from connectors.sdk import Context, Lookup, SettingsError, Target, TemporaryError, Trigger
from connectors.sdk.dial import guarded_httpx_client
from connectors.sdk.guard import AddressRefusedError, Guard
from connectors.sdk.http import HttpClient, HttpPool, Response
from tests.connectors.recordings import filled, part_of, record_of, recording, speaking
from tests.peers.web import Answer, Exchange, Request, WebPeer, web_peer

LEAVING = [*speaking("http", Trigger, Lookup, Target), *speaking("driver", Trigger, Lookup, Target)]
INNER = [
    "127.0.0.1",
    "127.8.9.1",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "168.63.129.16",
    "224.0.0.1",
    "255.255.255.255",
    "192.0.0.192",
    "198.18.0.1",
    "240.0.0.1",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::127.0.0.1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:7f00:1::1",
    "2a00::5efe:7f00:1",
    "2a00::200:5efe:10.0.0.1",
    "2001:db8::1",
    "3fff::1",
    "4000::1",
    "100::1",
]
PUBLIC = ["93.184.215.14", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"]
# Forms that a resolver reads as an address
DISGUISES = [
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "127.1",
    "127.0.1",
    "localhost",
    "localhost.",
]
# Nothing that leaves the machine asks the hub for anything
HUB: dict[str, Any] = {"files": None, "folder": None, "datasets": None}
ANSWER = Answer(text="reached")


class Names:
    """A resolver of our own: gives each name its answers one after another and counts the questions."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self._answers = answers
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        answers = self._answers[host.partition(".")[0]]
        return answers.pop(0) if len(answers) > 1 else answers[0]


def context_of(uses: str, base: str, guard: Guard, pool: HttpPool) -> Context[Any, Any]:
    """Return a context for a part's recording with an address in it."""
    settings, connection = filled(uses, recording(uses, base))

    async def opened(opener: Callable[[], Any]) -> Any:
        return await opener()

    async def forget(_: str) -> None:
        return None

    return Context(
        connection=connection,
        settings=settings,
        http=HttpClient(pool),
        dial=guard.dial,
        pool=opened,
        remember=forget,
        **HUB,
    )


async def call(uses: str, context: Context[Any, Any]) -> None:
    """Use a part once."""
    part = part_of(uses)
    record = record_of(recording(uses))
    arguments = {Trigger: (None,), Lookup: (), Target: ([record] if getattr(part, "many", False) else record,)}
    called = part.function(context, *arguments[type(part)])
    await (anext(called, None) if isinstance(part, Trigger) else called)


@asynccontextmanager
async def client(guard: Guard) -> AsyncIterator[HttpClient]:
    """Lend a client and close its pool."""
    pool = HttpPool(guard)
    try:
        yield HttpClient(pool)
    finally:
        await pool.close()


@pytest.fixture(scope="module")
async def peer() -> AsyncIterator[WebPeer]:
    async with web_peer() as running:
        yield running


@pytest.mark.parametrize("address", INNER)
def test_refuses_inner_addresses(address):
    assert not Guard().permits(address, 443)


@pytest.mark.parametrize("address", PUBLIC)
def test_permits_public_addresses(address):
    assert Guard().permits(address, 443)


@pytest.mark.parametrize(
    "text", ["", "example.com", "/run/postgresql", "1.2.3", "0x7f000001", "2130706433", "::ffff:0177.0.0.1"]
)
def test_refuses_what_is_no_address(text):
    assert not Guard(["0.0.0.0/0", "::/0"]).permits(text, 443)


@pytest.mark.parametrize(
    ("network", "address"),
    [
        ("10.0.0.0/8", "10.1.2.3"),
        ("10.0.0.0/8", "::ffff:10.1.2.3"),
        ("fd00::/8", "fd00::1"),
        ("127.0.0.1/8", "127.0.0.5"),
    ],
)
def test_permits_networks_that_the_operator_allows(network, address):
    assert Guard([network]).permits(address, 443)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "0.0.0.0", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"])
def test_never_permits_the_hubs_own_ports(address):
    guard = Guard(["0.0.0.0/0", "::/0"], [("127.0.0.1", 5432)])
    assert not guard.permits(address, 5432)
    assert guard.permits(address, 5433)


def test_never_permits_the_hubs_own_ports_by_another_address_of_this_machine():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        own = probe.getsockname()[0]
    assert not Guard(["0.0.0.0/0"], [("0.0.0.0", 8080)]).permits(own, 8080)


@pytest.mark.parametrize("host", ["10.1.2.3", "db.inner.example"])
async def test_never_reaches_a_database_server_of_the_hub(host):
    guard = Guard(["10.0.0.0/8"], [(host, 5432)], Names(db=[["10.9.9.9"]], **{"10": [["10.1.2.3"]]}))
    with pytest.raises(AddressRefusedError):
        await guard.dial(host, 5432)


@pytest.mark.parametrize("host", ["/var/run/postgresql", "@abstract", "", "a/b", "host\0name"])
async def test_refuses_socket_paths(host):
    with pytest.raises(SettingsError):
        await Guard(["127.0.0.0/8"]).dial(host, 5432)


@pytest.mark.parametrize("host", DISGUISES)
async def test_refuses_disguised_addresses_in_urls_and_to_drivers(host):
    guard = Guard()
    with pytest.raises(SettingsError):
        await guard.dial(host, 80)
    async with client(guard) as http:
        with pytest.raises(SettingsError):
            await http.get(f"http://{host}/")


@pytest.mark.parametrize("address", ["127.0.0.1", "[::1]", "[::ffff:7f00:1]", "169.254.169.254", "0.0.0.0"])
async def test_refuses_literal_addresses_in_urls(address, peer):
    peer.always(ANSWER)
    peer.asked.clear()
    port = peer.base.rpartition(":")[2]
    async with client(Guard()) as http:
        with pytest.raises(AddressRefusedError):
            await http.get(f"http://{address}:{port}/")
    assert peer.asked == []


@pytest.mark.parametrize("uses", LEAVING)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "169.254.169.254", "10.0.0.1"])
async def test_no_connector_reaches_an_inner_address(uses, host, peer):
    peer.always(ANSWER)
    peer.asked.clear()
    guard = Guard()
    pool = HttpPool(guard)
    port = peer.base.rpartition(":")[2]
    with pytest.raises(SettingsError):
        await call(uses, context_of(uses, f"http://{host}:{port}", guard, pool))
    await pool.close()
    assert peer.asked == []


@pytest.mark.parametrize("uses", LEAVING)
async def test_no_connector_is_fooled_by_a_name_that_moves_inside(uses, peer):
    """The name is public when it is checked and inner ever after: the connection goes where the check was."""
    peer.always(ANSWER)
    peer.asked.clear()
    names = Names(moving=[["127.0.0.1"]])
    guard = Guard(resolve=names)
    pool = HttpPool(guard)
    port = peer.base.rpartition(":")[2]
    with pytest.raises(AddressRefusedError):
        await call(uses, context_of(uses, f"http://moving.example:{port}", guard, pool))
    await pool.close()
    assert (names.asked, peer.asked) == (["moving.example"], [])


@pytest.mark.parametrize("uses", speaking("http", Trigger, Lookup, Target))
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_connector_follows_a_redirect_inside(uses, status, peer):
    """The first host may be reached and sends us to one that may not."""
    names = Names(outer=[["127.0.0.1"]], inner=[["10.0.0.1"]])
    guard = Guard(["127.0.0.0/8"], resolve=names)
    pool = HttpPool(guard)
    port = peer.base.rpartition(":")[2]
    peer.always(Answer(status=status, headers={"Location": f"http://inner.example:{port}/secret"}))
    peer.asked.clear()
    with pytest.raises(AddressRefusedError):
        await call(uses, context_of(uses, f"http://outer.example:{port}", guard, pool))
    await pool.close()
    assert len(peer.asked) == 1


async def test_connects_to_the_address_that_was_checked(peer):
    """Between check and connect the name would answer with another address; nobody asks it again."""
    names = Names(moving=[["127.0.0.1"], ["169.254.169.254"]])
    guard = Guard(["127.0.0.0/8"], resolve=names)
    peer.always(ANSWER)
    port = peer.base.rpartition(":")[2]
    async with client(guard) as http:
        answer = await http.get(f"http://moving.example:{port}/")
    assert answer.text() == "reached"
    assert names.asked == ["moving.example"]


async def test_takes_only_the_public_ones_of_several_addresses():
    guard = Guard(resolve=Names(mixed=[["10.0.0.1", "93.184.215.14", "::1"]]))
    assert await guard.addresses("mixed.example", 443) == ["93.184.215.14"]


async def test_drivers_get_an_address_and_keep_the_name_for_tls():
    address = await Guard(resolve=Names(db=[["93.184.215.14"]])).dial("db.example", 5432)
    assert (address.host, address.port, address.server_name) == ("93.184.215.14", 5432, "db.example")


async def test_vendor_sdks_go_through_the_same_guard(peer):
    peer.always(ANSWER)
    port = peer.base.rpartition(":")[2]
    names = Names(moving=[["127.0.0.1"], ["127.0.0.1"], ["10.0.0.1"]])
    async with guarded_httpx_client(Guard(resolve=names)) as closed:
        with pytest.raises(httpx2.ConnectError, match="PATCHDECK_ALLOW_NETWORKS"):
            await closed.get(f"http://moving.example:{port}/")
    async with guarded_httpx_client(Guard(["127.0.0.0/8"], resolve=names)) as opened:
        answer = await opened.get(f"http://moving.example:{port}/")
    assert answer.text == "reached"
    assert len(names.asked) == 2


async def test_no_environment_leads_around_the_guard(peer, monkeypatch):
    peer.always(ANSWER)
    peer.asked.clear()
    monkeypatch.setenv("HTTP_PROXY", peer.base)
    monkeypatch.setenv("http_proxy", peer.base)
    async with client(Guard()) as http:
        with pytest.raises(SettingsError):
            await http.get("http://127.0.0.1:9/")
    async with guarded_httpx_client(Guard()) as vendor:
        with pytest.raises(httpx2.ConnectError):
            await vendor.get("http://127.0.0.1:9/")
    assert peer.asked == []


@pytest.mark.parametrize("host", ["api.example", "API.example", "one.parts.example", "a.b.parts.example"])
async def test_a_connection_reaches_its_hosts(host, peer):
    peer.always(ANSWER)
    answer = await _with_connection(host, peer)
    assert answer.text() == "reached"


@pytest.mark.parametrize("host", ["evil.example", "api.example.evil.example", "xapi.example", "parts.example"])
async def test_a_connection_reaches_no_other_host(host, peer):
    peer.asked.clear()
    with pytest.raises(SettingsError, match="may not call"):
        await _with_connection(host, peer)
    assert peer.asked == []


async def _with_connection(host: str, peer: WebPeer) -> Response:
    async def here(_: str, __: int) -> list[str]:
        return ["127.0.0.1"]

    pool = HttpPool(Guard(["127.0.0.0/8"], resolve=here))
    try:
        limited = HttpClient(pool, hosts=["api.example", "*.parts.example"])
        return await limited.get(f"http://{host}:{peer.base.rpartition(':')[2]}/")
    finally:
        await pool.close()


async def test_a_redirect_keeps_to_the_hosts_of_the_connection(peer):
    port = peer.base.rpartition(":")[2]
    peer.always(Answer(status=302, headers={"Location": f"http://evil.example:{port}/"}))
    pool = HttpPool(Guard(["127.0.0.0/8"], resolve=Names(api=[["127.0.0.1"]], evil=[["127.0.0.1"]])))
    with pytest.raises(SettingsError, match="may not call"):
        await HttpClient(pool, hosts=["api.example"]).get(f"http://api.example:{port}/")
    await pool.close()


async def test_credentials_do_not_follow_to_another_origin(peer):
    port = peer.base.rpartition(":")[2]
    peer.play(
        [
            Exchange(
                Request(path="/first"), Answer(status=307, headers={"Location": f"http://other.example:{port}/then"})
            ),
            Exchange(Request(path="/then"), ANSWER),
        ]
    )
    peer.asked.clear()
    guard = Guard(["127.0.0.0/8"], resolve=Names(one=[["127.0.0.1"]], other=[["127.0.0.1"]]))
    headers = {"Authorization": "Bearer t0ken", "X-API-Key": "k3y", "Cookie": "c=1", "Accept": "text/plain"}
    async with client(guard) as http:
        await http.get(f"http://one.example:{port}/first", headers=headers, params={"key": "k3y"})
    first, then = peer.asked
    assert first.headers["Authorization"] == "Bearer t0ken"
    assert {"Authorization", "X-API-Key", "Cookie"}.isdisjoint(then.headers)
    assert (then.headers["Accept"], then.query) == ("text/plain", {})


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.com/",
        "gopher://example.com/",
        "http://",
        "http://user:pw@example.com/",
        "//x",
        "x",
    ],
)
async def test_speaks_to_plain_web_addresses_only(url):
    async with client(Guard()) as http:
        with pytest.raises(SettingsError):
            await http.get(url)


async def test_an_unknown_name_is_a_mistake_in_the_settings():
    async def nobody(host: str, port: int) -> list[str]:
        return []

    with pytest.raises(SettingsError):
        await Guard(resolve=nobody).dial("nobody.example", 443)


async def test_gives_up_on_answers_that_are_too_large(peer):
    packed = base64.b64encode(b"x" * 5000).decode()
    peer.always(Answer(base64=packed))
    async with client(Guard(["127.0.0.0/8"])) as http:
        with pytest.raises(SettingsError, match="more than"):
            await http.get(peer.base, limit=1000)


async def test_gives_up_on_answers_that_do_not_come(peer):
    peer.always("silent")
    async with client(Guard(["127.0.0.0/8"])) as http:
        with pytest.raises(TemporaryError, match="in time") as failed:
            await http.post(peer.base, timeout=0.2)
    assert failed.value.uncertain


async def test_a_closed_port_leaves_no_doubt_about_a_write():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        async with client(Guard(["127.0.0.0/8"])) as http:
            with pytest.raises(TemporaryError) as failed:
                await http.post(f"http://127.0.0.1:{port}/")
    assert not failed.value.uncertain


async def test_keeps_connections_and_no_cookies(peer):
    peer.always(Answer(text="ok", headers={"Set-Cookie": "session=1"}))
    peer.asked.clear()
    async with client(Guard(["127.0.0.0/8"])) as http:
        await asyncio.gather(http.get(peer.base), http.get(peer.base))
        await http.get(peer.base)
    assert all("Cookie" not in asked.headers for asked in peer.asked)


async def test_a_header_cannot_smuggle_another(peer):
    peer.asked.clear()
    async with client(Guard(["127.0.0.0/8"])) as http:
        with pytest.raises(SettingsError):
            await http.get(peer.base, headers={"X-Name": "a\r\nX-Evil: 1"})
    assert peer.asked == []
