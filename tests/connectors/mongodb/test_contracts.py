"""MongoDB keeps what every trigger and target promises, at a server that remembers."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.mongodb.settings import Changed, New
from connectors.sdk import Record, fill
from tests.connectors.contracts import TargetContract, TargetStand, TriggerContract, TriggerStand
from tests.peers.postgres_cut import breakable_line
from tests.peers.surroundings import surroundings

FAULTS = {"cut": "TemporaryError"}
BEGINNING = datetime(2026, 11, 22, tzinfo=UTC)


class Line:
    """Lets a stand reach its server over a line that can be broken."""

    def __init__(self, line, connection, around, collection):
        self._collection = collection
        self._line = line
        self._around = around
        self._connection = fill(
            type(connection),
            {
                "address": f"mongodb://127.0.0.1:{line.port}/?directConnection=true",
                "database": "shop",
                "password": "",
            },
        )

    def context(self):
        return self._around.context(self._settings(), self._connection)

    def _settings(self):
        raise NotImplementedError

    async def fail(self, fault):
        self._line.breaks_at = self._collection.name.encode()

    async def heal(self):
        self._line.breaks_at = None


class Appearing(Line, TriggerStand):
    uses = "mongodb.new_document"
    kind = New
    order = "at"

    def __init__(self, line, connection, around, collection):
        super().__init__(line, connection, around, collection)
        self._count = 0

    def _settings(self):
        return fill(self.kind, {"collection": self._collection.name, "order": self.order})

    async def add(self, count):
        first, self._count = self._count, self._count + count
        documents = [
            {"_id": f"doc-{at:06}!", "at": BEGINNING + timedelta(seconds=at // 3)} for at in range(first, self._count)
        ]
        await self._collection.insert_many(documents)
        return [document["_id"] for document in documents]

    async def add_late(self):
        self._count += 1
        moment = BEGINNING + timedelta(seconds=self._count // 3 - 20)
        await self._collection.insert_one({"_id": "late!", "at": moment})
        return "late!"

    async def repeat(self):
        await self._collection.update_one({"_id": f"doc-{self._count - 1:06}!"}, {"$set": {"seen": True}})


class Changing(Appearing):
    uses = "mongodb.changed_document"
    kind = Changed


@pytest.fixture
async def line(mongo):
    async with breakable_line("127.0.0.1", mongo.port) as made:
        yield made


@pytest.fixture
async def around(line):
    """Surroundings that end before the line does, as drivers look for a server that is gone without end."""
    async with surroundings() as made:
        yield made


class TestNewDocument(TriggerContract):
    faults = FAULTS

    @pytest.fixture
    async def stand(self, line, connection, around, beside, collection):
        return Appearing(line, connection, around, beside[collection])


class TestChangedDocument(TriggerContract):
    faults = FAULTS

    @pytest.fixture
    async def stand(self, line, connection, around, beside, collection):
        return Changing(line, connection, around, beside[collection])


class Taking(Line, TargetStand):
    uses = "mongodb.write_documents"

    def __init__(self, line, connection, around, collection, context):
        super().__init__(line, connection, around, collection)
        self._made = context

    def _settings(self):
        return self._made(unique_index=True).settings

    def record(self, number):
        return Record(key=f"key-{number}", rows=[{"number": f"INV-{number}", "total": number}])

    def bad_record(self):
        return Record(key="bad", rows=[{"number": {"$gt": ""}, "total": 1}])

    async def rows(self):
        return await self._collection.find({}, {"_id": 0}).sort("number", 1).to_list()

    async def drift(self):
        await self._collection.database.command(
            "collMod", self._collection.name, validator={"$jsonSchema": {"required": ["customer"]}}
        )


class TestWriteDocuments(TargetContract):
    faults = FAULTS

    @pytest.fixture
    async def stand(self, line, connection, around, beside, collection, context):
        return Taking(line, connection, around, beside[collection], context)
