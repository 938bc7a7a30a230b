"""A name server on loopback that knows a MongoDB cluster's SRV records, and is asked by all who ask dnspython."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import dns.asyncresolver
import dns.message
import dns.rcode
import dns.rrset


class NameServer(asyncio.DatagramProtocol):
    """Answers from its records: by name and type, lines as they stand in a zone."""

    def __init__(self, records: Mapping[tuple[str, str], Sequence[str]]) -> None:
        self._records = records
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        asked = dns.message.from_wire(data)
        answer = dns.message.make_response(asked)
        [question] = asked.question
        kind = dns.rdatatype.to_text(question.rdtype)
        found = self._records.get((question.name.to_text(), kind))
        if found:
            answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, found))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        self._transport.sendto(answer.to_wire(), addr)


@asynccontextmanager
async def name_server(records: Mapping[tuple[str, str], Sequence[str]]) -> AsyncIterator[None]:
    """Have dnspython ask a server with these records until the block ends."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: NameServer(records), local_addr=("127.0.0.1", 0))
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = ["127.0.0.1"]
    resolver.port = transport.get_extra_info("sockname")[1]
    usual = vars(dns.asyncresolver)
    before, usual["default_resolver"] = usual["default_resolver"], resolver
    try:
        yield
    finally:
        usual["default_resolver"] = before
        transport.close()
