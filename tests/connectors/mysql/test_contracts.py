"""MySQL keeps what every trigger and target promises, at a server that remembers."""

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from connectors.mysql.connection import TlsMode
from connectors.mysql.settings import Changed, New
from connectors.sdk import Record, fill
from tests.connectors.contracts import TargetContract, TargetStand, TriggerContract, TriggerStand
from tests.peers.postgres_cut import breakable_line
from tests.peers.surroundings import surroundings

FAULTS = {"cut": "TemporaryError"}
BEGINNING = datetime.fromisoformat("2026-11-22")


class Line:
    """Lets a stand reach its server over a line that can be broken."""

    def __init__(self, line, connection, around, settings, beside):
        self._line = line
        self._around = around
        self._connection = replace(connection, host="127.0.0.1", port=line.port, tls=TlsMode.DISABLE)
        self._settings = settings
        self._beside = beside
        self._table = settings.table

    def context(self):
        return self._around.context(self._settings, self._connection)

    async def fail(self, fault):
        self._line.breaks_at = self._table.encode()

    async def heal(self):
        self._line.breaks_at = None


class Appearing(Line, TriggerStand):
    uses = "mysql.new_row"
    _count = 0

    async def add(self, count):
        first, self._count = self._count, self._count + count
        added = [(f"row-{at:06}!", BEGINNING + timedelta(seconds=at // 3)) for at in range(first, self._count)]
        marks = ", ".join(["(%s, %s)"] * count)
        self._beside(f"insert into {self._table} (number, at) values {marks}", *[part for row in added for part in row])
        return [number for number, _ in added]

    async def add_late(self):
        self._count += 1
        moment = BEGINNING + timedelta(seconds=self._count // 3 - 20)
        self._beside(f"insert into {self._table} (number, at) values (%s, %s)", "late!", moment)
        return "late!"

    async def repeat(self):
        self._beside(f"update {self._table} set paid = true where number = %s", f"row-{self._count - 1:06}!")


class Changing(Appearing):
    uses = "mysql.changed_row"


@pytest.fixture
async def line(mariadb):
    async with breakable_line("127.0.0.1", mariadb.port) as made:
        yield made


@pytest.fixture
async def around(line):
    """Surroundings that end before the line does, as drivers look for a server that is gone without end."""
    async with surroundings() as made:
        yield made


class TestNewRow(TriggerContract):
    faults = FAULTS

    @pytest.fixture
    async def stand(self, line, connection, around, beside, table):
        return Appearing(line, connection, around, fill(New, {"table": table, "order": "at"}), beside)


class TestChangedRow(TriggerContract):
    faults = FAULTS

    @pytest.fixture
    async def stand(self, line, connection, around, beside, table):
        return Changing(line, connection, around, fill(Changed, {"table": table, "order": "at"}), beside)


class Taking(Line, TargetStand):
    uses = "mysql.write_rows"

    def record(self, number):
        return Record(key=f"key-{number}", rows=[{"number": f"INV-{number}", "total": number}])

    def bad_record(self):
        return Record(key="bad", rows=[{"number": "bad", "total": "much"}])

    async def rows(self):
        return self._beside(f"select number, total from {self._table} order by number")

    async def drift(self):
        self._beside(f"alter table {self._table} rename column total to amount")


class TestWriteRows(TargetContract):
    faults = FAULTS

    @pytest.fixture
    async def stand(self, line, connection, around, beside, context):
        return Taking(line, connection, around, context().settings, beside)
