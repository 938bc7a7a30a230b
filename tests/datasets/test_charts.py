"""Charts of datasets: counted by category and over time, computed over what is a number, kept beside the dataset."""

import pytest

from hub.audit import Audit
from hub.datasets import Chart, DatasetCharts, Datasets, Format, NewDataset, Source
from hub.errors import ConflictError, ForbiddenError, InvalidError
from hub.outbox import Outbox

SALES = b"""city,day,total,sure
Graz,2026-01-05,10,0.5
Graz,2026-01-20T10:00:00Z,5.5,0.7
Linz,2026-02-31,abc,
Linz,never,2,1
,0000-01-01,-1,1
"""


@pytest.fixture
def charts(database):
    return DatasetCharts(Audit())


@pytest.fixture
async def sales(database, member):
    datasets = Datasets(Audit(), Outbox())
    made = await datasets.create(member, NewDataset(name="sales"))
    await datasets.import_rows(member, "sales", Source(content=SALES, kind=Format.CSV))
    return made.id


@pytest.mark.parametrize(
    ("chart", "bars"),
    [
        (Chart(by="city"), [("Graz", 2), ("Linz", 2), ("", 1)]),
        (Chart(by="city", measure="sum", of="total"), [("Graz", 15.5), ("Linz", 2), ("", -1)]),
        (Chart(by="city", measure="average", of="sure"), [("", 1), ("Linz", 1), ("Graz", 0.6)]),
        (Chart(by="city", measure="least", of="total"), [("Graz", 5.5), ("Linz", 2), ("", -1)]),
        (Chart(by="day", unit="month"), [("2026-01-01", 2), ("2026-02-01", 1)]),
        (Chart(by="day", unit="quarter"), [("2026-01-01", 3)]),
        (Chart(by="day", unit="week"), [("2026-01-05", 1), ("2026-01-19", 1), ("2026-03-02", 1)]),
        (Chart(by="day", unit="year", measure="most", of="total"), [("2026-01-01", 10)]),
    ],
)
async def test_computes_over_what_can_be_computed(charts, member, sales, chart, bars):
    found = await charts.figures(member, sales, chart)
    assert [(one.label, one.value) for one in found.bars] == bars


async def test_goes_by_when_rows_were_added(charts, member, sales):
    [bar] = (await charts.figures(member, sales, Chart(unit="day"))).bars
    assert (bar.value, bar.rows) == (5, 5)


@pytest.mark.parametrize(
    "chart",
    [Chart(by="x' or 1=1 --"), Chart(), Chart(by="city", measure="sum"), Chart(by="city", title="x" * 101)],
)
async def test_refuses_charts_of_nothing(charts, member, sales, chart):
    with pytest.raises(InvalidError):
        await charts.figures(member, sales, chart)


async def test_keeps_charts_with_the_dataset(charts, member, members, sales):
    wanted = [Chart(title="By city", by="city")]
    await charts.keep(member, sales, wanted)
    assert await charts.list(members.viewer, sales) == wanted
    with pytest.raises(ForbiddenError):
        await charts.keep(members.viewer, sales, [])
    with pytest.raises(ConflictError):
        await charts.keep(member, sales, wanted * 21)
