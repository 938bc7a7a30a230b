"""Volumes over time: counted from what is stored, hours that are over only once."""

from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from hub.database import execute, fetch
from hub.ids import new_id
from hub.runs.volumes import Span, Volumes

NOW = datetime(2026, 11, 20, 12, 30, tzinfo=UTC)
EARLIER = NOW - timedelta(hours=3)


class HalfPast(datetime):
    """A clock that stands, so that no hour ends in the middle of a test."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # no clock of its own
        return NOW


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr("hub.runs.volumes.datetime", HalfPast)


@pytest.fixture
async def recipe(database, workspace):
    identity = new_id()
    await execute(
        "insert into documents (id, workspace, kind, name, draft) values ($1, $2, 'recipe', 'counted', '{}')",
        identity, workspace,
    )  # fmt: skip
    return identity


async def add(workspace, recipe, at, *, test=False):
    """Store one item that came in at a time."""
    await execute(
        "insert into items (id, workspace, recipe, version, content, accepted_at, test)"
        " values ($1, $2, $3, 1, '{}', $4, $5)",
        new_id(), workspace, recipe, at, test,
    )  # fmt: skip


def totals(points):
    return sum(one.items for one in points)


@pytest.mark.parametrize(("span", "points"), [(Span.DAY, 24), (Span.WEEK, 7), (Span.MONTH, 30)])
async def test_gives_every_hour_or_day_up_to_now(database, member, workspace, recipe, span, points):
    await add(workspace, recipe, NOW)
    found = await Volumes().show(member, span)
    assert (len(found), found[-1].items) == (points, 1)


async def test_counts_neither_tests_nor_what_is_older_nor_what_is_somebody_elses(
    database, member, members, workspace, recipe
):
    await add(workspace, recipe, EARLIER)
    await add(workspace, recipe, EARLIER, test=True)
    await add(workspace, recipe, NOW - timedelta(days=40))
    assert totals(await Volumes().show(member, Span.MONTH)) == 1
    assert totals(await Volumes().show(members.outsider, Span.MONTH)) == 0


async def test_counts_hours_that_are_over_only_once(database, member, workspace, recipe):
    await add(workspace, recipe, EARLIER)
    await Volumes().show(member, Span.DAY)
    await add(workspace, recipe, EARLIER)
    await add(workspace, recipe, NOW)
    again = await Volumes().show(member, Span.DAY)
    kept = await fetch("select count(*) as hours, sum(items) as items from volumes where workspace = $1", workspace)
    assert totals(again) == 2
    assert (kept[0]["hours"] >= 22, kept[0]["items"]) == (True, 1)
