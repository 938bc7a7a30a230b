"""Salesforce: records written two hundred a request, seen before, found after a crash, and taken back."""

import pytest

from connectors.salesforce import find, preview, undo, write_record
from connectors.sdk import Receipt, Record, Rejected, SettingsError, TemporaryError
from tests.connectors.contracts import TargetContract
from tests.connectors.entry_stands import Taking
from tests.peers.faults import Fault
from tests.peers.salesforce import DESCRIBED, MANY, QUERY, UPSERT

PART = "/services/data/v62.0/composite/sobjects"


def named(number):
    return {"LastName": f"P{number}", "Number__c": f"n{number}", "Score__c": number % 1000}


def records(*rows):
    return [Record(key=f"k{number}", rows=[row]) for number, row in enumerate(rows)]


class TestWriteRecord(TargetContract):
    @pytest.fixture
    async def stand(self, peer, writing):
        bad = {"Number__c": "bad", "LastName": "Bad", "Stage__c": "Lost"}
        return Taking("salesforce.write_record", peer, writing, named, bad=bad, missing="Score__c")


async def test_writes_a_thousand_in_few_requests(writing, peer):
    done = await write_record(writing(), records(*map(named, range(1000))))
    assert {type(one) for one in done} == {Receipt}
    assert (len(peer.asked("GET", DESCRIBED)), len(peer.asked("GET", QUERY)), peer.writes) == (1, 3, 5)


async def test_changes_the_record_of_the_key_and_puts_it_back(writing, peer):
    peer.kept.add({"LastName": "Old", "Number__c": "N1", "Score__c": 5, "Tags__c": "red"})
    [new] = records({"LastName": "New", "Number__c": "n1", "Score__c": "6.005", "Tags__c": ["blue", "red"]})
    [[change]] = await preview(writing(), [new])
    [receipt] = await write_record(writing(), [new])
    assert (change.before["Score__c"], change.after["Score__c"], change.reference) == (5, 6.01, "Number__c n1")
    assert (receipt.output["added"], receipt.url) == (False, f"{writing().connection.base}/{peer.kept.rows[0]['id']}")
    assert peer.kept.rows[0]["values"]["Tags__c"] == "red;blue"
    await undo(writing(), receipt)
    assert peer.kept.rows[0]["values"] == {"LastName": "Old", "Number__c": "N1", "Score__c": 5, "Tags__c": "red"}


async def test_knows_its_values_again_in_the_form_in_which_salesforce_keeps_them(writing, peer):
    row = {"LastName": "  Anna ", "Number__c": "n1", "Email": "Anna@Example.com", "Note__c": "one\ntwo", "Stage__c": ""}
    row |= {"Seen__c": "2026-11-22T09:00:00+01:00", "Born__c": "1980-02-29", "AccountId": "001D000000K0fXO"}
    row |= {"Active__c": "yes", "Score__c": "1.004", "Tags__c": "red;blue"}
    [record] = records(row)
    await write_record(writing(), [record])
    kept = peer.kept.rows[0]["values"]
    assert (kept["Seen__c"], kept["AccountId"]) == ("2026-11-22T08:00:00.000+0000", "001D000000K0fXOIAZ")
    assert await preview(writing(), [record]) == [[]]
    found = await find(writing(), record, None)
    assert found is not None
    assert found.reference == "Number__c n1"


async def test_writes_records_of_one_key_one_after_another(writing, peer):
    by_mail = writing(key="Email")
    rows = [{"LastName": name, "Email": "a@example.com"} for name in ("First", "Second", "Third")]
    done = await write_record(by_mail, records(*rows, {"LastName": "Other", "Email": "b@example.com"}))
    assert [one.output["added"] for one in done] == [True, False, False, True]
    assert [row["values"]["LastName"] for row in peer.kept.there] == ["Third", "Other"]
    assert peer.asked("PATCH", UPSERT) == []


async def test_writes_under_an_external_id_once_whoever_was_quicker(writing, peer):
    twice = records(named(1), {**named(1), "LastName": "Again"})
    first, second = await write_record(writing(), twice)
    assert (first.output["added"], second.output["added"], len(peer.kept.there)) == (True, False, 1)
    assert len(peer.asked("PATCH", UPSERT)) == 2


