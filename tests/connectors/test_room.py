"""What services say of their rate limits, as their documentation shows it."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from multidict import CIMultiDict

from connectors.sdk.network.room import Room, room_of

MOMENT = 1_763_800_000


@pytest.mark.parametrize(
    ("headers", "room"),
    [
        (
            {"X-RateLimit-Limit": "5000", "X-RateLimit-Remaining": "4987", "X-RateLimit-Reset": str(MOMENT)},
            Room(4987, 5000, datetime.fromtimestamp(MOMENT, UTC)),
        ),
        (
            {"x-rate-limit-limit": "450", "x-rate-limit-remaining": "0", "x-rate-limit-reset": str(MOMENT)},
            Room(0, 450, datetime.fromtimestamp(MOMENT, UTC)),
        ),
        ({"RateLimit-Remaining": "59, 3000"}, Room(59)),
        ({"X-RateLimit-Remaining": "many"}, None),
        ({"X-RateLimit-Remaining": "-1"}, None),
        ({"X-RateLimit-Remaining": "9" * 400}, None),
        ({"X-RateLimit-Remaining": "1", "X-RateLimit-Reset": "999999999999"}, Room(1)),
        ({"RateLimit": '"default";q=100'}, None),
        ({"Sforce-Limit-Info": "api-usage=25/5000; per-app-api-usage=17/250(appName=hub)"}, Room(4975, 5000)),
        ({"Sforce-Limit-Info": "api-usage=5001/5000"}, Room(0, 5000)),
        ({"Sforce-Limit-Info": "api-usage=all/5000"}, None),
        ({}, None),
    ],
    ids=[
        *("github", "x", "two windows", "words", "negative", "endless", "never", "no remainder"),
        *("salesforce", "salesforce beyond", "salesforce words", "nothing"),
    ],
)
def test_reads_what_is_left(headers, room):
    assert room_of(CIMultiDict(headers)) == room


@pytest.mark.parametrize(
    "headers",
    [{"RateLimit": '"default";r=50;t=30'}, {"X-RateLimit-Remaining": "50", "X-RateLimit-Reset-After": "30.0"}],
    ids=["draft of the standard", "discord"],
)
def test_counts_seconds_from_now(headers, monkeypatch):
    monkeypatch.setattr("connectors.sdk.network.room.time", SimpleNamespace(time=lambda: MOMENT))
    assert room_of(CIMultiDict(headers)) == Room(50, None, datetime.fromtimestamp(MOMENT + 30, UTC))
