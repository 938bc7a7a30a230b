"""MCP: use the tools of other MCP servers as steps of a recipe, each pinned to what it said of itself.

Reading tools are steps that look something up; all others are targets, so that a plan shows the call before it is made.
What a server says of its tools reaches no model and no template: it is shown to people, and compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from connectors.mcp.answers import output_of, sentence_of
from connectors.mcp.pins import pin, pinned
from connectors.mcp.server import QUICKLY, Connection, Server, host_of
from connectors.sdk import Connector, Context, Effect, NoSettings, Receipt, Record, Settings, SettingsError, field

if TYPE_CHECKING:
    from mcp import types

connector = Connector("mcp", "MCP server", icon="hub", connection=Connection, named_by_operator=True)


@connector.hosts
def hosts(connection: Connection) -> list[str]:
    """Name the one host that the connection reaches."""
    return [host_of(connection)]


@connector.check
async def check(connection: Connection, context: Context[Connection, NoSettings]) -> None:
    """Ask the server which tools it has."""
    async with Server(connection, context, QUICKLY) as server:
        await server.tools()


async def reading_tools(context: Context[Connection, Any]) -> list[str]:
    """Return the server's tools that only read, pinned."""
    return await _choices(context, reading=True)


async def other_tools(context: Context[Connection, Any]) -> list[str]:
    """Return the server's tools that may change something, pinned."""
    return await _choices(context, reading=False)


class Ask(Settings):
    """Which tool to ask, and what to tell it."""

    tool: Annotated[
        str,
        field(
            "Tool",
            hint="A tool that only reads: its name, @, and the fingerprint of what it said of itself.",
            example="search@0f3a9c5d7e1b2a4c6d8e0f12",
            choices=reading_tools,
        ),
    ]
    arguments: Annotated[
        dict[str, Any], field("Arguments", example={"query": "{{ trigger.subject }}"}, templated=True)
    ] = {}
    timeout: Annotated[float, field("Time limit", hint="Seconds to wait for the answer.", advanced=True)] = 60.0


@connector.lookup("Ask a tool")
async def ask(context: Context[Connection, Ask]) -> Any:
    """Call a tool that only reads and return what it answers.

    Gives `result` (the structured answer, null without one), `text` and `files`.
    """
    settings = context.settings
    async with Server(context.connection, context, settings.timeout) as server:
        tool = pinned(settings.tool, await server.tools())
        if not _only_reads(tool):
            raise SettingsError(f"{tool.name} may change something. Use it as a target, where a plan shows it first.")
        return output_of(await server.call(tool, settings.arguments))


class Use(Settings):
    """Which tool to use, and what to tell it."""

    tool: Annotated[
        str,
        field(
            "Tool",
            hint="A tool: its name, @, and the fingerprint of what it said of itself.",
            example="create_ticket@0f3a9c5d7e1b2a4c6d8e0f12",
            choices=other_tools,
        ),
    ]
    arguments: Annotated[
        dict[str, Any], field("Arguments", example={"title": "{{ trigger.subject }}"}, templated=True)
    ] = {}
    timeout: Annotated[float, field("Time limit", hint="Seconds to wait for the answer.", advanced=True)] = 60.0


@connector.target("Use a tool", effect=Effect.SEND)
async def use(context: Context[Connection, Use], record: Record) -> Receipt:
    """Call a tool once for the record.

    The key of the delivery goes along as `patchdeck/idempotency-key` in `_meta`, for servers that look at it. Gives
    `result`, `text` and `files` of the answer.
    """
    settings = context.settings
    async with Server(context.connection, context, settings.timeout) as server:
        tool = pinned(settings.tool, await server.tools())
        answer = await server.call(tool, settings.arguments, key=record.key)
    return Receipt(reference=sentence_of(answer)[:200] or None, output=output_of(answer))


def _only_reads(tool: types.Tool) -> bool:
    return tool.annotations is not None and tool.annotations.read_only_hint is True


async def _choices(context: Context[Connection, Any], *, reading: bool) -> list[str]:
    async with Server(context.connection, context, QUICKLY) as server:
        return [pin(tool) for tool in await server.tools() if _only_reads(tool) is reading]
