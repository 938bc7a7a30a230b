"""The clock: intervals, cron lines, time zones, and what can never come."""

from datetime import UTC, datetime

import msgspec
import pytest

from connectors.schedule import Due, due
from connectors.sdk import fill


def times(after: str, count: int, **settings: str) -> list[str]:
    """Return the next due times after a moment."""
    filled, moment, found = fill(Due, settings), datetime.fromisoformat(after), list[str]()
    while len(found) < count and (moment := due.function(filled, moment)) is not None:
        found.append(moment.astimezone(UTC).isoformat(timespec="minutes").replace("+00:00", "Z"))
    return found


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ("15m", ["2026-01-01T10:15Z", "2026-01-01T10:30Z"]),
        ("2h", ["2026-01-01T12:00Z", "2026-01-01T14:00Z"]),
        ("1d", ["2026-01-02T00:00Z", "2026-01-03T00:00Z"]),
        ("90s", ["2026-01-01T10:06Z", "2026-01-01T10:07Z"]),
    ],
)
def test_due_keeps_to_the_interval(every, expected):
    assert times("2026-01-01T10:04:30+00:00", 2, every=every) == expected


def test_due_does_not_drift_with_the_moment_of_asking():
    assert times("2026-01-01T10:00:00+00:00", 1, every="15m") == times("2026-01-01T10:14:59+00:00", 1, every="15m")


@pytest.mark.parametrize(
    ("after", "cron", "zone", "expected"),
    [
        ("2026-11-20T12:00:00+00:00", "0 9 * * MON-FRI", "Europe/Paris", ["2026-11-23T08:00Z", "2026-11-24T08:00Z"]),
        # 2:30 does not exist on the first day of summer time: it comes when the clock has moved on
        ("2026-03-28T12:00:00+00:00", "30 2 * * *", "Europe/Paris", ["2026-03-29T01:00Z", "2026-03-30T00:30Z"]),
        # 2:30 comes twice on the last day: once is enough
        ("2026-10-24T12:00:00+00:00", "30 2 * * *", "Europe/Paris", ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]),
        ("2026-03-08T00:00:00+00:00", "0 12 * * *", "America/New_York", ["2026-03-08T16:00Z", "2026-03-09T16:00Z"]),
        ("2026-01-31T00:00:00+00:00", "0 0 L * *", "UTC", ["2026-02-28T00:00Z", "2026-03-31T00:00Z"]),
        ("2026-01-01T00:00:00+00:00", "0 0 29 2 *", "UTC", ["2028-02-29T00:00Z", "2032-02-29T00:00Z"]),
    ],
)
def test_due_follows_the_cron_line_on_its_own_clock(after, cron, zone, expected):
    assert times(after, 2, cron=cron, time_zone=zone) == expected


def test_due_fires_every_hour_through_the_change_of_clocks():
    found = times("2026-10-24T23:30:00+00:00", 4, cron="0 * * * *", time_zone="Europe/Paris")
    assert found == ["2026-10-25T00:00Z", "2026-10-25T01:00Z", "2026-10-25T02:00Z", "2026-10-25T03:00Z"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "either"),
        ({"every": "5m", "cron": "* * * * *"}, "either"),
        ({"every": "0m"}, "such as 15m"),
        ({"every": "soon"}, "such as 15m"),
        ({"every": "500d"}, "at most"),
        ({"cron": "61 * * * *"}, "cron"),
        ({"cron": "* * * *"}, "cron"),
        ({"cron": "0 0 31 2 *"}, "never|cron"),
        ({"cron": "* * * * *; rm"}, "cron"),
        ({"every": "5m", "time_zone": "Mars/Base"}, "time zone"),
        ({"every": "5m", "time_zone": "../../etc/passwd"}, "time zone"),
        ({"every": "5m", "missed": "maybe"}, "Invalid"),
    ],
)
def test_due_refuses_what_cannot_be_kept(settings, said):
    with pytest.raises(msgspec.ValidationError, match=said):
        fill(Due, settings)
