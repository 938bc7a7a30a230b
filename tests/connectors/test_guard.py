"""Nothing reaches an inner network: a table of addresses, over every connector that leaves the machine."""

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

import httpx2
import pytest

from connectors.sdk import Context, Item, Lookup, SettingsError, Target, Trigger, TriggerKind
from connectors.sdk.network.dial import guarded_httpx_client
from connectors.sdk.network.guard import AddressRefusedError, Guard
from connectors.sdk.network.http import HttpClient, HttpPool
from connectors.sdk.pages.courtesy import Courtesy
from hub.extraction.capturing.browsers import Browsers
from tests.connectors.recordings import filled, part_of, record_of, recording, speaking
from tests.peers.names import Names, client
from tests.peers.surroundings import CONFINEMENT
from tests.peers.web import Answer, WebPeer, web_peer

LEAVING = [
    uses
    for uses in (*speaking("http", Trigger, Lookup, Target), *speaking("driver", Trigger, Lookup, Target))
    if getattr(part_of(uses), "kind", None) is not TriggerKind.WEBHOOK
]
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
# Nothing that leaves the machine asks the hub for anything else
HUB: dict[str, Any] = {"folder": None, "datasets": None}
ANSWER = Answer(text="reached")


class OneFile:
    """The run's files, as far as uploads need some: whatever is asked for is there."""

    async def open(self, _: str) -> bytes:
        return b"%PDF-1.7"


@asynccontextmanager
async def context_of(uses: str, base: str, guard: Guard) -> AsyncIterator[Context[Any, Any]]:
    """Lend a context for a part's recording with an address in it; closes what was opened in it."""
    settings, connection = filled(uses, recording(uses, base))
    async with AsyncExitStack() as held:
        pool = HttpPool(guard)
        held.push_async_callback(pool.close)

        async def opened(opener: Callable[[], Any]) -> Any:
            found = await opener()
            held.push_async_callback(found.close)
            return found

        async def forget(_: str) -> None:
            return None

        async def access(_: str | None) -> str:
            return "token"

        yield Context(
            connection=connection,
            settings=settings,
            http=HttpClient(pool),
            httpx=partial(guarded_httpx_client, guard, None),
            dial=guard.dial,
            access=access,
            pool=opened,
            remember=forget,
            confined=CONFINEMENT.run,
            browser=Browsers(guard).of(None),
            courtesy=Courtesy(),
            files=OneFile(),
            **HUB,
        )


async def call(uses: str, base: str, guard: Guard) -> None:
    """Use a part once, and read a trigger to its end: what cannot be reached may be told after the rest."""
    part = part_of(uses)
    record = record_of(recording(uses))
    arguments = {Trigger: (None,), Lookup: (), Target: ([record] if getattr(part, "many", False) else record,)}
    async with context_of(uses, base, guard) as context:
        called = part.function(context, *arguments[type(part)])
        await (_read_out(called) if isinstance(part, Trigger) else called)


async def _read_out(items: AsyncIterator[Item]) -> list[Item]:
    return [item async for item in items]


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
@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254"])
async def test_no_connector_reaches_an_inner_address(uses, host, peer):
    peer.always(ANSWER)
    peer.asked.clear()
    port = peer.base.rpartition(":")[2]
    with pytest.raises(SettingsError, match=r"PATCHDECK_ALLOW_NETWORKS|not a valid URL"):
        await call(uses, f"http://{host}:{port}", Guard())
    assert peer.asked == []


@pytest.mark.parametrize("uses", LEAVING)
async def test_no_connector_is_fooled_by_a_name_that_moves_inside(uses, peer):
    """The name is public when it is checked and inner ever after: the connection goes where the check was."""
    peer.always(ANSWER)
    peer.asked.clear()
    names = Names(moving=[["127.0.0.1"]])
    port = peer.base.rpartition(":")[2]
    with pytest.raises(SettingsError, match="PATCHDECK_ALLOW_NETWORKS"):
        await call(uses, f"http://moving.example:{port}", Guard(resolve=names))
    assert (set(names.asked), peer.asked) == ({"moving.example"}, [])


@pytest.mark.parametrize("uses", speaking("http", Trigger, Lookup, Target))
@pytest.mark.parametrize("status", [302, 307])  # turned into a GET, and sent again as it was; all five stand below
async def test_no_connector_follows_a_redirect_inside(uses, status, peer):
    """The first host may be reached and sends us to one that may not."""
    names = Names(outer=[["127.0.0.1"]], inner=[["10.0.0.1"]])
    guard = Guard(["127.0.0.0/8"], resolve=names)
    port = peer.base.rpartition(":")[2]
    peer.always(Answer(status=status, headers={"Location": f"http://inner.example:{port}/secret"}))
    peer.asked.clear()
    with pytest.raises(AddressRefusedError):
        await call(uses, f"http://outer.example:{port}", guard)
    assert len([asked for asked in peer.asked if asked.path != "/robots.txt"]) <= 1
    assert peer.asked


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_follows_no_redirect_inside(status, peer):
    guard = Guard(["127.0.0.0/8"], resolve=Names(outer=[["127.0.0.1"]], inner=[["10.0.0.1"]]))
    port = peer.base.rpartition(":")[2]
    peer.always(Answer(status=status, headers={"Location": f"http://inner.example:{port}/secret"}))
    peer.asked.clear()
    async with client(guard) as http:
        with pytest.raises(AddressRefusedError):
            await http.get(f"http://outer.example:{port}/")
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
