"""Documents at a server of MongoDB's protocol: types kept, values never operators, good ones in spite of bad ones."""

import asyncio
import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from bson import Binary, Decimal128, ObjectId
from msgspec.structs import replace

from connectors.mongodb import check, find, new_document, preview, query, undo, watch_new, write_documents
from connectors.mongodb.connection import Connection
from connectors.mongodb.offers import Inside, Place, collections, databases, fields
from connectors.mongodb.settings import Documents, Find, New
from connectors.sdk import (
    ChangeKind,
    CredentialsError,
    NoSettings,
    Receipt,
    Record,
    Rejected,
    Secret,
    SettingsError,
    TemporaryError,
    fill,
)
from connectors.sdk.network.guard import Guard
from tests.peers.dns import name_server
from tests.peers.mongo import PASSWORD, USER
from tests.peers.names import Names

# Milliseconds in which a server is found on a busy machine too; what cannot be found takes them all
PATIENCE = 10_000


def record(key, *rows):
    return Record(key=key, rows=rows)


@pytest.fixture
def ask(around, connection, collection):
    async def call(**settings):
        return await query(around.context(fill(Find, {"collection": collection, **settings}), connection))

    return call


@pytest.mark.xdist_group("alone")
async def test_upserts_ten_thousand_documents_quickly(write, beside, collection, record_property):
    records = [record(f"r{at}", {"number": f"INV-{at}", "total": at, "city": "Graz"}) for at in range(10_000)]
    start = time.perf_counter()
    outcome = await write(records, unique_index=True)
    took = time.perf_counter() - start
    record_property("measured", took)
    assert [outcome[0].output["added"], len(outcome)] == [1, 10_000]
    assert await beside[collection].count_documents({}) == 10_000
    assert took < 120.0


async def test_keeps_types_it_is_told_of_and_gives_them_back_as_json(write, ask, beside, collection):
    customer = ObjectId()
    row = {
        "number": "17",
        "customer": str(customer),
        "at": "2026-11-22T10:00:00+01:00",
        "total": "10.10",
        "tags": ["a"],
    }
    types = {"customer": "id", "at": "time", "total": "decimal"}
    await write([record("a", row)], mode="insert", key=[], types=types, columns=dict.fromkeys(row, ""))
    await beside[collection].update_one(
        {}, {"$set": {"file": Binary(b"\x01\xff"), "exact": Decimal128("1.234567890123456789")}}
    )
    kept = await beside[collection].find_one()
    assert (kept["customer"], kept["at"]) == (customer, datetime(2026, 11, 22, 9, tzinfo=UTC))
    assert kept["total"].to_decimal() == Decimal("10.10")
    answer = await ask(
        filter={"customer": {"$oid": ":id"}}, params={"id": str(customer)}, only=["at", "total", "file", "exact"]
    )
    told = {"at": "2026-11-22T09:00:00+00:00", "total": 10.1, "file": "01ff", "exact": "1.234567890123456789"}
    assert answer["first"] == {"_id": str(kept["_id"]), **told}


async def test_finds_a_document_by_its_identifier_as_text(write, ask):
    [receipt] = await write([record("a", {"number": "17"})], mode="insert")
    identity = receipt.output["document"]["_id"]
    answer = await ask(filter={"_id": ":id"}, params={"id": identity})
    assert answer["first"] == {"_id": identity, "number": "17"}


@pytest.mark.parametrize(
    "value", [{"$gt": ""}, {"$ne": None}, {"$where": "true"}, {"a": {"$function": {}}}, [{"$regex": "."}]]
)
async def test_a_value_is_never_an_operator(write, ask, value):
    await write([record("a", {"number": "17"})])
    with pytest.raises(SettingsError, match=r"may not begin with \$"):
        await ask(filter={"number": ":number"}, params={"number": value})
    [outcome] = await write([record("b", {"number": value})])
    assert isinstance(outcome, Rejected)


