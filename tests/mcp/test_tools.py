"""Every tool by the official client, with good input and bad."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.mcp.assistants import called, text_of
from tests.spine.running_hub import RunningHub, until

INVOICE = """Invoice number: INV-17
Invoice date: 2026-10-01
Supplier: Nordwind GmbH
Net: 100.00 EUR
VAT: 18.00 EUR
Total: 118.00 EUR
"""
DOCUMENT = {
    "apiVersion": "patchdeck/v1",
    "kind": "Recipe",
    "metadata": {"name": "drafted"},
    "spec": {
        "trigger": {"uses": "manual.submitted"},
        "steps": [{"id": "text", "uses": "template", "with": {"text": "{{ trigger.number }}"}}],
    },
}
SLIP = {"type": "object", "title": "Slip", "properties": {"number": {"type": "string"}}}
NOTHING = "ext_00000000000000000000000000"


async def test_lists_starter_schemas_in_pages(hub: RunningHub, key: str):
    first = (await called(hub, key, "list_schemas", limit=2)).structured_content
    second = (await called(hub, key, "list_schemas", limit=2, cursor=first["next_cursor"])).structured_content
    assert [one["name"] for one in (*first["items"], *second["items"])] == ["article", "contract", "cv", "invoice"]


async def test_shows_a_schema_with_its_fields(hub: RunningHub, key: str):
    found = (await called(hub, key, "get_schema", schema="invoice")).structured_content
    assert "total" in [field["name"] for field in found["document"]["spec"]["fields"]]


async def test_a_proposed_schema_is_used_by_nobody_until_a_person_activates_it(hub: RunningHub, key: str):
    made = (await called(hub, key, "propose_schema", document={**SLIP, "title": "Held back"})).structured_content
    refused = await called(hub, key, "extract_text", text="Number: 5", schema=made["schema"]["name"])
    tried = await called(hub, key, "extract_text", text="Number: 5", schema=made["try_as"])
    hub.http.post(f"/api/v1/schemas/{made['schema']['id']}/versions/1/activate").raise_for_status()
    used = await called(hub, key, "extract_text", text="Number: 5", schema=made["schema"]["name"])
    assert "is only proposed" in text_of(refused)
    assert (tried.is_error, used.is_error) == (False, False)


async def test_a_proposed_version_leaves_the_active_one_in_use(hub: RunningHub, key: str):
    hub.http.post("/api/v1/schemas", json={**SLIP, "title": "Kept"}).raise_for_status()
    wider = {**SLIP, "title": "Kept", "properties": {"number": {"type": "string"}, "total": {"type": "number"}}}
    made = (await called(hub, key, "propose_schema", document=wider, note="Totals are needed.")).structured_content
    used = (await called(hub, key, "extract_text", text="Number: 5", schema="kept")).structured_content
    assert (made["try_as"], used["schema"]["version"]) == ("kept@2", 1)


async def test_proposes_a_schema_from_sample_texts(hub: RunningHub, key: str):
    samples = [f"Ticket: T-{number}\nGate: B{number}\nSeat: 1{number}A\n" for number in (1, 2, 3)]
    made = (await called(hub, key, "propose_schema", texts=samples, name="boarding")).structured_content
    assert {field["name"] for field in made["schema"]["document"]["spec"]["fields"]} >= {"ticket", "gate"}


async def test_a_starter_is_not_hidden_by_a_proposal(hub: RunningHub, key: str):
    refused = await called(hub, key, "propose_schema", document={**SLIP, "title": "Receipt"})
    assert "receipt is a starter schema" in text_of(refused)


async def test_extracts_from_a_text_with_evidence(hub: RunningHub, key: str):
    made = (await called(hub, key, "extract_text", text=INVOICE, schema="invoice", engine="local")).structured_content
    assert (made["record"]["number"], made["record"]["total"]) == ("INV-17", 118.0)
    assert made["fields"]["number"]["evidence"][0]["text"] == "INV-17"


async def test_extracts_from_content_and_from_the_file_that_was_kept(hub: RunningHub, key: str):
    content = base64.b64encode(INVOICE.encode()).decode()
    first = (
        await called(hub, key, "extract_file", content_base64=content, name="a.txt", schema="invoice")
    ).structured_content
    again = (await called(hub, key, "extract_file", file=first["file"], schema="invoice")).structured_content
    assert first["record"] == again["record"]


async def test_extracts_from_an_address(hub: RunningHub, key: str, page: str):
    made = (await called(hub, key, "extract_url", url=page, schema="invoice")).structured_content
    assert made["record"]["number"] == "INV-77"


async def test_shows_an_extraction_again(hub: RunningHub, key: str):
    made = (await called(hub, key, "extract_text", text=INVOICE, schema="invoice")).structured_content
    found = (await called(hub, key, "get_extraction", extraction=made["id"])).structured_content
    assert found["record"] == made["record"]


async def test_finds_and_shows_recipes_without_their_documents_in_the_list(hub: RunningHub, key: str, recipe: str):
    listed = (await called(hub, key, "search_recipes", query=recipe)).structured_content["items"]
    found = (await called(hub, key, "get_recipe", recipe=recipe)).structured_content
    assert [(one["name"], "document" in one) for one in listed] == [(recipe, False)]
    assert found["document"]["spec"]["steps"][0]["id"] == "keep"


async def test_checks_a_document_and_names_every_mistake(hub: RunningHub, key: str):
    good = (await called(hub, key, "validate_recipe", document=DOCUMENT)).structured_content
    bad = (
        await called(hub, key, "validate_recipe", document={"kind": "Recipe", "spec": {"steps": 5}})
    ).structured_content
    assert good["valid"] is True
    assert {"metadata", "apiVersion"} <= {one["path"] for one in bad["problems"]}


async def test_proposes_a_draft_that_does_not_run(hub: RunningHub, key: str):
    made = (await called(hub, key, "propose_recipe", document=DOCUMENT)).structured_content["recipe"]
    refused = await called(hub, key, "run_recipe", recipe="drafted", item={"number": "1"}, live=True)
    assert (made["state"], made["version"]) == ("draft", None)
    assert "Publish the recipe first." in text_of(refused)


async def test_replaces_a_draft_only_by_its_newest_revision(hub: RunningHub, key: str):
    document = {**DOCUMENT, "metadata": {"name": "revised"}}
    made = (await called(hub, key, "propose_recipe", document=document)).structured_content["recipe"]
    document["metadata"] = {"name": "revised", "title": "Revised"}
    unseen = await called(hub, key, "propose_recipe", document=document)
    saved = (await called(hub, key, "propose_recipe", document=document, revision=made["revision"])).structured_content
    stale = await called(hub, key, "propose_recipe", document=DOCUMENT | {"metadata": {"name": "revised"}}, revision=1)
    assert saved["recipe"]["title"] == "Revised"
    assert ("get_recipe" in text_of(unseen), "changed meanwhile" in text_of(stale)) == (True, True)


async def test_plans_every_write_and_writes_nothing(hub: RunningHub, key: str, recipe: str):
    plan = (await called(hub, key, "plan_recipe", recipe=recipe, item={"number": "P-1"})).structured_content
    ran = (await called(hub, key, "run_recipe", recipe=recipe, item={"number": "P-2"})).structured_content
    assert [one["target"] for one in plan["writes"]] == ["dataset.write_rows"]
    assert (ran["live"], len(ran["plan"]["writes"])) == (False, 1)
    assert not {"P-1", "P-2"} & set(_numbers(hub))


async def test_runs_live_when_told_so_and_shows_the_run(hub: RunningHub, key: str, recipe: str):
    ran = (await called(hub, key, "run_recipe", recipe=recipe, item={"number": "L-1"}, live=True)).structured_content
    run = until(lambda: hub.get(f"items/{ran['item']}")["item"], lambda item: item["ended_at"])["run"]
    assert "L-1" in _numbers(hub)
    listed = (await called(hub, key, "list_runs", recipe=recipe, kind="live")).structured_content["items"]
    shown = (await called(hub, key, "get_run", run=run, item=ran["item"])).structured_content
    assert run in [one["id"] for one in listed]
    assert [one["step"] for one in shown["item"]["attempts"]] == ["keep"]


async def test_a_live_run_with_the_same_key_is_not_run_twice(hub: RunningHub, key: str, recipe: str):
    asked = {"recipe": recipe, "item": {"number": "K-1"}, "live": True, "key": "order-1"}
    first = (await called(hub, key, "run_recipe", **asked)).structured_content
    again = (await called(hub, key, "run_recipe", **asked)).structured_content
    until(lambda: _numbers(hub), lambda found: "K-1" in found)
    assert (first["duplicate"], again["duplicate"]) == (False, True)
    assert (_numbers(hub).count("K-1"), again["item"]) == (1, first["item"])


async def test_lists_reviews(hub: RunningHub, key: str):
    assert (await called(hub, key, "list_reviews")).structured_content["items"] == []


async def test_lists_connectors_and_one_with_its_settings(hub: RunningHub, key: str):
    listed = (await called(hub, key, "list_connectors", limit=100)).structured_content["items"]
    found = (await called(hub, key, "list_connectors", name="postgres")).structured_content["connector"]
    assert {"postgres", "http", "folder"} <= {one["name"] for one in listed}
    assert (
        "sql"
        in next(one for one in found["parts"] if one["summary"]["uses"] == "postgres.query")["settings"]["properties"]
    )


async def test_finds_connectors_by_words_and_shows_one_part_of_one(hub: RunningHub, key: str):
    listed = (await called(hub, key, "list_connectors", search="google row")).structured_content["items"]
    names = {one["name"] for one in listed}
    assert names >= {"google_sheets", "bigquery"}
    assert not names & {"slack", "postgres", "http"}
    *_, last = (await called(hub, key, "list_connectors", name="http")).structured_content["connector"]["parts"]
    uses = last["summary"]["uses"]
    (part,) = (await called(hub, key, "list_connectors", name=uses)).structured_content["connector"]["parts"]
    assert last["settings"] is None
    assert (part["summary"], "url" in part["settings"]["properties"]) == (last["summary"], True)


async def test_no_answer_about_connectors_is_long(hub: RunningHub, key: str):
    listed = (await called(hub, key, "list_connectors", limit=100)).structured_content["items"]
    found = [text_of(await called(hub, key, "list_connectors", name=one["name"])) for one in listed]
    assert len(listed) == len({one["name"] for one in listed}) > 40
    assert max(len(text) for text in found) < 16_000
    assert max(len(str(one)) for one in listed) < 900


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("list_connectors", {"name": "http.steal"}, "HTTP has no 'steal'"),
        ("list_connectors", {"search": "x" * 201}, "search"),
        ("list_schemas", {"limit": 0}, "limit"),
        ("list_schemas", {"cursor": "none of ours"}, "cursor"),
        ("get_schema", {"schema": "no-such-schema"}, "no schema 'no-such-schema'"),
        ("get_schema", {"schema": "invoice@x"}, "no version 'x'"),
        ("propose_schema", {}, "`document`"),
        ("propose_schema", {"document": {"type": "array"}}, "Not valid"),
        ("extract_text", {"text": "a", "schema": "no-such-schema"}, "no-such-schema"),
        ("extract_text", {"schema": "invoice"}, "- text: This is missing."),
        ("extract_text", {"text": 5, "schema": "invoice"}, "- text: Expected a text, got a whole number."),
        ("extract_text", {"text": "a", "schema": "invoice", "engin": "llm"}, "Did you mean 'engine'?"),
        ("extract_text", {"text": "a", "schema": "invoice", "engine": "magic"}, "engine"),
        ("search_recipes", {"query": "a\0b"}, "NUL"),
        ("extract_file", {"schema": "invoice"}, "`content_base64`"),
        ("extract_file", {"schema": "invoice", "content_base64": "@"}, "This is not Base64."),
        ("extract_file", {"schema": "invoice", "content_base64": ""}, "empty"),
        ("extract_file", {"schema": "invoice", "content_base64": "AAAA", "name": "a.pdf"}, "Could not be read"),
        ("extract_file", {"schema": "invoice", "file": "fil_00000000000000000000000000"}, "Not found"),
        ("extract_url", {"schema": "invoice", "url": "file:///etc/passwd"}, "http://"),
        ("extract_url", {"schema": "invoice", "url": "http://10.0.0.1/"}, "not on the public internet"),
        ("get_extraction", {"extraction": NOTHING}, "Not found"),
        ("get_extraction", {"extraction": "../../etc/passwd"}, "Not found"),
        ("search_recipes", {"limit": 1000}, "limit"),
        ("get_recipe", {"recipe": "no-such-recipe"}, "no-such-recipe"),
        ("validate_recipe", {}, "- document: This is missing."),
        ("propose_recipe", {"document": "a: [unclosed"}, "line"),
        ("plan_recipe", {"recipe": "no-such-recipe"}, "no-such-recipe"),
        ("run_recipe", {"recipe": "no-such-recipe", "live": True}, "no-such-recipe"),
        ("run_recipe", {"recipe": "x", "live": "yes"}, "live"),
        ("list_runs", {"cursor": "itm_1"}, "cursor"),
        ("list_runs", {"state": "asleep"}, "state"),
        ("get_run", {"run": "run_1"}, "Not found"),
        ("list_reviews", {"state": "asleep"}, "state"),
        ("list_connectors", {"name": "no-such-connector"}, "no-such-connector"),
    ],
)
async def test_refuses_bad_input_in_a_sentence(
    hub: RunningHub, key: str, tool: str, arguments: dict[str, Any], told: str
):
    result = await called(hub, key, tool, **arguments)
    assert result.is_error
    assert told in text_of(result)
    assert "Traceback" not in text_of(result)


def _numbers(hub: RunningHub) -> list[str]:
    answer = hub.http.get("/api/v1/datasets/assistants/records")
    return [str(one["values"]["number"]) for one in answer.json().get("items", [])]
