"""What can be chosen for a setting: asked of services, datasets, directories and the workspace itself."""

import pytest

from connectors.sdk import Record
from connectors.sdk.datasets import DatasetTarget
from connectors.sdk.records.rows import WriteMode
from hub.datasets import NewDataset
from hub.errors import ForbiddenError, InvalidError, NotFoundError, UnavailableError
from hub.recipes.choices import Wanted
from tests.peers.postgres import postgres_server

__all__ = ["postgres_server"]


async def ask(hub, member, uses, field, **given):
    return await hub.services.offers.list(member, Wanted(uses=uses, field=field, **given))


async def values(hub, member, uses, field, **given):
    return [one.value for one in (await ask(hub, member, uses, field, **given)).choices]


@pytest.fixture
async def ledger(hub, member, postgres_server):
    """A connection to a database with a table of orders."""
    held = await postgres_server.connect()
    await held.execute(
        "drop schema if exists shop cascade; create schema shop; drop table if exists orders;"
        ' create table orders (number text not null, total numeric, "Größe" int default 1);'
        " create table shop.hidden (a int)"
    )
    await held.close()
    settings = {
        "host": postgres_server.host, "port": postgres_server.port, "database": "postgres",
        "user": postgres_server.user, "password": postgres_server.password, "sslmode": "disable",
    }  # fmt: skip
    return await hub.services.connections.add(member, "ledger", "postgres", settings)


async def test_a_database_lists_its_tables_and_the_columns_of_one(hub, member, ledger):
    uses = "postgres.write_rows"
    tables = await values(hub, member, uses, "table", connection="ledger")
    assert {"orders", "shop.hidden"} <= set(tables)
    found = await ask(hub, member, uses, "columns", connection="ledger", settings={"table": "orders"})
    assert [(one.value, one.text) for one in found.choices] == [
        ("number", "text, needed"), ("total", "numeric"), ("Größe", "integer"),
    ]  # fmt: skip
    assert await values(hub, member, uses, "key", connection="ledger", settings={"table": "shop.hidden"}) == ["a"]


@pytest.mark.parametrize(
    ("connection", "settings", "told"),
    [
        (None, {"table": "orders"}, "Choose a connection first"),
        ("ledger", {}, "Choose Table first"),
        ("ledger", {"table": "{{ trigger.body.table }}"}, "Choose Table first"),
    ],
)
async def test_says_what_must_be_chosen_first(hub, member, ledger, connection, settings, told):
    with pytest.raises(InvalidError, match=told):
        await ask(hub, member, "postgres.write_rows", "columns", connection=connection, settings=settings)


@pytest.mark.parametrize("table", ["nowhere", "orders; drop table orders", 'a"b', "x" * 500, 17, ["orders"]])
async def test_a_table_that_is_not_there_is_told_in_a_sentence(hub, member, ledger, table):
    with pytest.raises(InvalidError) as refused:
        await ask(hub, member, "postgres.write_rows", "columns", connection="ledger", settings={"table": table})
    assert refused.value.message.endswith((".", "?"))


async def test_a_service_that_is_away_or_refuses_is_told_in_a_sentence(hub, member, ledger, postgres_server):
    away = {"host": postgres_server.host, "port": 1, "database": "x", "user": "x", "password": "x"}
    await hub.services.connections.add(member, "away", "postgres", away)
    with pytest.raises(UnavailableError, match="does not answer"):
        await ask(hub, member, "postgres.write_rows", "table", connection="away")
    with pytest.raises(InvalidError, match="a connection to Email"):
        await ask(hub, member, "email.message_received", "folder", connection="ledger")
    with pytest.raises(NotFoundError, match="no connection named"):
        await ask(hub, member, "postgres.write_rows", "table", connection="elsewhere")


async def test_datasets_and_their_columns_are_listed_but_not_those_of_other_workspaces(hub, members):
    member = members.owner
    await hub.services.datasets.create(member, NewDataset(name="kept"))
    target = DatasetTarget(dataset="kept", mode=WriteMode.INSERT)
    written = hub.services.datasets.for_workspace(member.workspace)
    async with written.together():
        await written.write(target, [Record(key="k", rows=[{"n": 1, "who": "x"}])])
    assert await values(hub, member, "dataset.write_rows", "dataset") == ["kept"]
    assert await values(hub, member, "dataset.write_rows", "columns", settings={"dataset": "kept"}) == ["n", "who"]
    assert await values(hub, members.outsider, "dataset.write_rows", "dataset") == []


async def test_the_workspace_lists_its_schemas_recipes_members_and_roles(hub, member):
    await hub.publish(
        member,
        "spec:\n  trigger: {uses: webhook.received}\n  steps:\n    - {id: s, uses: set, with: {fields: {a: 1}}}\n",
    )
    assert "invoice" in await values(hub, member, "extract", "schema")
    assert await values(hub, member, "recipe", "recipe") == ["orders"]
    people = await values(hub, member, "approve", "approvers")
    assert people[:3] == ["editor", "admin", "owner"]
    assert len(people) > 3
    fixed = await ask(hub, member, "dataset.write_rows", "mode")
    assert ([one.value for one in fixed.choices], fixed.closed) == (["insert", "upsert", "update"], True)
    assert not (await ask(hub, member, "quickbooks.event_received", "objects")).closed
    assert "Europe/Paris" in await values(hub, member, "schedule.due", "time_zone")


@pytest.mark.parametrize(
    ("uses", "field"), [("nothing.here", "x"), ("postgres.write_rows", "__init__"), ("filter", "all")]
)
async def test_refuses_what_is_no_setting(hub, member, uses, field):
    with pytest.raises(NotFoundError):
        await ask(hub, member, uses, field)


async def test_refuses_viewers(hub, members):
    with pytest.raises(ForbiddenError):
        await ask(hub, members.viewer, "extract", "schema")
