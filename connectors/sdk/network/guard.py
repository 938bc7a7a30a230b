"""Where an outbound connection may go, decided on the address that is really connected to."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

import msgspec

from connectors.sdk.errors import SettingsError, TemporaryError

Resolve = Callable[[str, int], Awaitable[list[str]]]

_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
# Special purposes that the standard library does not know of in every version: protocol assignments, 6to4, examples
_SPECIAL_4 = tuple(IPv4Network(text) for text in ("192.0.0.0/24", "192.88.99.0/24"))
_SPECIAL_6 = tuple(IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))
_ISATAP = 0x5EFE
# Global by number, but answered by the cloud host itself
_CLOUD_HOST = IPv4Address("168.63.129.16")


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """A checked address to connect to; `server_name` is what a TLS certificate must be made out to."""

    host: str
    port: int
    server_name: str


class AddressRefusedError(SettingsError):
    """The address is not one that calls may go to."""


class Guard:
    """Says of every address and port whether the hub may connect to it.

    The public internet is allowed and so are `allowed_networks` (CIDRs); `denied_endpoints` are the hub's own servers
    as (host, port), which stay out of reach whatever is allowed; of an address that is otherwise closed, single ports
    can be open as `allowed_endpoints`. `resolve` turns a name into addresses.
    """

    def __init__(
        self,
        allowed_networks: Iterable[str] = (),
        denied_endpoints: Iterable[tuple[str, int]] = (),
        resolve: Resolve | None = None,
        *,
        allowed_endpoints: Iterable[tuple[str, int]] = (),
    ) -> None:
        self._open = frozenset((str(_plain(address)), port) for address, port in allowed_endpoints)
        self._allowed = tuple(ip_network(network, strict=False) for network in allowed_networks)
        self._denied = tuple((host.strip("[]").casefold(), port) for host, port in denied_endpoints)
        self._denied_ports = frozenset(port for _, port in self._denied)
        self._denied_addresses: frozenset[tuple[str, int]] = frozenset(
            (str(_plain(address)), port) for host, port in self._denied for address in _addresses_now(host)
        )
        self._resolve = resolve or resolve_host

    async def addresses(self, host: str, port: int) -> list[str]:
        """Resolve a host once and return the addresses that may be connected to; refuses when none is left."""
        if not host or "/" in host or "\0" in host or host.startswith("@"):
            raise AddressRefusedError("Give a host name or an address, not a socket path.")
        found = await self._resolve(host, port)
        permitted = [address for address in found if self.permits(address, port)]
        if not permitted or (host.casefold().rstrip("."), port) in self._denied:
            raise refusal(host, port)
        return permitted

    async def dial(self, host: str, port: int) -> Address:
        """Resolve a host once and return the address a driver must connect to, with the name TLS checks."""
        return Address(host=(await self.addresses(host, port))[0], port=port, server_name=host)

    async def require_inner(self, host: str, port: int) -> None:
        """Raise SettingsError unless a host is on networks that the operator allows, where plain http:// will do."""
        for address in await self.addresses(host, port):
            if is_public(_plain(address)):
                raise SettingsError(
                    f"{host} would be reached by http://, where everybody on the way can read along. Nothing of a "
                    "connection is sent like that: write https:// in the address."
                )

    def check(self, address: str, port: int) -> None:
        """Raise unless this very address and port may be connected to."""
        if not self.permits(address, port):
            raise refusal(address, port)

    def permits(self, address: str, port: int) -> bool:
        """Tell whether an address in text form may be connected to on a port; what is no address may not."""
        try:
            plain = _plain(address)
        except ValueError:
            return False
        if port in self._denied_ports and self._is_own(plain, port):
            return False
        if (str(plain), port) in self._open:
            return True
        return is_public(plain) or any(plain in network for network in self._allowed)

    def _is_own(self, address: IPv4Address | IPv6Address, port: int) -> bool:
        if (str(address), port) in self._denied_addresses:
            return True
        own_port_here = any(denied == port and _means_here(host) for host, denied in self._denied)
        return own_port_here and _is_this_machine(address)


def refusal(host: str, port: int) -> AddressRefusedError:
    """Return the error that tells a user why a host may not be reached and who can change it."""
    return AddressRefusedError(
        f"{host}, port {port}, is not on the public internet or belongs to the hub itself. "
        "The operator can allow its network with PATCHDECK_ALLOW_NETWORKS."
    )


async def resolve_host(host: str, port: int) -> list[str]:
    """Ask the system's resolver for a host's addresses; also reads decimal, octal and hexadecimal forms."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        if error.errno == socket.EAI_NONAME:
            raise SettingsError(f"There is no host called {host}. Check the address.") from error
        raise TemporaryError(f"The name {host} cannot be looked up at the moment.") from error
    except UnicodeError as error:
        raise SettingsError(f"{host[:100]} is not a host name. Check the address.") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@lru_cache(maxsize=4096)
def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether an address belongs to the public internet."""
    if isinstance(address, IPv4Address):
        special = address.is_multicast or address == _CLOUD_HOST or any(address in network for network in _SPECIAL_4)
        return address.is_global and not special
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    special = _is_isatap(address) or any(address in network for network in _SPECIAL_6)
    return address.is_global and address in _UNICAST and not special


def _plain(address: str) -> IPv4Address | IPv6Address:
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


def _is_isatap(address: IPv6Address) -> bool:
    return (int(address) >> 32) & 0xFDFFFFFF == _ISATAP


def _means_here(host: str) -> bool:
    try:
        address = _plain(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback or address.is_unspecified


def _is_this_machine(address: IPv4Address | IPv6Address) -> bool:
    """Only an address of this machine can be bound to."""
    if address.is_loopback or address.is_unspecified:
        return True
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def _addresses_now(host: str) -> list[str]:
    try:
        return list({str(address[0]) for *_, address in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)})
    except (OSError, UnicodeError):
        return []
