"""Salesforce's SOQL as this connector writes it, read by a parser that is not ours."""

from typing import Any

import pytest

from connectors.salesforce import changed_record, find_records, query, write_record
from connectors.salesforce.settings import Find, Follow, Query
from connectors.salesforce.soql import filled, quoted, require_condition, require_query
from connectors.sdk import Record, SettingsError
from tests.connectors.contracts import read
from tests.connectors.entry_stands import Appearing
from tests.peers.soql_parser import conditions, parsed

HOSTILE = "x' OR Id != null OR LastName = 'y\\' OR Id != null --\n'"
CONDITION = (
    "Stage__c = 'New' OR (NOT LastName LIKE 'it\\'s%' AND CreatedDate > LAST_N_DAYS:30)"
    " OR (Id IN (SELECT ContactId FROM Case) AND Score__c >= 1.5)"
)


async def test_asks_what_any_reader_of_soql_understands(context, writing, peer):
    [peer.kept.add({"LastName": f"P{at}", "Stage__c": "New"}) for at in range(250)]
    stand = Appearing("salesforce.changed_record", peer, lambda: context(Follow, condition="Stage__c = 'New'"), dict)
    _, cursor = await read(stand, None)
    await read(stand, cursor)
    skipping = context(Follow, condition="Stage__c = 'New'", existing="skip", fields=["LastName"])
    assert [item.content async for item in changed_record(skipping, None)] == [None]
    where = {"LastName": HOSTILE, "Score__c": -0.5, "Born__c": "2000-01-01", "Email": ""}
    await find_records(context(Find, where=where))
    await write_record(writing(), [Record(key="a", rows=[{"LastName": "P", "Number__c": HOSTILE}])])

    found = parsed(peer.soql)
    assert [one["wrong"] for one in found if "wrong" in one] == []
    names = [[one["field"] for one in conditions(said.get("where"))] for said in found]
    later = ["Stage__c", "SystemModstamp", "SystemModstamp", "Id"]
    assert names[:3] == [["Stage__c"], later, ["Stage__c", "SystemModstamp"]]
    assert names[-2:] == [list(where), ["Number__c"]]
    assert [one["value"] for one in conditions(found[-2]["where"])] == [quoted(HOSTILE), "-0.5", "2000-01-01", "NULL"]


def test_keeps_a_condition_within_its_brackets():
    require_condition(CONDITION)
    [alone, guarded] = parsed(
        [f"SELECT Id FROM A WHERE {CONDITION}", f"SELECT Id FROM A WHERE ({CONDITION}) AND B = 1"]
    )
    inner, outer = list(conditions(alone["where"])), list(conditions(guarded["where"]))
    assert [one.get("field") for one in outer] == [*(one.get("field") for one in inner), "B"]
    assert (outer[0]["openParen"], outer[-2]["closeParen"]) == (1, inner[-1]["closeParen"] + 1)


def test_writes_values_of_every_kind_into_a_query():
    soql = "SELECT Id FROM A WHERE T = ':t' AND B IN:many AND C > :day AND D < :at AND E = :no AND F != :n AND G = :x"
    params: dict[str, Any] = {"many": [HOSTILE, 1, 2.5], "day": "2026-11-22", "at": "2026-11-22T09:00:00.5+01:00"}
    params |= {"no": None, "n": 1e21, "x": "2026-13-45"}
    require_query(soql)
    [found] = parsed([filled(soql, params)])
    values = [one["value"] for one in conditions(found["where"])]
    assert values[:2] == ["':t'", [quoted(HOSTILE), "1", "2.5"]]
    assert values[2:] == ["2026-11-22", "2026-11-22T08:00:00Z", "NULL", "1000000000000000000000", "'2026-13-45'"]


@pytest.mark.parametrize("value", [{"a": 1}, [], float("nan"), float("inf"), [["a"], {}]])
async def test_writes_no_value_that_none_can_be(value, context, peer):
    with pytest.raises(SettingsError, match="The value of :n cannot stand in a query"):
        await query(context(Query, soql="SELECT Id FROM Contact WHERE Name IN :n", params={"n": value}))
    assert peer.soql == []
