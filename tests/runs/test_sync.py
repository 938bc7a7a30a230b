"""Two systems kept in step by a recipe for each direction: changes go over, echoes end, conflicts are decided."""

import secrets

import pytest

from connectors.sdk import Record
from connectors.sdk.datasets import DatasetTarget
from hub.database import fetch
from hub.datasets import NewDataset

SPEC = """
spec:
  trigger: {{uses: dataset.row_changed, with: {{dataset: {here}, every: 1h}}}}
  steps:
    - {{id: look, uses: dataset.query, with: {{dataset: {there}, where: {{id: "{{{{ trigger.row.id }}}}"}}}}}}
    - id: same
      uses: sync
      with:
        sync: customers
        side: {side}
        key: "{{{{ trigger.row.id }}}}"
        here: {{name: "{{{{ trigger.row.{name_here} }}}}", mail: "{{{{ trigger.row.mail }}}}"}}
        there: "{{{{ look.first }}}}"
        names: {{name: {name_there}}}
        conflict: right
    - id: write
      uses: dataset.write_rows
      with:
        dataset: {there}
        mode: upsert
        key: [id]
        columns:
          id: "{{{{ trigger.row.id }}}}"
          {name_there}: "{{{{ same.fields.name }}}}"
          mail: "{{{{ same.fields.mail }}}}"
"""
LEFT = {"here": "crm", "there": "shop", "side": "left", "name_here": "name", "name_there": "full_name"}
RIGHT = {"here": "shop", "there": "crm", "side": "right", "name_here": "full_name", "name_there": "name"}


class Both:
    """The two tables, and the recipes between them."""

    def __init__(self, hub, member, left, right):
        self.hub, self.member, self.left, self.right = hub, member, left, right
        self.written = 0

    async def write(self, dataset, **row):
        self.written += 1
        target = DatasetTarget(dataset=dataset, key=["id"])
        await self.hub.services.datasets.for_workspace(self.member.workspace).write(
            target, [Record(key=f"{dataset} {self.written}", rows=[row])]
        )

    async def carry(self, recipe, count):
        """Let a recipe read what has changed until it has had so many items in all."""
        await self.hub.hurry(recipe)
        items = await self.hub.ended(recipe, count)
        await self.hub.rested(recipe)
        return items

    async def rows(self):
        crm, shop = [await self.hub.rows(self.member, name) for name in ("crm", "shop")]
        return [(row["name"], row["mail"]) for row in crm], [(row["full_name"], row["mail"]) for row in shop]


@pytest.fixture
async def both(hub, member):
    setup = Both(hub, member, None, None)
    await hub.services.datasets.create(member, NewDataset(name="shop", key=["id"]))
    await setup.write("crm", id=1, name="Ada", mail="ada@example.com")
    setup.left = await hub.publish(member, SPEC.format(**LEFT), "left")
    await setup.carry(setup.left, 1)
    setup.right = await hub.publish(member, SPEC.format(**RIGHT), "right")
    await setup.carry(setup.right, 1)
    return setup


async def test_what_is_new_goes_over_and_its_echo_ends(both):
    assert await both.rows() == ([("Ada", "ada@example.com")], [("Ada", "ada@example.com")])
    (echo,) = await both.hub.ended(both.right)
    assert (echo.item.state, echo.item.reason_kind) == ("filtered", "in_step")


async def test_changes_of_both_sides_meet(both):
    await both.write("crm", id=1, name="Ada Byron", mail="ada@example.com")
    await both.write("shop", id=1, full_name="Ada", mail="ada@shop.example")
    await both.carry(both.left, 2)
    await both.carry(both.right, 3)
    await both.carry(both.left, 3)
    agreed = [("Ada Byron", "ada@shop.example")]
    assert await both.rows() == (agreed, agreed)


async def test_a_conflict_is_decided_by_the_rule_and_told(both):
    await both.write("crm", id=1, name="Left", mail="ada@example.com")
    await both.write("shop", id=1, full_name="Right", mail="ada@example.com")
    items = await both.carry(both.left, 2)
    (step,) = [attempt for attempt in items[-1].attempts if attempt.step == "same"]
    (conflict,) = step.output["conflicts"]
    assert (conflict["field"], conflict["here"], conflict["there"], conflict["kept"]) == (
        "name", "Left", "Right", "right",
    )  # fmt: skip
    await both.carry(both.right, 2)
    agreed = [("Right", "ada@example.com")]
    assert await both.rows() == (agreed, agreed)


async def test_remembers_no_values(both):
    rows = await fetch("select * from synced_records where workspace = $1", both.member.workspace)
    assert len(rows) == 1
    assert "Ada" not in repr(dict(rows[0]))
    assert "example.com" not in repr(dict(rows[0]))


HOOKED = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - id: same
      uses: sync
      with:
        sync: leads
        side: left
        key: "{{ trigger.body.id }}"
        here: {name: "{{ trigger.body.name }}"}
        there: "{{ trigger.body.there }}"
"""


@pytest.mark.parametrize(
    ("body", "reason"),
    [({"name": "Nobody", "there": None}, "has no key"), ({"id": 1, "name": "Ada", "there": [1]}, "must be a map")],
    ids=["no key", "no record"],
)
async def test_what_cannot_be_compared_is_a_dead_letter(hub, member, body, reason):
    recipe = await hub.publish(member, HOOKED, "hooked")
    await hub.post(recipe, body)
    (item,) = await hub.ended(recipe)
    assert item.item.state == "dead"
    assert reason in item.item.reason


async def test_a_record_may_be_known_by_a_very_long_name(hub, member):
    recipe = await hub.publish(member, HOOKED, "hooked")
    long = secrets.token_urlsafe(6000)
    await hub.post(recipe, [{"id": f"{long}{end}", "name": "Ada", "there": None} for end in "ab"])
    assert [item.item.state for item in await hub.ended(recipe, 2)] == ["delivered"] * 2


async def test_a_plan_compares_and_remembers_nothing(hub, member):
    recipe = await hub.publish(member, HOOKED, "hooked")
    body = {"id": 1, "name": "Ada", "there": {"name": "Bea"}}
    planned = await hub.services.runs.plan(member, recipe.id, {"body": body})
    (conflict,) = planned.item.attempts[0].output["conflicts"]
    assert (planned.item.item.state, conflict["kept"]) == ("delivered", "left")
    assert await fetch("select * from synced_records where workspace = $1", member.workspace) == []


async def test_items_of_one_record_are_compared_one_after_another_beside_one_that_cannot_be(hub, member):
    recipe = await hub.publish(member, HOOKED, "hooked")
    ada = {"id": 1, "name": "Ada", "there": {"name": "Bea"}}
    later = {"id": 1, "name": "Ada", "there": {"name": "Ada"}}
    await hub.post(recipe, [ada, {"id": 2, "name": "Cy", "there": [1]}, later, {"id": 3, "name": "Dan", "there": None}])
    items = await hub.ended(recipe, 4)
    assert [item.item.state for item in items] == ["delivered", "dead", "filtered", "delivered"]
    rows = await fetch("select key, conflicts from synced_records where workspace = $1 order by key", member.workspace)
    assert [(row["key"], row["conflicts"]) for row in rows] == [("number 1", 1), ("number 3", 0)]
