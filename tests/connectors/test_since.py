"""Reading by time: nothing twice, nothing lost where moments are equal, late or repeated."""

from datetime import UTC, datetime, timedelta, timezone

from connectors.sdk.cursors.since import Since

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def kept(since: Since) -> Since:
    return Since.load(since.dump())


def test_begins_at_the_beginning():
    assert Since.load(None).start is None
    assert Since.load(Since().dump()).start is None


def test_tells_equal_moments_apart():
    since = Since()
    assert since.is_new("a", NOON)
    assert kept(since).is_new("b", NOON)
    assert not kept(since).is_new("a", NOON)


def test_finds_what_comes_late():
    since = Since()
    since.is_new("a", at(200))
    again = kept(since)
    assert again.start == at(-100)
    assert again.is_new("late", at(0))
    assert not kept(again).is_new("late", at(0))
    assert not kept(again).is_new("a", at(200))


def test_takes_a_change_for_new():
    since = Since()
    since.is_new("a", at(0))
    assert kept(since).is_new("a", at(0.5))


def test_forgets_what_lies_before_the_overlap():
    since = Since()
    numbers = range(1000)
    assert all(since.is_new(str(number), at(number)) for number in numbers)
    assert len(since.dump()) < 5000
    assert not kept(since).is_new("700", at(700))


def test_takes_moments_without_a_zone_for_utc():
    since = Since()
    since.is_new("a", NOON.replace(tzinfo=None))
    assert not kept(since).is_new("a", NOON)


def test_holds_no_more_of_a_long_list_than_its_cursor_does():
    since = Since()
    assert all(since.is_new(str(number), at(number)) for number in range(1000))
    assert kept(since).dump() == since.dump()
    assert [since.is_new("0", at(0)), since.is_new("999", at(999))] == [True, False]


def test_knows_the_end_of_the_page_before_again_in_a_list_that_shifts_and_shows_the_newest_first():
    since = Since(overlap=60)
    since.is_new("newest", at(90_000))
    since.dump()
    assert all(since.is_new(str(number), at(number)) for number in (30, 20, 10))
    since.dump()
    assert [since.is_new("10", at(10)), since.is_new("5", at(5))] == [False, True]


def test_takes_the_first_moment_there_is_which_services_write_for_none():
    never, since = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2))), Since()
    assert since.is_new("never", never)
    assert kept(since).start == datetime(1, 1, 1, tzinfo=UTC)
    assert not kept(since).is_new("never", never)
