"""A shop that lists its orders over REST and over GraphQL; the latter is executed and checked by graphql-core."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from aiohttp import web
from graphql import GraphQLError, build_schema, graphql

from tests.peers.faults import Faults, json_answer

SCHEMA = build_schema("""
type Order { id: ID!, total: Float!, updatedAt: Int! }
type PageInfo { hasNextPage: Boolean!, endCursor: String }
type Edge { node: Order!, cursor: String! }
type Orders { edges: [Edge!]!, nodes: [Order!]!, pageInfo: PageInfo! }
input NewOrder { total: Float! }
type Query { orders(after: String, first: Int = 100): Orders!, plain: [Order!]! }
type Mutation { addOrder(input: NewOrder!, key: String): Order! }
""")
TOKEN = "t0ken-t0ken"


class Shop:
    """Holds orders, oldest first; `writes` counts mutations, `asked` the queries of REST reads."""

    def __init__(self) -> None:
        self.base = ""
        self.orders: list[dict[str, Any]] = []
        self.by_key: dict[str, dict[str, Any]] = {}
        self.writes = 0
        self.asked: list[dict[str, str]] = []
        self.page = 100
        self.faults = Faults(lambda status, message: {"errors": [{"message": message}]} if status == 400 else {})

    def add(self, count: int = 1, *, age: int = 0) -> list[str]:
        """Put orders there; `age` puts them that many places before the newest moment."""
        newest = max((order["updatedAt"] for order in self.orders), default=1000)
        made: list[dict[str, Any]] = [
            {"id": f"ord-{len(self.orders) + n}", "total": 12.5, "updatedAt": newest + 1 + n - 2 * age}
            for n in range(count)
        ]
        self.orders += made
        return [order["id"] for order in made]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return json_answer(401, {"message": "Who are you?"}, {})
        return await (self._graphql(request) if request.path == "/graphql" else self._rest(request))

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        """List what was updated at or after `since`, in pages, with the newest moment."""
        self.asked.append(dict(request.query))
        since, page = int(request.query.get("since", 0)), int(request.query.get("page", 1))
        fitting = [order for order in self.orders if order["updatedAt"] >= since]
        cut = fitting[(page - 1) * self.page : page * self.page]
        newest = max((order["updatedAt"] for order in self.orders), default=None)
        return json_answer(200, {"data": cut, "meta": {"latest": newest}}, {})

    async def _graphql(self, request: web.Request) -> web.StreamResponse:
        told = msgspec.json.decode(await request.read())
        found = await graphql(SCHEMA, told["query"], root_value=self, variable_values=told.get("variables"))
        return json_answer(200, found.formatted, {})

    def plain(self, _: Any) -> list[dict[str, Any]]:
        """Resolve `plain`."""
        return self.orders

    def _from(self, after: str | None) -> int:
        if after is None:
            return 0
        if not after.isdecimal():
            raise GraphQLError("This cursor is none of ours.")
        return int(after) + 1

    def orders_after(self, after: str | None, first: int) -> dict[str, Any]:
        """Return a page in the shape of Relay."""
        start = self._from(after)
        cut = list(enumerate(self.orders))[start : start + first]
        info = {"hasNextPage": start + first < len(self.orders), "endCursor": str(cut[-1][0]) if cut else None}
        edges = [{"node": order, "cursor": str(place)} for place, order in cut]
        return {"edges": edges, "nodes": [order for _, order in cut], "pageInfo": info}

    def addOrder(self, _: Any, input: dict[str, Any], key: str | None = None) -> dict[str, Any]:  # noqa: A002, N802
        """Resolve `addOrder`; a key that came before brings the order of then."""
        self.writes += 1
        if input["total"] < 0:
            raise GraphQLError("A total may not be negative")
        if key not in self.by_key:
            self.add()
            self.by_key[key or ""] = self.orders[-1]
        return self.by_key[key or ""]


def _resolve_orders(shop: Shop, _: Any, first: int, after: str | None = None) -> dict[str, Any]:
    return shop.orders_after(after, first)


assert SCHEMA.query_type is not None
SCHEMA.query_type.fields["orders"].resolve = _resolve_orders


@asynccontextmanager
async def shop_peer() -> AsyncIterator[Shop]:
    """Run the shop on a free port of loopback."""
    shop = Shop()
    server = web.Server(lambda request: shop.faults.answer(request, shop.answer))  # type: ignore[arg-type]  # aiohttp takes a plain handler
    runner = web.ServerRunner(server, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    shop.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield shop
    finally:
        await runner.cleanup()
