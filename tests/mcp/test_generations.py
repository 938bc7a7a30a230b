"""Both generations of the protocol, over HTTP and over stdio: what a host does with a server from hello to good-bye."""

from __future__ import annotations

import httpx2
import pytest
from mcp.shared.exceptions import MCPError
from mcp.types import PromptReference, ResourceTemplateReference, ToolAnnotations

from hub.mcp.stdio import refusal
from tests.mcp.assistants import (
    HTTP,
    LEGACY,
    MODERN,
    STDIO,
    answers_invoice,
    assistant,
    declines,
    text_of,
)
from tests.platform.commands import patchdeck
from tests.spine.running_hub import RunningHub

WAYS = [(MODERN, HTTP), (LEGACY, HTTP), (MODERN, STDIO), (LEGACY, STDIO)]
VERSIONS = {MODERN: "2026-07-28", LEGACY: "2025-11-25"}
every_way = pytest.mark.parametrize(("mode", "carrier"), WAYS)


@every_way
async def test_says_who_it_is_and_what_it_is_for(hub: RunningHub, key: str, mode: str, carrier: str):
    async with assistant(hub, key, mode, carrier) as client:
        assert (client.protocol_version, client.server_info and client.server_info.name) == (
            VERSIONS[mode],
            "patchdeck",
        )
        assert "Begin with list_schemas" in (client.instructions or "")


@every_way
async def test_lists_described_and_annotated_tools(hub: RunningHub, key: str, mode: str, carrier: str):
    async with assistant(hub, key, mode, carrier) as client:
        tools = (await client.list_tools()).tools
    hints = {tool.name: tool.annotations or ToolAnnotations() for tool in tools}
    schema = next(tool for tool in tools if tool.name == "get_schema")
    assert all(tool.description and tool.output_schema and tool.annotations for tool in tools)
    assert hints["list_runs"].read_only_hint is True
    assert hints["run_recipe"].destructive_hint is True
    assert hints["extract_url"].open_world_hint is True
    assert schema.input_schema["required"] == ["schema"]


@every_way
async def test_calls_tools_and_is_told_of_mistakes(hub: RunningHub, key: str, mode: str, carrier: str):
    async with assistant(hub, key, mode, carrier) as client:
        made = await client.call_tool("extract_text", {"text": "Total: 118.00 EUR", "schema": "receipt"})
        wrong = await client.call_tool("extract_text", {"text": "Total: 118.00 EUR", "schema": "nothing"})
        with pytest.raises(MCPError, match="There is no tool"):
            await client.call_tool("drop_tables", {})
    assert made.structured_content["record"]["total"] == 118.0
    assert wrong.is_error


@every_way
async def test_reads_resources_and_completes_their_addresses(
    hub: RunningHub, key: str, recipe: str, mode: str, carrier: str
):
    async with assistant(hub, key, mode, carrier) as client:
        listed = await client.list_resources()
        more = await client.list_resources(cursor=listed.next_cursor)
        templates = (await client.list_resource_templates()).resource_templates
        schema = (await client.read_resource("patchdeck://schemas/invoice")).contents[0]
        document = (await client.read_resource(f"patchdeck://recipes/{recipe}")).contents[0]
        reference = ResourceTemplateReference(uri="patchdeck://schemas/{name}")
        completed = await client.complete(reference, {"name": "name", "value": "inv"})
        with pytest.raises(MCPError, match="There is nothing at"):
            await client.read_resource("patchdeck://secrets/all")
        with pytest.raises(MCPError, match="no-such"):
            await client.read_resource("patchdeck://schemas/no-such")
    assert "patchdeck://schemas/invoice" in [str(one.uri) for one in listed.resources]
    assert f"patchdeck://recipes/{recipe}" in [str(one.uri) for one in more.resources]
    assert len(templates) == 3
    assert "name: invoice" in schema.model_dump_json()
    assert "manual.submitted" in document.model_dump_json()
    assert completed.completion.values == ["invoice"]


@every_way
async def test_offers_prompts(hub: RunningHub, key: str, mode: str, carrier: str):
    async with assistant(hub, key, mode, carrier) as client:
        names = [prompt.name for prompt in (await client.list_prompts()).prompts]
        filled = await client.get_prompt("draft_recipe", {"goal": "Book {run} invoices"})
        completed = await client.complete(PromptReference(name="extract_document"), {"name": "schema", "value": "rec"})
        with pytest.raises(MCPError, match="needs goal"):
            await client.get_prompt("draft_recipe", {})
    assert names == ["extract_document", "explain_run", "draft_recipe"]
    assert "Book {run} invoices" in filled.messages[0].content.model_dump_json()
    assert completed.completion.values == ["receipt"]


@pytest.mark.parametrize("carrier", [HTTP, STDIO])
async def test_a_person_is_asked_for_a_schema_that_is_missing(hub: RunningHub, key: str, carrier: str):
    async with assistant(hub, key, MODERN, carrier, elicitation_callback=answers_invoice) as client:
        made = await client.call_tool("extract_text", {"text": "Invoice number: INV-5"})
    assert made.structured_content["schema"]["name"] == "invoice"


async def test_a_person_who_declines_is_not_asked_for_ever(hub: RunningHub, key: str):
    async with assistant(hub, key, MODERN, elicitation_callback=declines) as client:
        made = await client.call_tool("extract_text", {"text": "Invoice number: INV-5"})
    assert made.is_error
    assert "Name a schema" in text_of(made)


@every_way
async def test_a_client_that_cannot_ask_is_told_what_to_give(hub: RunningHub, key: str, mode: str, carrier: str):
    async with assistant(hub, key, mode, carrier) as client:
        made = await client.call_tool("extract_text", {"text": "Invoice number: INV-5"})
    assert made.is_error
    assert text_of(made).startswith("Input required: What kind of document is this? Name a schema. One of: article,")


@every_way
async def test_long_work_tells_that_it_goes_on(hub: RunningHub, key: str, slow_page: str, mode: str, carrier: str):
    heard: list[tuple[float, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, message))
        async with httpx2.AsyncClient(timeout=60) as http:
            await http.get(f"{slow_page}go")

    async with assistant(hub, key, mode, carrier) as client:
        arguments = {"url": slow_page, "schema": "invoice"}
        made = await client.call_tool("extract_url", arguments, progress_callback=hear)
    passed, message = heard[0]
    assert not made.is_error
    assert passed >= 2
    assert message == f"Fetching, reading and extracting, {passed:.0f} s so far"


def test_a_wrong_key_is_told_before_the_first_message(hub: RunningHub):
    ended = patchdeck("mcp", code=1, URL=hub.url, API_KEY="pd_live_wrong")
    assert "PATCHDECK_API_KEY" in ended.stderr
    assert ended.stdout == ""


def test_no_hub_is_told_before_the_first_message():
    ended = patchdeck("mcp", code=1, URL="http://127.0.0.1:1", API_KEY="pd_live_wrong")
    assert "No hub answers at http://127.0.0.1:1" in ended.stderr


def test_an_address_that_speaks_no_mcp_is_told_as_such(page: str):
    assert (
        refusal(page.rpartition("/")[0], None)
        == f"{page.rpartition('/')[0]}/mcp answered 404; is this a hub that speaks MCP?"
    )


def test_what_the_hub_says_against_a_caller_is_handed_on(hub: RunningHub):
    assert refusal(hub.url, "pd_live_wrong") == "This API key is not known, has expired or was revoked."