@pytest.mark.parametrize("value", ["$number", "'; return true; //", '{"$gt": ""}', ":number"])
async def test_text_that_looks_like_code_is_text(write, ask, value):
    await write([record("a", {"number": "17"}), record("b", {"number": value})])
    answer = await ask(filter={"$or": [{"number": {"$in": [":value"]}}]}, params={"value": value})
    assert [one["number"] for one in answer["documents"]] == [value]


@pytest.mark.parametrize(
    "condition",
    [
        {"$where": "sleep(1000)"},
        {"$expr": {"$function": {"body": "f", "args": [], "lang": "js"}}},
        {"n": {"$where": "1"}},
        {"n": {"$not": {"$function": 1}}},
        {"$or": [{"$text": {"$search": "x"}}]},
        {"$and": "n"},
    ],
)
def test_refuses_filters_that_run_code(condition):
    with pytest.raises(ValueError, match=r"cannot be used in a filter|takes a list"):
        fill(Find, {"collection": "c", "filter": condition})


async def test_sorts_limits_and_says_when_there_is_more(write, ask):
    await write([record(str(at), {"number": str(at), "total": at}) for at in range(5)])
    answer = await ask(filter={"total": {"$gte": ":least"}}, params={"least": 2}, sort=["-total"])
    assert [one["total"] for one in answer["documents"]] == [4, 3, 2]
    with pytest.raises(SettingsError, match="More than 4 documents"):
        await ask(limit=4)


async def test_writes_the_good_documents_and_says_what_is_wrong_with_the_others(write, documents):
    await write([record("0", {"number": "0", "total": 0})], unique_index=True)
    rows = [{"number": "1"}, {"number": "0"}, {"number": "x" * 17_000_000}, {"number": 2**70}, {"number": "4"}]
    outcome = await write([record(str(at), row) for at, row in enumerate(rows)], mode="insert", key=[])
    assert [isinstance(one, Rejected) for one in outcome] == [False, True, True, True, False]
    assert "already a document with number 0" in outcome[1].message
    assert "16 MB" in outcome[2].message
    assert [one["number"] for one in await documents()] == ["0", "1", "4"]


async def test_keeps_the_documents_of_one_record_together(write, documents):
    await write([record("0", {"number": "1", "total": 0})], unique_index=True)
    mixed = record("a", {"number": "1", "total": 9}, {"number": None})
    outcome = await write([mixed, record("b", {"number": "3"})])
    assert [type(one) for one in outcome] == [Rejected, Receipt]
    assert await documents() == [{"number": "1", "total": 0}, {"number": "3"}]


async def test_updates_only_what_is_there_and_takes_the_last_of_one_key(write, documents):
    await write([record("a", {"number": "1", "total": 1, "address": {"city": "Graz", "zip": "8010"}})])
    rows = [{"number": "1", "total": 2}, {"number": "1", "address.city": "Wien"}, {"number": "2", "total": 3}]
    outcome = await write([record(str(at), row) for at, row in enumerate(rows)], mode="update")
    assert "no document with number 2" in outcome[2].message
    assert await documents() == [{"number": "1", "total": 2, "address": {"city": "Wien", "zip": "8010"}}]


async def test_shows_old_and_new_in_a_preview(context, write, documents):
    await write([record("a", {"number": "1", "total": 1})])
    records = [record("b", {"number": "1", "total": 2}, {"number": "2"}), record("c", {"number": "1", "total": 2})]
    shown = await preview(context(), records)
    assert [[(one.kind, one.reference) for one in row] for row in shown] == [
        [(ChangeKind.CHANGE, "number 1"), (ChangeKind.ADD, "number 2")],
        [],
    ]
    assert (shown[0][0].before["total"], shown[0][0].after["total"]) == (1, 2)
    assert await documents() == [{"number": "1", "total": 1}]


