"""The benchmark's own parts: a sink that counts right and a load generator that does not stretch the truth."""

import pytest

from bench.figures import Row
from bench.kill import Kill, was_in_flight
from bench.load import Options
from bench.measure import percentile
from bench.peers import Load, Sink
from bench.sink import Delivery, header


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([1.0], 0.95, 1.0), ([float(number) for number in range(1, 101)], 0.95, 95.0), ([], 0.5, float("inf"))],
)
def test_a_percentile_is_the_value_that_a_share_stays_below(values, share, expected):
    assert percentile(values, share) == expected


@pytest.mark.parametrize(
    ("measured", "at_least", "verdict"),
    [(700, True, "kept"), (1600, True, "stretch"), (500, True, "missed"), (500, False, "stretch")],
)
def test_a_figure_is_missed_kept_or_better(measured, at_least, verdict):
    assert Row("items", "items/s", measured, 600, 1500, at_least=at_least).verdict == verdict


def test_headers_are_found_whatever_their_case():
    assert header(b"POST / HTTP/1.1\r\nIdempotency-Key: abc\r\nHost: x", b"idempotency-key") == b"abc"
    assert header(b"POST / HTTP/1.1\r\nHost: x", b"idempotency-key") is None


def test_every_posted_event_is_counted_with_its_times():
    with Sink() as sink:
        outcome = Load(Options(url=sink.url, count=200, connections=10)).outcome()
        deliveries = sink.deliveries()
    assert outcome.refused == {"200": 200}  # the sink does not say 202, so nothing counts as accepted
    assert {delivery.event for delivery in deliveries} == {f"e-{number}" for number in range(200)}
    assert all(outcome.started <= delivery.sent <= delivery.arrived <= outcome.ended for delivery in deliveries)


def test_an_open_loop_keeps_its_rate():
    with Sink() as sink:
        outcome = Load(Options(url=sink.url, count=20, rate=100)).outcome()
    assert 0.15 <= (outcome.ended - outcome.started) / 1e9 < 10


@pytest.mark.parametrize(("age", "expected"), [(0.5, True), (-0.5, True), (60, False), (-2, False)])
def test_only_what_arrived_around_a_kill_was_in_flight(age, expected):
    delivery = Delivery("e-1", "key", 0, int(100e9))
    at = int((100 + age) * 1e9)
    assert was_in_flight(delivery, [Kill("worker", at, at)]) is expected


def test_a_kill_that_took_a_while_may_have_fallen_into_any_moment_of_it():
    delivery = Delivery("e-1", "key", 0, int(100e9))
    assert was_in_flight(delivery, [Kill("worker", int(97.5e9), int(99.5e9))])
    assert was_in_flight(delivery, [Kill("worker", int(90e9), int(110e9))])
    assert not was_in_flight(delivery, [Kill("worker", int(90e9), int(98e9)), Kill("web", int(104e9), int(110e9))])
