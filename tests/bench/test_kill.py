"""Whatever is killed while events come in, each is delivered once, or again under the same key."""

import pytest

from bench import kill


@pytest.mark.timeout(900)
@pytest.mark.xdist_group("alone")
def test_no_event_is_lost_or_done_twice_when_parts_are_killed(tmp_path):
    report = kill.run(tmp_path, count=300, rate=25, rounds=1)
    assert [one.part for one in report.kills] == ["web", "worker", "Temporal", "PostgreSQL"]
    assert report.problems == []
