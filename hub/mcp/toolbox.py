"""Lists and calls tools for whoever is behind a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ElicitRequest,
    ElicitRequestFormParams,
    ElicitResult,
    InputRequiredResult,
    ListToolsResult,
    PaginatedRequestParams,
    ToolAnnotations,
)
from mcp.types import Tool as ToolListing

from hub.errors import InvalidError
from hub.mcp.access import member_of
from hub.mcp.answers import answer_schema, answered, refused
from hub.mcp.calls import Call, InputRequiredError
from hub.mcp.failures import understood
from hub.mcp.tools import Tool, json_schema
from hub.members import needs
from hub.shapes import problem_of

HANDSHAKE = "2025"  # how the versions begin in which a stateless server cannot ask back


class Toolbox:
    """The tools of this hub over its services."""

    def __init__(self, tools: Mapping[str, Tool], services: Mapping[str, Any]) -> None:
        self._tools = tools
        self._services = services
        self._listings = {name: _listing(tool) for name, tool in tools.items()}

    async def list(self, context: ServerRequestContext[Any], _: PaginatedRequestParams | None) -> ListToolsResult:
        """Return the tools that the caller may call."""
        member = member_of(context)
        return ListToolsResult(
            tools=[self._listings[name] for name, tool in self._tools.items() if member.may(tool.verb)]
        )

    def input_schema(self, name: str) -> Mapping[str, Any] | None:
        """Return what a tool takes, None for one that is not there."""
        listing = self._listings.get(name)
        return listing.input_schema if listing else None

    async def call(
        self, context: ServerRequestContext[Any], params: CallToolRequestParams
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool; whatever is refused comes back as an answer that a model can act on."""
        tool = self._tools.get(params.name)
        if tool is None:
            raise MCPError(code=INVALID_PARAMS, message=f"There is no tool {params.name[:60]!r} here.")
        try:
            return answered(tool, await self._called(context, tool, params))
        except InputRequiredError as error:
            was_asked = params.input_responses is not None
            return _asked(error) if _can_ask(context) and not was_asked else refused(error)
        except Exception as error:  # noqa: BLE001  # the model gets an answer it can act on, whatever went wrong
            return refused(understood(error))

    async def _called(self, context: ServerRequestContext[Any], tool: Tool, params: CallToolRequestParams) -> Any:
        member = member_of(context)
        member.authorize(tool.verb)
        said = _arguments(tool, {**(params.arguments or {}), **_given(params)})
        return await tool.call(
            {**self._services, "member": member, "call": Call(context.session.report_progress)}, said
        )


def _arguments(tool: Tool, given: Mapping[str, Any]) -> msgspec.Struct:
    try:
        return msgspec.convert(given, tool.arguments)
    except msgspec.ValidationError as error:
        problem = problem_of(error, tool.arguments, "")
        raise InvalidError(f"{tool.name} cannot be called like this.", errors=[problem]) from error


def _given(params: CallToolRequestParams) -> dict[str, Any]:
    """Return what the person filled in when the first call asked for it."""
    found: dict[str, Any] = {}
    for response in (params.input_responses or {}).values():
        if isinstance(response, ElicitResult) and response.action == "accept":
            found |= response.content or {}
    return found


def _can_ask(context: ServerRequestContext[Any]) -> bool:
    """Tell whether the client can have a person fill in a form within a stateless exchange."""
    capabilities = context.session.client_capabilities
    offered = capabilities.elicitation if capabilities else None
    if offered is None or context.protocol_version.startswith(HANDSHAKE):
        return False
    return offered.form is not None or offered.url is None


def _asked(error: InputRequiredError) -> InputRequiredResult:
    field: dict[str, Any] = {"type": "string", "title": error.name.capitalize()}
    if error.choices:
        field["enum"] = list(error.choices)
    form = {"type": "object", "properties": {error.name: field}, "required": [error.name]}
    question = ElicitRequest(params=ElicitRequestFormParams(message=error.question, requested_schema=form))
    return InputRequiredResult(input_requests={error.name: question})


def _listing(tool: Tool) -> ToolListing:
    role, scope = needs(tool.verb)
    effect = tool.effect
    return ToolListing(
        name=tool.name,
        title=tool.title,
        description=tool.text,
        input_schema=json_schema(tool.arguments),
        output_schema=answer_schema(tool),
        annotations=ToolAnnotations(
            title=tool.title,
            read_only_hint=effect.reads,
            destructive_hint=effect.destroys,
            idempotent_hint=effect.repeats,
            open_world_hint=effect.outside,
        ),
        _meta={"patchdeck/scope": scope.value, "patchdeck/role": role.name.lower()},
    )