async def test_does_nothing_twice_when_an_answer_is_lost(writing, peer):
    peer.fail(Fault(kind="cut", path=PART, late=True))
    with pytest.raises(TemporaryError) as lost:
        await write_record(writing(), records(named(1)))
    peer.recover()
    assert lost.value.uncertain
    assert isinstance(await find(writing(), *records(named(1)), None), Receipt)
    [again] = await write_record(writing(), records(named(1)))
    assert (again.output["added"], len(peer.kept.there)) == (False, 1)


@pytest.mark.parametrize(("late", "written"), [(True, 400), (False, 200)])
async def test_says_of_each_record_what_became_of_it_when_a_request_is_cut(late, written, writing, peer):
    peer.fail(Fault(kind="cut", path=PART, late=late, skip=1))
    done = await write_record(writing(mode="insert", key=""), records(*map(named, range(500))))
    told = [(type(one), getattr(one, "kind", ""), getattr(one, "uncertain", False)) for one in done]
    assert set(told[:200]) == {(Receipt, "", False)}
    assert set(told[200:400]) == {(Rejected, "TemporaryError", True)}
    assert set(told[400:]) == {(Rejected, "TemporaryError", False)}
    assert len(peer.kept.there) == written


async def test_finds_the_one_record_that_spoils_a_request(writing, peer):
    rows = [named(number) for number in range(10)]
    rows[3]["Born__c"] = "0001-01-01"
    done = await write_record(writing(), records(*rows))
    assert [place for place, one in enumerate(done) if isinstance(one, Rejected)] == [3]
    assert "JSON_PARSER" not in done[3].message
    assert len(peer.kept.there) == 9


@pytest.mark.parametrize(
    ("row", "kind", "said"),
    [
        ({"LastName": "Double"}, "SettingsError", "takes this for a duplicate of another record: Use one of these"),
        ({"LastName": "P", "Score__c": 1001}, "SettingsError", "A score is 1000 at most (Score__c)."),
        ({"LastName": ""}, "SettingsError", "Required fields are missing: [LastName]."),
        ({"LastName": "P", "Stage__c": "Lost"}, "SettingsError", "bad value for restricted picklist field: Lost"),
        ({"LastName": "P", "Name": "P"}, "SettingsError", "Unable to create/update fields: Name"),
        ({"LastName": "Locked"}, "TemporaryError", "unable to obtain exclusive access"),
        ({"LastName": "P", "Born__c": "soon"}, "SettingsError", "'soon' cannot be a value of the field Born__c."),
        ({"LastName": "P", "Active__c": "maybe"}, "SettingsError", "'maybe' cannot be a value of the field Active__c."),
        ({"LastName": "P", "Number__c": " "}, "SettingsError", "The key field Number__c is empty."),
        (
            {"LastName": "P", "Number__c": "\ud800", "Stage__c": "Lost\0"},
            "SettingsError",
            "restricted picklist field: Lost (Stage__c).",
        ),
        ({"LastName": {"a": 1}}, "SettingsError", "cannot be a value of the field LastName."),
    ],
)
async def test_tells_why_a_record_is_refused_beside_a_good_one(row, kind, said, writing, peer):
    refused, good = await write_record(writing(), records({"Number__c": "n1", **row}, named(2)))
    assert (refused.kind, isinstance(good, Receipt)) == (kind, True)
    assert said in refused.message
    assert refused.message.endswith(".")
    assert len(peer.kept.there) == 1


async def test_updates_only_what_is_there_and_unique(writing, peer):
    [peer.kept.add({"LastName": "Twin", "Email": "twin@example.com"}) for _ in range(2)]
    standing = peer.kept.add({"LastName": "One", "Email": "one@example.com"})
    rows = [{"Email": f"{name}@example.com", "Score__c": 7} for name in ("none", "twin", "one")]
    none, twin, one = await write_record(writing(mode="update", key="Email"), records(*rows))
    assert none.message == "There is no record with Email none@example.com to update."
    assert "several of record with Email twin@example.com" in twin.message
    assert (one.output["id"], standing["values"]["Score__c"]) == (standing["id"], 7)


async def test_changes_a_record_by_its_id(writing, peer):
    standing = peer.kept.add(named(1))
    by_id = writing(mode="update", key="Id")
    [receipt] = await write_record(by_id, records({"Id": standing["id"][:15], "LastName": "New"}))
    assert standing["values"]["LastName"] == "New"
    await undo(by_id, receipt)
    assert standing["values"]["LastName"] == "P1"


