"""Curves of confidence: they never fall, follow what was judged, and start from what is shipped."""

from __future__ import annotations

import random
from uuid import UUID

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.database import execute
from hub.errors import ForbiddenError
from hub.extraction.confidence.calibrations import Calibrations
from hub.extraction.confidence.curves import Calibration, Curve, shipped
from hub.extraction.confidence.fitting import ENOUGH, FEWEST, curves_of, fit, isotonic, platt
from hub.extraction.confidence.reliability import Told, reliability
from hub.ids import new_id
from hub.members import Member

SCORES = [step / 100 for step in range(101)]


def told(score: float, right: int, values: int = 1, path: str = "") -> Told:
    return Told(confidence=score, score=score, engine="layout", path=path, right=right, values=values)


judged = st.lists(st.builds(told, st.floats(0, 1), st.integers(0, 1)), min_size=1, max_size=400)


@settings(max_examples=60)
@given(judged)
def test_no_curve_falls_or_leaves_the_shares(values):
    seen = sorted(values, key=lambda one: one.score)
    for points in (isotonic(seen), platt(seen)):
        found = [Curve(points).at(score) for score in SCORES]
        assert found == sorted(found)
        assert 0 <= found[0] <= found[-1] <= 1


@settings(max_examples=60)
@given(judged, judged)
def test_a_curve_drawn_towards_another_does_not_fall(values, others):
    before = Curve(isotonic(sorted(others, key=lambda one: one.score)))
    curve = fit(values * 3, before) or before
    found = [curve.at(score) for score in SCORES]
    assert found == sorted(found)


def test_many_values_give_the_shares_that_were_seen():
    chance = random.Random(7)
    values = [told(score := chance.random(), chance.random() < score**2) for _ in range(6000)]
    curve = fit(values)
    assert curve is not None
    assert max(abs(curve.at(score) - score**2) for score in (0.2, 0.4, 0.6, 0.8)) < 0.07


def test_few_values_give_a_smooth_curve_and_fewer_none():
    values = [told(0.9, index % 10 != 0) for index in range(FEWEST)] + [told(0.4, index % 2) for index in range(FEWEST)]
    curve = fit(values)
    assert curve is not None
    assert curve.samples == 2 * FEWEST < ENOUGH
    assert 0.35 < curve.at(0.4) < 0.65 < curve.at(0.9) < 0.97
    assert fit(values[: FEWEST - 1]) is None


def test_a_score_that_says_nothing_gives_the_share():
    values = [told(0.9, 0) for _ in range(40)] + [told(0.2, 1) for _ in range(40)]
    curve = fit(values)
    assert curve is not None
    assert curve.at(0.1) == curve.at(0.95) == pytest.approx(0.5, abs=0.02)


def test_rows_have_a_curve_of_their_own_and_unknown_engines_keep_their_score():
    values = [told(0.9, index % 2, path="lines[3].amount") for index in range(80)]
    curves = curves_of(values, Calibration({"layout": Curve(((0.0, 0.9), (1.0, 0.9)))}))
    assert curves.confidence("layout", "total", 0.9) == 0.9
    assert curves.confidence("layout", "lines[0].amount", 0.9) < 0.75
    assert curves.confidence("oracle", "total", 0.42) == 0.42


def test_what_is_shipped_never_falls():
    assert shipped().curves
    found = {key: [curve.at(score) for score in SCORES] for key, curve in shipped().curves.items()}
    assert found == {key: sorted(values) for key, values in found.items()}


def test_reliability_counts_bins_errors_and_their_squares():
    found = reliability([told(0.9, 9, 10), told(0.5, 1, 10)])
    assert (found.values, found.right) == (20, 0.5)
    assert found.ece == 0.2
    assert found.brier == pytest.approx(0.17)
    assert (found.expected_errors, found.seen_errors) == (300.0, 500.0)
    assert [(one.least, one.values, one.confidence, one.right) for one in found.bins] == [
        (0.5, 10, 0.5, 0.1),
        (0.9, 10, 0.9, 0.9),
    ]
    assert reliability([]).bins == ()


@given(judged)
def test_every_value_is_in_one_bin(values):
    found = reliability(values)
    assert sum(one.values for one in found.bins) == found.values == len(values)
    assert 0 <= found.ece <= 1


async def judgement(workspace: UUID, *, right: bool, count: int, schema: str = "invoice") -> None:
    """Judgements of one extraction, as people make them."""
    extraction = new_id()
    await execute(
        "insert into extractions (id, workspace, schema_name, engine, status, result) "
        "values ($1, $2, $3, 'local', 'done', '{}')",
        extraction, workspace, schema,
    )  # fmt: skip
    await execute(
        "insert into judgements (workspace, extraction, path, schema_name, schema_version, engine, score, confidence, "
        "is_right) select $1, $2, 'field_' || n, $3, 1, 'layout', 0.95, 0.95, $4 from generate_series(1, $5::int) n",
        workspace, extraction, schema, right, count,
    )  # fmt: skip


async def test_a_workspace_draws_its_own_curves_from_what_people_judged(member: Member):
    before = await Calibrations().curves(member.workspace, "invoice")
    await judgement(member.workspace, right=False, count=300)
    after = await Calibrations().curves(member.workspace, "Invoice")
    elsewhere = await Calibrations().curves(member.workspace, "receipt")
    assert before == elsewhere == shipped()
    assert after.confidence("layout", "total", 0.95) < 0.3 < before.confidence("layout", "total", 0.95)


async def test_a_few_judgements_change_nothing(member: Member):
    await judgement(member.workspace, right=False, count=FEWEST - 1)
    assert await Calibrations().curves(member.workspace, "invoice") == shipped()


async def test_tells_expected_and_seen_errors_of_the_workspace_alone(members):
    await judgement(members.workspace, right=True, count=30)
    await judgement(members.workspace, right=False, count=10)
    await judgement(members.workspace, right=False, count=5, schema="receipt")
    found = await Calibrations().report(members.viewer, "invoice")
    assert (found.all.values, found.all.seen_errors, found.all.expected_errors) == (40, 250.0, 50.0)
    assert list(found.engines) == ["layout"]
    assert (await Calibrations().report(members.viewer)).all.values == 45
    assert (await Calibrations().report(members.outsider)).all.values == 0


async def test_a_key_without_the_scope_is_refused(members):
    nobody = msgspec.structs.replace(members.viewer, scopes=frozenset())
    with pytest.raises(ForbiddenError):
        await Calibrations().report(nobody)