async def test_takes_back_types_and_all_in_the_order_of_a_batch(context, write, beside, collection):
    before = {
        "_id": ObjectId(),
        "number": "1",
        "at": datetime(2026, 1, 1, tzinfo=UTC),
        "n": Decimal128("1.10"),
        "l": [1],
    }
    await beside[collection].insert_one(before)
    receipts = await write([record(str(at), {"number": "1", "n": at}, {"number": "2", "x": at}) for at in (1, 2)])
    await undo(context(), receipts[1])
    await undo(context(), receipts[0])
    assert await beside[collection].find().to_list() == [before]


async def test_leaves_documents_alone_that_someone_has_touched_since(context, write, beside, collection, documents):
    [receipt] = await write([record("a", {"number": "1"}, {"number": "2"})])
    await beside[collection].update_one({"number": "2"}, {"$set": {"paid": True}})
    with pytest.raises(SettingsError, match="has changed since"):
        await undo(context(), receipt)
    assert len(await documents()) == 2


async def test_finds_what_it_added_by_the_identifiers_it_made(context, around):
    adding = context(mode="insert", key=[])
    delivered = record("a", {"number": "1"}, {"number": "1"})
    await write_documents(adding, [delivered, record("b", {"number": 2**70})])
    token = around.remembered[-1]
    assert (await find(adding, delivered, token)).output == {"documents": 2}
    assert await find(adding, record("b", {"number": "9"}), token) is None
    assert await find(adding, delivered, None) is None


async def test_makes_the_unique_index_once_and_says_why_it_cannot(write, beside, collection):
    await write([record("a", {"number": "1"})], unique_index=True)
    await write([record("b", {"number": "2"})], unique_index=True)
    assert (await beside[collection].index_information())["number_1"]["unique"]
    twins = f"{collection}_twins"
    await beside[twins].insert_many([{"number": "1"}, {"number": "1"}])
    with pytest.raises(SettingsError, match="have the same number"):
        await write([record("a", {"number": "1"})], unique_index=True, collection=twins)


async def test_offers_databases_collections_and_fields(around, connection, write, collection):
    await write([record("a", {"number": "1", "total": 1.5})])
    assert "shop" in [one.value for one in await databases(around.context(NoSettings(), connection))]
    assert collection in [one.value for one in await collections(around.context(Place(), connection))]
    found = await fields(around.context(Inside(collection=collection), connection))
    assert {one.value: one.text for one in found} == {"_id": "ObjectId", "number": "str", "total": "float"}


async def test_hears_of_a_new_document_at_once(around, connection, beside, collection):
    listening = asyncio.create_task(watch_new(around.context(New(collection=collection), connection)))
    adding = asyncio.create_task(_add_until(beside[collection], listening))
    await asyncio.wait_for(listening, 60)
    await adding


async def _add_until(collection, done):
    while not done.done():
        await collection.insert_one({"n": 1})
        await asyncio.wait([done], timeout=0.5)


async def test_skips_what_is_there_when_it_is_told_to(around, connection, beside, collection):
    await beside[collection].insert_many([{"n": at} for at in range(3)])
    following = around.context(New(collection=collection, existing="skip"), connection)
    first = [item async for item in new_document(following, None)]
    await beside[collection].insert_one({"n": 3})
    items = [item async for item in new_document(following, first[-1].cursor)]
    assert [item.content for item in first] == [None]
    assert [item.content["n"] for item in items] == [3]


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mongodb://user:secret@db.example.com", "own fields"),
        ("mongodb://%2Ftmp%2Fmongodb-27017.sock", "host names"),
        ("/tmp/mongodb-27017.sock", "host names"),
        ("mongodb://db.example.com/?tlsCAFile=/etc/passwd", "option tlsCAFile"),
        ("mongodb://db.example.com/?tlsCertificateKeyFile=/etc/passwd", "option tlsCertificateKeyFile"),
        ("mongodb://db.example.com/?authMechanism=MONGODB-OIDC", "SCRAM"),
        ("mongodb://db.example.com/?authMechanismProperties=ENVIRONMENT:azure", "option authMechanismProperties"),
        ("mongodb://db.example.com/?proxyHost=10.0.0.1", "option proxyHost"),
        ("http://db.example.com", "mongodb://"),
    ],
)
def test_refuses_addresses_with_a_reach_of_their_own(address, said):
    with pytest.raises(ValueError, match=said):
        fill(Connection, {"address": address, "database": "shop", "password": "p"})


