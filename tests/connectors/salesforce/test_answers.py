"""Salesforce: what its answers lead to, and what they cannot lead to."""

import pytest

from connectors.salesforce import check, new_record, query
from connectors.salesforce.settings import Follow, Query
from connectors.sdk import NoSettings, SettingsError, TemporaryError
from tests.peers.faults import Fault
from tests.peers.openapi import TOKEN
from tests.peers.salesforce import MORE

COUNT = "SELECT COUNT() FROM Contact"


@pytest.mark.parametrize(
    "place", ["https://evil.example/x", "/services/data/v62.0/query/../../x", "//evil.example/", ""]
)
async def test_turns_to_no_page_that_is_none(place, context, peer):
    page = {"totalSize": 2, "done": False, "records": [], "nextRecordsUrl": place}
    peer.fail(Fault(status=200, body=page))
    with pytest.raises(TemporaryError, match="place of the next page"):
        await query(context(Query, soql=COUNT))


async def test_ends_where_a_page_leads_to_itself(context, peer):
    place = "/services/data/v62.0/query/01gRO0000016PIAYA2-2"
    peer.fail(Fault(status=200, body={"totalSize": 2, "done": False, "records": [], "nextRecordsUrl": place}))
    with pytest.raises(TemporaryError, match="same page again"):
        await query(context(Query, soql=COUNT))
    assert peer.asked("GET", MORE) == []


@pytest.mark.parametrize("told", ["0001-01-01T00:00:00+14:00", "soon", 5, {"at": "noon"}])
async def test_takes_no_record_whose_time_is_none(told, context, peer):
    record = {"attributes": {}, "Id": "003", "CreatedDate": told}
    peer.fail(Fault(status=200, body={"totalSize": 1, "done": True, "records": [record]}))
    with pytest.raises(TemporaryError, match="time"):
        assert [item async for item in new_record(context(Follow), None)] == []


async def test_ends_where_pages_are_out_of_order(context, peer):
    record = {"attributes": {}, "Id": "003", "CreatedDate": "2026-11-22T08:00:00.000+0000"}
    peer.fail(Fault(status=200, body={"totalSize": 200, "done": True, "records": [record] * 200}))
    with pytest.raises(TemporaryError, match="otherwise than in the order"):
        assert [item async for item in new_record(context(Follow), None)] == []


async def test_tells_what_salesforce_says_of_a_query(context, peer):
    with pytest.raises(SettingsError, match=r"400 Bad Request: No such column 'Nothing__c' on entity 'Contact'\.$"):
        await query(context(Query, soql="SELECT Nothing__c FROM Contact"))


async def test_sends_no_query_that_is_longer_than_an_address(context, peer):
    with pytest.raises(SettingsError, match="too long for Salesforce"):
        await query(context(Query, soql="SELECT Id FROM Contact WHERE Name = :name", params={"name": "'" * 3000}))
    assert peer.soql == []


async def test_renews_a_token_once(context, connection, peer):
    peer.tokens.discard(TOKEN)
    await check(connection, context(NoSettings))
    assert len(peer.calls) == 1


@pytest.mark.parametrize(
    ("status", "said", "told", "wait"),
    [
        (403, "REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.", "the last 24 hours are used up", 900.0),
        (403, "REQUEST_LIMIT_EXCEEDED: ConcurrentRequests Limit exceeded.", "too many long requests", 30.0),
        (400, "QUERY_TIMEOUT: Your query request was running for too long.", "running for too long", None),
        (503, "SERVER_UNAVAILABLE: The server is down.", "The server is down", None),
    ],
)
async def test_comes_again_when_salesforce_takes_no_more(status, said, told, wait, context, peer):
    code, _, message = said.partition(": ")
    peer.fail(Fault(status=status, body=[{"errorCode": code, "message": message}]))
    with pytest.raises(TemporaryError, match=told) as failed:
        await query(context(Query, soql=COUNT))
    assert failed.value.retry_after == wait


async def test_takes_no_more_records_than_it_asked_for(context, peer):
    record = {"attributes": {}, "Id": "003", "CreatedDate": "2026-11-22T08:00:00.000+0000"}
    peer.fail(Fault(status=200, body={"totalSize": 1, "done": True, "records": [record] * 20_001}))
    with pytest.raises(TemporaryError, match="more records than it was asked for"):
        assert [item async for item in new_record(context(Follow), None)] == []


async def test_repeats_no_token_that_an_answer_repeats(context, peer):
    peer.fail(Fault(status=400, body=[{"errorCode": "X", "message": f"What is {TOKEN}?"}]))
    with pytest.raises(SettingsError) as told:
        await query(context(Query, soql=COUNT))
    assert TOKEN not in told.value.message
