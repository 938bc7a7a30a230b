"""Two sides of one record: what is changed where, what wins, and that both come to say the same."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.recipes.syncing import Known, Sync, Synced, compare, meaning

OLD = {"name": "Ada", "mail": "ada@example.com"}


def synced(here: Any, there: Any, known: Known | None = None, **rest: Any) -> tuple[Synced, Known]:
    given_settings: dict[str, Any] = {"sync": "customers", "side": "left", "key": 1, "conflict": "left", **rest}
    return compare(Sync(here=here, there=there, **given_settings), known)


@pytest.fixture
def known() -> Known:
    """What is remembered once both sides said OLD."""
    return synced(OLD, OLD)[1]


def test_a_record_that_is_new_goes_over_whole():
    found, _ = synced(OLD, None)
    assert (found.fields, found.changes, found.new) == (OLD, ["name", "mail"], True)


def test_what_both_sides_say_needs_no_write():
    found, _ = synced(OLD, OLD)
    assert (found.changes, found.conflicts) == ([], [])


def test_a_change_on_one_side_goes_to_the_other(known):
    found, _ = synced({**OLD, "name": "Ada B."}, OLD, known)
    assert (found.fields["name"], found.changes, found.conflicts) == ("Ada B.", ["name"], [])


def test_a_change_on_the_other_side_is_not_overwritten(known):
    found, _ = synced(OLD, {**OLD, "mail": "new@example.com"}, known)
    assert (found.fields["mail"], found.changes, found.conflicts) == ("new@example.com", [], [])


def test_changes_of_different_fields_are_joined(known):
    found, _ = synced({**OLD, "name": "Ada B."}, {**OLD, "mail": "new@example.com"}, known)
    assert found.fields == {"name": "Ada B.", "mail": "new@example.com"}
    assert (found.changes, found.conflicts) == (["name"], [])


@pytest.mark.parametrize(("side", "rule", "kept"), [
    ("left", "left", "here"), ("left", "right", "there"), ("right", "left", "there"), ("right", "right", "here"),
])  # fmt: skip
def test_a_rule_decides_what_both_have_changed(known, side, rule, kept):
    found, _ = synced({**OLD, "name": "here"}, {**OLD, "name": "there"}, known, side=side, conflict=rule)
    assert found.fields["name"] == kept
    (conflict,) = found.conflicts
    assert (conflict.field, conflict.here, conflict.there, conflict.kept) == ("name", "here", "there", rule)


@pytest.mark.parametrize(("here_at", "there_at", "kept"), [
    ("2026-11-22T10:00:00Z", "2026-11-22T09:00:00Z", "here"),
    ("2026-11-22T10:00:00+02:00", "2026-11-22T09:00:00Z", "there"),
    ("2026-11-22T10:00:00Z", "", "here"),
])  # fmt: skip
def test_the_newest_wins_in_any_zone(known, here_at, there_at, kept):
    when = {"conflict": "newest", "here_at": here_at, "there_at": there_at}
    assert synced({**OLD, "name": "here"}, {**OLD, "name": "there"}, known, **when)[0].fields["name"] == kept


def test_a_write_that_failed_is_made_again(known):
    changed = {**OLD, "name": "Ada B."}
    _, after = synced(changed, OLD, known)
    found, _ = synced(changed, OLD, after)
    assert (found.changes, found.conflicts) == (["name"], [])


def test_a_write_that_arrived_is_no_change_of_the_other_side(known):
    changed, again = {**OLD, "name": "Ada B."}, {**OLD, "name": "Ada Byron"}
    _, after = synced(changed, OLD, known)
    found, _ = synced(again, changed, after)
    assert (found.fields["name"], found.conflicts) == ("Ada Byron", [])


def test_the_echo_of_a_write_ends_there(known):
    changed = {**OLD, "name": "Ada B."}
    _, after = synced(changed, OLD, known)
    found, _ = synced(changed, changed, after, side="right")
    assert found.changes == []


@pytest.mark.parametrize(("first", "second"), [
    (118, "118.00"), (Decimal("118.0"), 118.0), (None, ""), (True, "true"), (" Ada ", "Ada"),
    ("2026-11-22T10:00:00Z", "2026-11-22 11:00:00+01:00"),
    (datetime(2026, 11, 22, 11, tzinfo=timezone(timedelta(hours=1))), datetime(2026, 11, 22, 10, tzinfo=UTC)),
    ({"b": 1, "a": 2}, {"a": 2, "b": 1}),
    ("0001-01-01T00:00:00+02:00", datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))),
    ("9999-12-31T23:59:59-02:00", "9999-12-31 23:59:59-02:00"),
])  # fmt: skip
def test_values_that_mean_the_same_are_the_same(first, second):
    assert meaning(first) == meaning(second)


@pytest.mark.parametrize(("first", "second"), [("0042", "42"), ("1e3", "1000"), ("Ada", "ada"), (1, True), ([1], "1")])
def test_values_that_mean_something_else_are_not(first, second):
    assert meaning(first) != meaning(second)


@pytest.mark.parametrize("wrong", [
    {"sync": " "}, {"here": {}}, {"names": {"phone": "tel"}}, {"conflict": "newest"}, {"side": "middle"},
])  # fmt: skip
def test_refuses_settings_that_say_too_little(wrong):
    plain = {"sync": "customers", "side": "left", "key": 1, "here": {"name": "x"}, "there": None}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**plain, **wrong}, Sync)


def test_says_when_the_other_side_is_no_record():
    with pytest.raises(TypeError, match="must be a map"):
        synced(OLD, ["Ada"])


EDITS = st.lists(
    st.tuples(st.sampled_from(["left", "right", "carry left", "carry right", "lose"]), st.sampled_from(["a", "b"])),
    max_size=30,
)


class Pair:
    """Two systems and the sync between them; every edit is a value never seen before."""

    def __init__(self) -> None:
        self.sides = {"left": {"a": 0, "b": 0}, "right": {"a": 0, "b": 0}}
        self.known: Known | None = None
        self.made = 0

    def edit(self, side: str, name: str) -> None:
        self.made += 1
        self.sides[side][name] = self.made

    def carry(self, side: str, *, arrives: bool = True) -> None:
        """Let an item of a side pass the step; its write arrives at the other side, or is lost."""
        other = "right" if side == "left" else "left"
        found, self.known = synced(dict(self.sides[side]), dict(self.sides[other]), self.known, side=side)
        self.sides[other] = dict(found.fields) if arrives and found.changes else self.sides[other]

    def step(self, action: str, name: str) -> None:
        match action.split():
            case ["carry", side]:
                self.carry(side)
            case ["lose"]:
                self.carry("left", arrives=False)
            case _:
                self.edit(action, name)


@settings(max_examples=300)
@given(EDITS)
def test_both_sides_come_to_say_the_same(edits):
    pair = Pair()
    for action, name in edits:
        pair.step(action, name)
    for side in ("left", "right", "left"):
        pair.carry(side)
    assert pair.sides["left"] == pair.sides["right"]


@settings(max_examples=200)
@given(EDITS, st.sampled_from(["left", "right"]), st.sampled_from(["a", "b"]))
def test_a_change_of_one_side_alone_is_never_lost(edits, side, name):
    pair = Pair()
    for action, edited in edits:
        pair.step(action, edited)
    for turn in ("left", "right", "left"):
        pair.carry(turn)
    pair.edit(side, name)
    for turn in ("right", "left", "right"):
        pair.carry(turn)
    assert pair.sides["left"][name] == pair.sides["right"][name] == pair.made
