"""Dates and times in every usual way of writing."""

from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.extraction.values.conventions import ambiguous, conventions_of
from hub.extraction.values.dates import find_dates, find_months, find_times, parse_date

_FIFTH_OF_MARCH = date(2026, 3, 5)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03-05",
        "2026/03/05",
        "2026.03.05",
        "20260305",
        "05.03.2026",
        "5.3.2026",
        "05.03.26",
        "5/3/2026",
        "05-03-2026",
        "5 March 2026",
        "5th March, 2026",
        "5th of March 2026",
        "March 5, 2026",
        "March 5th 2026",
        "5-Mar-2026",
        "Mar-05-2026",
        "05 Mar 26",
        "2026 March 5",
        "5. März 2026",
        "5. Maerz 2026",
        "Donnerstag, 5. März 2026",
        "Berlin, den 5. März 2026",
        "5 mars 2026",
        "le 5 mars 2026",
        "5 de marzo de 2026",
        "5 marzo 2026",
        "5 maart 2026",
        "5 marca 2026",
        "2026年3月5日",
        "05/03/2026 14:30",
    ],
)
def test_reads_a_date_as_it_is_written(written):
    assert parse_date(written) == _FIFTH_OF_MARCH


@pytest.mark.parametrize(
    ("written", "value"), [("1er mars 2026", date(2026, 3, 1)), ("31 août 2026", date(2026, 8, 31))]
)
def test_reads_french_days_and_months(written, value):
    assert parse_date(written) == value


@pytest.mark.parametrize(
    "written", ["", "1.2.3", "10.0.0.12", "31/31/2026", "30 February 2026", "12 boxes 2026", "5/2026"]
)
def test_refuses_what_is_no_date(written):
    assert parse_date(written) is None


@pytest.mark.parametrize(("order", "value"), [("dmy", date(2026, 4, 3)), ("mdy", date(2026, 3, 4))])
def test_the_order_decides_between_day_and_month(order, value):
    assert parse_date("03/04/2026", order) == value


@pytest.mark.parametrize("order", ["dmy", "mdy"])
def test_a_day_above_twelve_is_a_day_in_any_order(order):
    assert parse_date("03/25/2026", order) == date(2026, 3, 25)


@pytest.mark.parametrize(
    ("text", "order", "sure"),
    [
        ("Issued 03/04/2026, delivered 25/03/2026", "dmy", True),
        ("Issued 03/04/2026, delivered 03/25/2026", "mdy", True),
        ("Date 04/05/2026, due 04/06/2026, payable within 31 days", "dmy", True),
        ("Invoice date 04/05/2026 Due 05/05/2026 Payment within 30 days", "mdy", True),
        ("Sold to Ann, Portland, OR 97209. Date 03/04/2026", "mdy", True),
        ("Sold to Ann, London N1 9GU, VAT 20%. Date 03/04/2026", "dmy", True),
        ("Rechnung vom 03/04/2026, bitte zahlen Sie den Betrag", "dmy", True),
        ("Date 03/04/2026", "dmy", False),
    ],
)
def test_the_document_tells_its_order(text, order, sure):
    conventions = conventions_of(text)
    assert (conventions.day_order, conventions.sure) == (order, sure)


def test_says_when_nothing_decides():
    assert ambiguous("03/04/2026", conventions_of("Date 03/04/2026"))


def test_a_date_with_dots_is_never_in_doubt():
    assert not ambiguous("03.04.2026", conventions_of("Date 03.04.2026"))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("14:30", time(14, 30)),
        ("2:30 PM", time(14, 30)),
        ("12:05 a.m.", time(0, 5)),
        ("14h30", time(14, 30)),
        ("14.30 Uhr", time(14, 30)),
        ("08:15:42", time(8, 15, 42)),
    ],
)
def test_reads_a_time_of_day(written, value):
    assert [one.value for one in find_times(written)] == [value]


def test_reads_months_and_years_of_a_career():
    text = "Mar 2019 – 05/2021, 2015-2017, Januar 2020"
    assert [one.value for one in find_months(text)] == ["2019-03", "2021-05", "2015", "2017", "2020-01"]


_WRITTEN = st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y", "%d/%m/%Y", "%Y%m%d"])


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)), _WRITTEN)
def test_reads_back_any_date_in_any_style(day, style):
    assert parse_date(day.strftime(style)) == day


@given(st.dates(date(1950, 1, 1), date(2099, 12, 31)))
def test_reads_back_any_american_date(day):
    assert parse_date(day.strftime("%m/%d/%Y"), "mdy") == day


@given(st.text(max_size=80))
def test_never_fails_and_only_finds_what_is_there(text):
    assert all(0 <= one.start < one.end <= len(text) for one in find_dates(text))
