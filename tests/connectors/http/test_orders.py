"""Lists that grow at a service, over REST with a position and over GraphQL with Relay's pages; and mutations."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from connectors.http import graphql_change, graphql_query
from connectors.http.connection import Connection
from connectors.http.graphql import Asked, Followed, Mutation
from connectors.http.poll import Poll
from connectors.sdk import Context, CredentialsError, Record, Settings, SettingsError, TemporaryError, fill
from tests.connectors.contracts import TriggerContract, TriggerStand, read
from tests.peers.faults import Fault, told
from tests.peers.orders import TOKEN, Shop, shop_peer
from tests.peers.surroundings import Surroundings, surroundings

QUERY = """query($after: String) { orders(after: $after) {
nodes { id total updatedAt } pageInfo { hasNextPage endCursor } } }"""
EDGES = """query($after: String) { orders(after: $after, first: 2) {
edges { node { id } } pageInfo { hasNextPage endCursor } } }"""
ADD = "mutation($input: NewOrder!, $key: String) { addOrder(input: $input, key: $key) { id total } }"
CONNECTION = fill(Connection, {"hosts": ["127.0.0.1"], "secret": TOKEN})


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with shop_peer() as running:
        yield running


@pytest.fixture
async def around() -> AsyncIterator[Surroundings]:
    async with surroundings() as made:
        yield made


class _OrderStand(TriggerStand):
    def __init__(self, shop: Shop, around: Surroundings, settings: Settings) -> None:
        self._shop = shop
        self._around = around
        self._settings = settings

    def context(self) -> Context[Any, Any]:
        return self._around.context(self._settings, CONNECTION)

    async def fail(self, fault: str) -> None:
        self._shop.faults.add(told(fault))

    async def heal(self) -> None:
        self._shop.faults.clear()

    async def add(self, count: int) -> Sequence[str]:
        return self._shop.add(count)

    async def add_late(self) -> str:
        return self._shop.add(age=1)[0]

    async def repeat(self) -> None:
        self._shop.orders.append(self._shop.orders[-1])


class RestStand(_OrderStand):
    uses = "http.new_element"


class GraphQLStand(_OrderStand):
    uses = "http.graphql_element"


class TestNewElement(TriggerContract):
    @pytest.fixture
    def stand(self, shop: Shop, around: Surroundings) -> TriggerStand:
        paging = {"style": "page", "items": "data", "most": 50}
        return RestStand(shop, around, fill(Poll, {"url": f"{shop.base}/orders", "paging": paging}))


class TestGraphQLElement(TriggerContract):
    @pytest.fixture
    def stand(self, shop: Shop, around: Surroundings) -> TriggerStand:
        return GraphQLStand(
            shop, around, fill(Followed, {"url": f"{shop.base}/graphql", "query": QUERY, "list": "orders"})
        )


@pytest.mark.parametrize("path", ["meta.latest", "*.updatedAt"])
async def test_new_element_sends_along_how_far_the_service_has_come(path, shop, around):
    settings = fill(
        Poll,
        {
            "url": f"{shop.base}/orders",
            "paging": {"style": "page", "items": "data"},
            "position": {"path": path, "parameter": "since", "first": "500"},
        },
    )
    stand = RestStand(shop, around, settings)
    shop.add(150)
    first, cursor = await read(stand, None)
    shop.add(2)
    second, _ = await read(stand, cursor)
    assert (len(first), len(second)) == (150, 2)
    assert [asked["since"] for asked in shop.asked] == ["500", "500", "500", "1150", "1150"]


async def test_new_element_takes_no_position_of_a_list_that_was_read_in_part(shop, around):
    position = {"path": "meta.latest", "parameter": "since"}
    settings = fill(
        Poll, {"url": f"{shop.base}/orders", "paging": {"style": "page", "items": "data"}, "position": position}
    )
    stand = RestStand(shop, around, settings)
    new = shop.add(250)
    shop.faults.add(Fault(status=500, skip=2))
    with pytest.raises(TemporaryError):
        await read(stand, None)
    shop.faults.clear()
    found, _ = await read(stand, None)
    assert {item.key for item in found} == set(new)


async def test_graphql_element_goes_on_where_it_ended(shop, around):
    given = {"url": f"{shop.base}/graphql", "query": EDGES, "list": "orders", "resume": True, "existing": "skip"}
    stand = GraphQLStand(shop, around, fill(Followed, given))
    shop.add(5)
    first, cursor = await read(stand, None)
    new = shop.add(3)
    second, cursor = await read(stand, cursor)
    assert ([item.key for item in first], [item.key for item in second]) == ([], new)
    assert (await read(stand, cursor))[0] == []


async def ask(around: Surroundings, shop: Shop, query: str, **given: Any) -> Any:
    settings = fill(Asked, {"url": f"{shop.base}/graphql", "query": query, **given})
    return await graphql_query(around.context(settings, CONNECTION))


async def test_graphql_query_reads_all_pages(shop, around):
    shop.add(5)
    found = await ask(around, shop, EDGES, list="orders")
    assert [item["id"] for item in found["items"]] == [f"ord-{n}" for n in range(5)]
    plain = await ask(around, shop, "{ plain { id } }")
    assert len(plain["data"]["plain"]) == 5


async def test_an_error_inside_a_good_answer_is_told(shop, around):
    with pytest.raises(SettingsError, match=r"The service says: .*none of ours"):
        await ask(around, shop, QUERY, variables={"after": "x"})
    with pytest.raises(SettingsError, match="Cannot query field 'price'"):
        await ask(around, shop, "{ plain { price } }")


@pytest.mark.parametrize(
    ("status", "errors", "kind"),
    [
        (200, [{"message": "No", "extensions": {"code": "UNAUTHENTICATED"}}], CredentialsError),
        (200, [{"message": "No", "extensions": {"code": "FORBIDDEN"}}], CredentialsError),
        (200, [{"message": "Slow down", "extensions": {"code": "THROTTLED"}}], TemporaryError),
        (200, [{"message": "Slow down", "type": "RATE_LIMITED"}], TemporaryError),
        (400, [{"message": "Bad query"}], SettingsError),
        (200, "broken", SettingsError),
        (200, [{"message": None}], SettingsError),
        (200, ["text"], SettingsError),
    ],
)
async def test_errors_are_told_apart_by_their_code(status, errors, kind, shop, around):
    shop.faults.add(Fault(status=status, body={"data": None, "errors": errors}))
    with pytest.raises(kind) as failed:
        await ask(around, shop, "{ plain { id } }")
    assert failed.value.message.endswith(".")


async def test_an_answer_that_is_no_graphql_is_told(shop, around):
    shop.faults.add(Fault(status=200, body=[1]))
    with pytest.raises(SettingsError, match="no GraphQL answer"):
        await ask(around, shop, "{ plain { id } }")


async def change(around: Surroundings, shop: Shop, total: float, key: str) -> Any:
    given = {"url": f"{shop.base}/graphql", "query": ADD, "variables": {"input": {"total": total}}}
    settings = fill(Mutation, {**given, "key_variable": "key"})
    return await graphql_change(around.context(settings, CONNECTION), Record(key=key))


async def test_graphql_change_is_known_again_by_its_key(shop, around):
    first = await change(around, shop, 7.5, "KEY-1")
    again = await change(around, shop, 7.5, "KEY-1")
    other = await change(around, shop, 7.5, "KEY-2")
    assert (first.reference, again.reference, other.reference) == ("ord-0", "ord-0", "ord-1")
    assert first.output == {"data": {"addOrder": {"id": "ord-0", "total": 12.5}}}
    assert len(shop.orders) == 2
    with pytest.raises(SettingsError, match="may not be negative"):
        await change(around, shop, -1, "KEY-3")


@pytest.mark.parametrize(
    ("kind", "query", "said"),
    [
        (Asked, "mutation { addOrder { id } }", "this is mutation"),
        (Asked, "# query\nmutation X { a } ", "this is mutation"),
        (Asked, "query A { a } mutation B { b }", "this is query and mutation"),
        (Asked, "fragment F on Order { id }", "this is none"),
        (Asked, "{ plain { id }", "cannot be read"),
        (Asked, "{a" * 5000, "cannot be read"),
        (Asked, "{" + "a " * 30_000 + "}", "cannot be read"),
        (Mutation, "{ plain { id } }", "this is query"),
        (Mutation, "subscription { plain { id } }", "this is subscription"),
    ],
)
def test_a_step_does_what_its_text_says(kind, query, said):
    with pytest.raises(ValueError, match=said):
        fill(kind, {"url": "https://a.test/graphql", "query": query})