async def test_holds_every_server_to_the_guard_also_those_it_is_led_to(around, connection, mongo):
    """The server calls itself 127.0.0.1 wherever one came from; only the name that was typed may be reached here."""
    seen = []

    async def dial(host, port):
        seen.append(host)
        if host != "localhost":
            return await Guard().dial(host, port)
        return await Guard(["127.0.0.0/8"]).dial(host, port)

    led = replace(
        connection, address=f"mongodb://localhost:{mongo.port}/?replicaSet=secantus&serverSelectionTimeoutMS={PATIENCE}"
    )
    strict = around.context(NoSettings(), led)
    strict.dial = dial
    with pytest.raises(SettingsError, match=r"127\.0\.0\.1, port \d+, is not on the public internet"):
        await check(led, strict)
    assert set(seen) == {"localhost", "127.0.0.1"}


async def test_refuses_a_seed_that_may_not_be_reached(around, connection):
    context = around.context(NoSettings(), connection)
    context.dial = Guard().dial
    with pytest.raises(SettingsError, match="not on the public internet"):
        await check(replace(connection, address="mongodb://127.0.0.1,169.254.169.254"), context)


@pytest.fixture
async def cluster(around, connection, mongo):
    """A cluster that is found through DNS: its one server is the peer; gives a way to say where its name leads."""

    def make(address):
        led = replace(
            connection, address=f"mongodb+srv://shop.cluster.test/?tls=false&serverSelectionTimeoutMS={PATIENCE}"
        )
        context = around.context(NoSettings(), led)
        context.dial = Guard(["127.0.0.1/32"], resolve=Names(**{"db1": [[address]], "127": [["127.0.0.1"]]})).dial
        return led, context

    async with name_server({("_mongodb._tcp.shop.cluster.test.", "SRV"): [f"0 0 {mongo.port} db1.cluster.test."]}):
        yield make


async def test_finds_a_cluster_through_dns(cluster):
    await check(*cluster("127.0.0.1"))


async def test_holds_servers_that_dns_names_to_the_guard(cluster):
    with pytest.raises(SettingsError, match=r"db1\.cluster\.test, port \d+, is not on the public internet"):
        await check(*cluster("169.254.169.254"))


async def test_says_that_dns_knows_no_such_cluster(cluster):
    led, context = cluster("127.0.0.1")
    with pytest.raises(SettingsError, match="cannot be used"):
        await check(replace(led, address="mongodb+srv://nowhere.cluster.test"), context)


@pytest.fixture
def locked(locked_mongo):
    return Connection(
        address=f"mongodb://localhost:{locked_mongo.port}/?tls=true&directConnection=true&serverSelectionTimeoutMS={PATIENCE}",
        database="shop",
        user=USER,
        password=Secret(PASSWORD),
        authority=locked_mongo.certificate.read_text(),
    )


async def test_signs_in_over_tls(around, locked):
    await check(locked, around.context(NoSettings(), locked))
    settings = fill(Documents, {"collection": "c", "columns": {"n": ""}})
    [receipt] = await write_documents(around.context(settings, locked), [record("a", {"n": 1})])
    assert receipt.output["added"] == 1


@pytest.mark.parametrize(
    ("wrong", "error", "said"),
    [
        ({"password": Secret("wrong")}, CredentialsError, "does not accept the user"),
        ({"database": "other"}, CredentialsError, "may not do this"),
        ({"authority": ""}, SettingsError, "certificate"),
        ({"address": "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=800"}, TemporaryError, "does not answer"),
    ],
)
async def test_says_why_a_connection_does_not_work(around, locked, wrong, error, said):
    broken = replace(locked, **wrong)
    with pytest.raises(error, match=said) as raised:
        await check(broken, around.context(NoSettings(), broken))
    assert PASSWORD not in raised.value.message