async def test_refers_to_another_record_by_its_external_id(writing, peer):
    peer.kept.add({**named(1), "AccountId": "001000000000001AAA"})
    rows = [{**named(1), "Account.Number__c": "A-2"}, {**named(2), "Account.Number__c": "A-9"}]
    [[change], [_]] = await preview(writing(), records(*rows))
    changed, refused = await write_record(writing(), records(*rows))
    assert (change.before["Account.Number__c"], change.after["Account.Number__c"]) == ("A-1", "A-2")
    assert peer.kept.rows[0]["values"]["AccountId"] == "001000000000002AAA"
    assert "Foreign key external ID: A-9 not found" in refused.message
    assert await find(writing(), records(*rows)[0], None) is not None
    await undo(writing(), changed)
    assert peer.kept.rows[0]["values"]["AccountId"] == "001000000000001AAA"
    await write_record(writing(), records({**named(1), "Account.Number__c": ""}))
    assert peer.kept.rows[0]["values"]["AccountId"] is None


@pytest.mark.parametrize("name", ["Owner.Name", "Account.Parent.Name", "Account."])
async def test_refers_to_nothing_that_no_field_refers_to(name, writing, peer):
    with pytest.raises(SettingsError, match="no field"):
        await preview(writing(), records({**named(1), name: "x"}))
    assert peer.writes == 0


async def test_adds_no_record_whose_key_salesforce_sets_itself(writing, peer):
    by_id = writing(key="Id")
    [refused] = await write_record(by_id, records({"Id": "003000000000009AAA", "LastName": "New"}))
    assert refused.message.startswith("There is no record with Id 003000000000009AAA, and none can be added")
    assert peer.writes == 0


async def test_goes_no_further_once_a_later_round_cannot_be_looked_up(writing, peer):
    by_mail = writing(key="Email")
    rows = [{"LastName": name, "Email": "a@example.com"} for name in ("First", "Second", "Third")]
    peer.fail(Fault(status=503, headers={"Retry-After": "11"}, path="/services/data/v62.0/query", skip=1))
    first, second, third = await write_record(by_mail, records(*rows))
    assert isinstance(first, Receipt)
    assert [(one.kind, one.retry_after, one.uncertain) for one in (second, third)] == [
        ("TemporaryError", 11.0, False)
    ] * 2
    assert len(peer.kept.there) == 1


async def test_leaves_open_what_an_unreadable_answer_was_about(writing, peer):
    peer.fail(Fault(kind="malformed", path=PART, late=True))
    with pytest.raises(TemporaryError) as told:
        await write_record(writing(), records(named(1)))
    assert told.value.uncertain


async def test_leaves_a_record_alone_that_someone_has_changed_since(writing, peer):
    [receipt] = await write_record(writing(), records(named(1)))
    peer.kept.edit(peer.kept.rows[0], {"LastName": "Someone"})
    with pytest.raises(SettingsError, match="has changed since"):
        await undo(writing(), receipt)
    assert len(peer.kept.there) == 1


async def test_adds_no_record_again_that_a_rule_has_changed_since(writing, peer):
    adding = writing(mode="insert", key="Email")
    peer.fail(Fault(kind="cut", path=PART, late=True))
    with pytest.raises(TemporaryError):
        await write_record(adding, records({"LastName": "Old", "Email": "a@example.com"}))
    peer.recover()
    peer.kept.edit(peer.kept.rows[0], {"LastName": "Made new by a rule"})
    with pytest.raises(SettingsError, match=r"a record with Email a@example\.com, but not as .* look and decide"):
        await find(adding, *records({"LastName": "Old", "Email": "a@example.com"}), None)


async def test_cannot_tell_whether_a_record_without_key_was_written(writing):
    with pytest.raises(SettingsError, match="Without a key field"):
        await find(writing(mode="insert", key=""), *records(named(1)), None)


@pytest.mark.parametrize("name", ["Id FROM User --", "Name, (SELECT Id FROM Cases)", "a b", ""])
async def test_asks_for_no_field_that_is_none(name, writing, peer):
    with pytest.raises(SettingsError, match="can be no field"):
        await write_record(writing(mode="insert", key=""), records({"LastName": "P", name: "x"}))
    assert (peer.soql, peer.asked("POST", MANY)) == ([], [])


@pytest.mark.parametrize("value", ["n1' OR Id != null OR Number__c = 'n", "n1') OR (Id != null", "\\'"])
async def test_looks_only_for_the_key_that_was_given(value, writing, peer):
    peer.kept.add(named(1))
    await write_record(writing(), records({"LastName": "New", "Number__c": value}))
    assert [row["values"]["LastName"] for row in peer.kept.there] == ["P1", "New"]
