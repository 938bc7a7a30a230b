"""Resources: schemas, recipes and runs as documents that hosts can show and attach."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import quote, unquote

import msgspec
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CompleteRequestParams,
    CompleteResult,
    Completion,
    ListResourcesResult,
    ListResourceTemplatesResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    ResourceTemplate,
    TextResourceContents,
)

from hub.errors import HubError, NotFoundError
from hub.extraction import Schemas, build_schema, dump_schema
from hub.ids import parse
from hub.mcp.access import member_of
from hub.mcp.answers import marked
from hub.mcp.failures import understood
from hub.mcp.portions import bounded
from hub.members import Member
from hub.recipes import Recipes, RecipeVersions, recipe_schema
from hub.runs import Filter, History

ROOT = "patchdeck://"
DOCUMENT_SCHEMA = f"{ROOT}recipe-schema"
YAML, JSON = "application/yaml", "application/json"
PAGE = 50
MOST_COMPLETED = 20

Finder = Callable[[Member, str], Awaitable[str]]


class Library:
    """What can be read by its address, and completed while it is written."""

    def __init__(self, schemas: Schemas, recipes: Recipes, recipe_versions: RecipeVersions, history: History) -> None:
        self._schemas = schemas
        self._recipes = recipes
        self._versions = recipe_versions
        self._history = history
        self._kinds: Mapping[str, tuple[str, Finder]] = {
            "schemas": (YAML, self._schema),
            "recipes": (YAML, self._recipe),
            "runs": (JSON, self._run),
        }

    async def list(
        self, context: ServerRequestContext[Any], params: PaginatedRequestParams | None
    ) -> ListResourcesResult:
        """Return schemas by name, then recipes by name, then runs, the newest first."""
        member = member_of(context)
        kind, _, cursor = ((params.cursor if params else None) or "schemas:").partition(":")
        try:
            if kind == "schemas":
                return await self._list_schemas(member, cursor or None)
            if kind == "recipes":
                return await self._list_recipes(member, cursor or None)
            if kind == "runs":
                return await self._list_runs(member, cursor or None)
        except HubError as error:
            raise told(error) from error
        raise MCPError(code=INVALID_PARAMS, message="This cursor is none of ours.")

    async def templates(
        self, _: ServerRequestContext[Any], __: PaginatedRequestParams | None
    ) -> ListResourceTemplatesResult:
        """Return the forms of addresses."""
        return ListResourceTemplatesResult(
            resource_templates=[
                ResourceTemplate(
                    name="schema", title="Schema", uri_template=f"{ROOT}schemas/{{name}}", mime_type=YAML,
                    description="An extraction schema, by name; `invoice@2` for a version.",
                ),
                ResourceTemplate(
                    name="recipe", title="Recipe", uri_template=f"{ROOT}recipes/{{name}}", mime_type=YAML,
                    description="The draft of a recipe, by name or id.",
                ),
                ResourceTemplate(
                    name="run", title="Run", uri_template=f"{ROOT}runs/{{id}}", mime_type=JSON,
                    description="A run with its items, by id.",
                ),
            ]
        )  # fmt: skip

    async def read(self, context: ServerRequestContext[Any], params: ReadResourceRequestParams) -> ReadResourceResult:
        """Return what is at an address."""
        address = str(params.uri)
        try:
            kind, text = await self._found(member_of(context), address)
        except Exception as error:  # the reader gets a sentence, whatever went wrong
            raise told(understood(error)) from error
        return ReadResourceResult(contents=[TextResourceContents(uri=address, mime_type=kind, text=text)])

    async def complete(self, context: ServerRequestContext[Any], params: CompleteRequestParams) -> CompleteResult:
        """Return names that begin as was written, for addresses and for the arguments of prompts."""
        member, written = member_of(context), params.argument.value
        about = getattr(params.ref, "uri", "") or params.argument.name
        names: list[str] = []
        try:
            if "schema" in about:
                names = [one.name for one in (await self._schemas.list(member, limit=PAGE, search=written)).items]
            elif "recipe" in about:
                names = [one.name for one in (await self._recipes.list(member, limit=PAGE, search=written)).items]
            elif "run" in about:
                names = [one.id for one in (await self._history.list(member, Filter(limit=PAGE))).entries]
        except HubError as error:
            raise told(error) from error
        fitting = [name for name in names if name.startswith(written)][:MOST_COMPLETED]
        return CompleteResult(completion=Completion(values=fitting))

    async def _found(self, member: Member, address: str) -> tuple[str, str]:
        if address == DOCUMENT_SCHEMA:
            return JSON, msgspec.json.encode(recipe_schema()).decode()
        kind, _, name = address.removeprefix(ROOT).partition("/")
        if not address.startswith(ROOT) or kind not in self._kinds or not name:
            raise NotFoundError(f"There is nothing at {address[:100]}.")
        media, find = self._kinds[kind]
        return media, await find(member, unquote(name))

    async def _schema(self, member: Member, name: str) -> str:
        return dump_schema(build_schema((await self._schemas.find(member, name)).document))

    async def _recipe(self, member: Member, name: str) -> str:
        return await self._versions.export(member, name, None)

    async def _run(self, member: Member, name: str) -> str:
        run = parse("run", name)
        summary = await self._history.show(member, run)
        items = await self._history.items(member, Filter(run=run, limit=PAGE))
        shown, cuts = bounded(msgspec.to_builtins({"run": summary, "items": items.entries, "more": bool(items.cursor)}))
        return marked({**shown, "notes": cuts})

    async def _list_schemas(self, member: Member, cursor: str | None) -> ListResourcesResult:
        page = await self._schemas.list(member, limit=PAGE, cursor=cursor)
        own = Resource(name="recipe-schema", title="JSON Schema of recipes", uri=DOCUMENT_SCHEMA, mime_type=JSON)
        found = [_resource("schemas", one.name, one.title, YAML) for one in page.items]
        following = f"schemas:{page.cursor}" if page.cursor else "recipes:"
        return ListResourcesResult(resources=found if cursor else [own, *found], next_cursor=following)

    async def _list_recipes(self, member: Member, cursor: str | None) -> ListResourcesResult:
        page = await self._recipes.list(member, limit=PAGE, cursor=cursor)
        found = [_resource("recipes", one.name, one.title, YAML) for one in page.items]
        return ListResourcesResult(resources=found, next_cursor=f"recipes:{page.cursor}" if page.cursor else "runs:")

    async def _list_runs(self, member: Member, cursor: str | None) -> ListResourcesResult:
        before = parse("run", cursor) if cursor else None
        page = await self._history.list(member, Filter(before=before, limit=PAGE))
        found = [
            _resource("runs", one.id, f"{one.recipe_name}, {one.started_at:%Y-%m-%d %H:%M}", JSON)
            for one in page.entries
        ]
        return ListResourcesResult(resources=found, next_cursor=f"runs:{page.cursor}" if page.cursor else None)


def told(error: HubError) -> MCPError:
    """Return a refusal as the protocol has it for what is no tool."""
    fields = [f" {one.path}: {one.message}" for one in error.errors if one.message != error.message]
    return MCPError(code=INVALID_PARAMS, message=error.message + "".join(fields))


def _resource(kind: str, name: str, title: str, media: str) -> Resource:
    return Resource(name=name, title=title or name, uri=f"{ROOT}{kind}/{quote(name, safe='')}", mime_type=media)
