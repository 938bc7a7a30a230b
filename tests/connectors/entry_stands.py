"""Stands for the contracts at fakes of business services that keep their records in a `Kept`."""

from connectors.sdk import Record
from tests.connectors.contracts import TargetStand, TriggerStand
from tests.peers.faults import told


class Standing:
    """A peer and a way to make contexts; `uses` names the part, `named` makes the values of a record."""

    def __init__(self, uses, peer, context, named):
        self.uses = uses
        self.peer = peer
        self._made = context
        self.named = named

    def context(self):
        return self._made()

    async def fail(self, fault):
        self.peer.fail(told(fault))

    async def heal(self):
        self.peer.recover()


class Appearing(Standing, TriggerStand):
    """Records that appear; those of one go are a millisecond apart, as services sort by nothing finer."""

    async def add(self, count):
        self.peer.kept.pass_time(60)
        return [self._added(number) for number in range(count)]

    async def add_late(self):
        self.peer.kept.pass_time(-120)
        late = self._added(0)
        self.peer.kept.pass_time(121)
        return late

    async def repeat(self):
        """Services list what is there: the newest comes again with each reading."""

    def _added(self, number):
        self.peer.kept.pass_time(0.001)
        return self.peer.kept.add(self.named(number))["id"]


class Taking(Standing, TargetStand):
    """Records that are written; `bad` is what the service refuses, `missing` a field that goes away."""

    def __init__(self, uses, peer, context, named, *, bad, missing):
        super().__init__(uses, peer, context, named)
        self._bad = bad
        self._missing = missing

    @property
    def writes(self):  # type: ignore[override]  # the peer counts
        return self.peer.writes

    def record(self, number):
        return Record(key=f"key-{number}", rows=[self.named(number)])

    def bad_record(self):
        return Record(key="bad", rows=[self._bad])

    async def rows(self):
        return [(row["id"], dict(row["values"])) for row in self.peer.kept.there]

    async def drift(self):
        self.peer.fields.pop(self._missing)
