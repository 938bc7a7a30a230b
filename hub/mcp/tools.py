"""How a tool is declared: a function whose keyword-only parameters are what the model says."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import msgspec

from hub.members import Verb

MOST_LISTED = 100

Limit = Annotated[int, msgspec.Meta(ge=1, le=MOST_LISTED, description="How many to return at most.")]
Cursor = Annotated[str | None, msgspec.Meta(description="`next_cursor` of the answer before, for what comes after it.")]


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What a host may tell people before it lets a tool be called."""

    reads: bool = False
    destroys: bool = False
    repeats: bool = False
    outside: bool = False


READS = Effect(reads=True, repeats=True)
ADDS = Effect()


class Tool(msgspec.Struct, frozen=True, kw_only=True):
    """A tool with everything that is derived from its function."""

    name: str
    title: str
    text: str
    verb: Verb
    effect: Effect
    foreign: bool
    arguments: type[msgspec.Struct]
    given: tuple[str, ...]
    answer: Any
    function: Callable[..., Awaitable[Any]]

    async def call(self, known: Mapping[str, Any], asked: msgspec.Struct) -> Any:
        """Call the function with the services and the member that it names, and with what the model said."""
        said = {name: getattr(asked, name) for name in asked.__struct_fields__}
        return await self.function(**{name: known[name] for name in self.given}, **said)


def tool(
    title: str, verb: Verb, effect: Effect = READS, *, foreign: bool = False
) -> Callable[[Callable[..., Awaitable[Any]]], Tool]:
    """Declare a tool: the verb that its caller must be allowed, what it does to the world, and its docstring.

    `foreign` marks answers that hold text from documents or other services.
    """

    def declare(function: Callable[..., Awaitable[Any]]) -> Tool:
        hints = typing.get_type_hints(function, include_extras=True)
        parameters = inspect.signature(function).parameters.values()
        said = [one for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY]
        fields = [
            (one.name, hints[one.name]) if one.default is one.empty else (one.name, hints[one.name], one.default)
            for one in said
        ]
        name = function.__name__
        return Tool(
            name=name,
            title=title,
            text=inspect.cleandoc(function.__doc__ or ""),
            verb=verb,
            effect=effect,
            foreign=foreign,
            arguments=msgspec.defstruct(name, fields, kw_only=True, frozen=True, forbid_unknown_fields=True),
            given=tuple(one.name for one in parameters if one not in said),
            answer=hints["return"],
            function=function,
        )

    return declare


def json_schema(kind: Any) -> dict[str, Any]:
    """Return the JSON Schema of a struct, the struct itself at the root as MCP wants it."""
    (reference,), parts = msgspec.json.schema_components([kind], ref_template="#/$defs/{name}")
    name = str(reference["$ref"]).rpartition("/")[2]
    root = dict(parts[name])
    rest = {part: schema for part, schema in parts.items() if part != name}
    return {**root, "$defs": rest} if rest else root
