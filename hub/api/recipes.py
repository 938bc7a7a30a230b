"""Recipes over REST: drafts, versions, publishing; documents come as JSON or YAML."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIType, Operation, Schema
from litestar.params import FromPath, JSONBody, QueryParameter, RawBody

from hub.api.access import PUBLIC
from hub.api.bodies import YAML, unparsed
from hub.api.etags import IfMatch, created, expected_revision, tagged
from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page
from hub.documents import Difference
from hub.errors import Problem
from hub.members import Member, Verb
from hub.recipes import (
    Applied,
    Publication,
    Recipes,
    RecipeSummary,
    RecipeVersions,
    RecipeView,
    VersionView,
    parse,
    recipe_schema,
)

Search = Annotated[str, QueryParameter(name="q", description="Part of a name, title or label.")]
AsDraft = Annotated[bool, QueryParameter(name="draft", description="Store it even while it has problems.")]
Publish = Annotated[bool, QueryParameter(description="Publish it as well.")]
DryRun = Annotated[bool, QueryParameter(name="dry_run", description="Only tell what would change.")]
OfVersion = Annotated[int | None, QueryParameter(description="A version; left out: the draft.")]
Before = Annotated[int | None, QueryParameter(name="from", description="A version; left out: the draft.")]
After = Annotated[int | None, QueryParameter(name="to", description="A version; left out: the draft.")]


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a version is about, for those who look at it later."""

    note: str = ""


class Copy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The name of a copy."""

    name: str


class Validation(msgspec.Struct, frozen=True):
    """Whether a document could be published here, and what is in the way."""

    valid: bool
    problems: list[Problem]


@dataclass
class DocumentOperation(Operation):
    """An operation whose body is a recipe document."""

    def __post_init__(self) -> None:
        """Describe the body, which Litestar does not parse."""
        document = Schema(type=OpenAPIType.OBJECT, description="See /api/v1/recipe-schema.json.")
        self.request_body = unparsed({"application/json": document, YAML: document})


class RecipeController(Controller):
    """Keep, publish, pause and apply recipes."""

    path = "/recipes"
    tags = ["recipes"]

    @get("/", opt={"verb": Verb.READ})
    async def list_recipes(
        self,
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
        search: Search = "",
    ) -> Page[RecipeSummary]:
        """List recipes by name."""
        found = await recipes.list(member, limit=limit, cursor=cursor, search=search)
        return Page(found.items, found.cursor)

    @post("/", opt={"verb": Verb.EDIT_RECIPES}, operation_class=DocumentOperation)
    async def create_recipe(
        self, recipes: NamedDependency[Recipes], member: NamedDependency[Member], body: RawBody, draft: AsDraft = False
    ) -> Response[RecipeView]:
        """Store a new recipe as a draft; with problems only when `draft` says so."""
        view = await recipes.create(member, parse(body), strict=not draft)
        return created(view, view.revision, f"recipes/{view.id}")

    @post("/validate", status_code=200, opt={"verb": Verb.READ}, operation_class=DocumentOperation)
    async def validate_recipe(
        self, recipes: NamedDependency[Recipes], member: NamedDependency[Member], body: RawBody
    ) -> Validation:
        """Check a document against this workspace without storing it."""
        problems = list(await recipes.validate(member, parse(body)))
        return Validation(not problems, problems)

    @post("/apply", status_code=200, opt={"verb": Verb.READ}, operation_class=DocumentOperation)
    async def apply_recipe(
        self,
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        body: RawBody,
        publish: Publish = False,
        dry_run: DryRun = False,
    ) -> Applied:
        """Make the recipe of this name be as the document says and tell the drift; the same again changes nothing."""
        return await recipes.apply(member, parse(body), publish=publish, dry=dry_run)

    @get("/{recipe_id:str}", opt={"verb": Verb.READ})
    async def show_recipe(
        self, recipes: NamedDependency[Recipes], member: NamedDependency[Member], recipe_id: FromPath[str]
    ) -> Response[RecipeView]:
        """Show a recipe by id or name."""
        view = await recipes.show(member, recipe_id)
        return tagged(view, view.revision)

    @put("/{recipe_id:str}", opt={"verb": Verb.EDIT_RECIPES}, operation_class=DocumentOperation)
    async def save_recipe(
        self,
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        body: RawBody,
        if_match: IfMatch = None,
        draft: AsDraft = False,
    ) -> Response[RecipeView]:
        """Replace the draft; with problems only when `draft` says so."""
        revision = expected_revision(if_match)
        view = await recipes.save(member, recipe_id, parse(body), revision=revision, strict=not draft)
        return tagged(view, view.revision)

    @delete("/{recipe_id:str}", opt={"verb": Verb.EDIT_RECIPES})
    async def delete_recipe(
        self, recipes: NamedDependency[Recipes], member: NamedDependency[Member], recipe_id: FromPath[str]
    ) -> None:
        """Delete a recipe; what it did stays readable, what waits is cancelled."""
        await recipes.remove(member, recipe_id)

    @post("/{recipe_id:str}/publish", status_code=200, opt={"verb": Verb.EDIT_RECIPES})
    async def publish_recipe(
        self,
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        data: JSONBody[Note | None] = None,
        if_match: IfMatch = None,
    ) -> Publication:
        """Make the draft the version that runs; publishing what is published changes nothing."""
        revision, note = expected_revision(if_match), data.note if data else ""
        return await recipes.publish(member, recipe_id, revision=revision, note=note)

    @post("/{recipe_id:str}/pause", status_code=200, opt={"verb": Verb.EDIT_RECIPES})
    async def pause_recipe(
        self, recipes: NamedDependency[Recipes], member: NamedDependency[Member], recipe_id: FromPath[str]
    ) -> RecipeView:
        """Keep taking items but work on none."""
        return await recipes.pause(member, recipe_id)

    @post("/{recipe_id:str}/resume", status_code=200, opt={"verb": Verb.EDIT_RECIPES})
    async def resume_recipe(
        self, recipes: NamedDependency[Recipes], member: NamedDependency[Member], recipe_id: FromPath[str]
    ) -> RecipeView:
        """Work on what has come meanwhile, and go on."""
        return await recipes.resume(member, recipe_id)

    @post("/{recipe_id:str}/clone", opt={"verb": Verb.EDIT_RECIPES})
    async def clone_recipe(
        self,
        recipes: NamedDependency[Recipes],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        data: JSONBody[Copy],
    ) -> RecipeView:
        """Store a copy as a draft under another name."""
        return await recipes.clone(member, recipe_id, data.name)

    @post("/{recipe_id:str}/hook", status_code=200, opt={"verb": Verb.EDIT_RECIPES})
    async def rotate_hook(
        self, recipes: NamedDependency[Recipes], member: NamedDependency[Member], recipe_id: FromPath[str]
    ) -> RecipeView:
        """Give the webhook a new address; the old one stops."""
        return await recipes.rotate_hook(member, recipe_id)


class RecipeVersionController(Controller):
    """Look at, compare and restore what was published."""

    path = "/recipes/{recipe_id:str}"
    tags = ["recipes"]

    @get("/versions", opt={"verb": Verb.READ})
    async def list_versions(
        self,
        recipe_versions: NamedDependency[RecipeVersions],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[VersionView]:
        """List versions, newest first."""
        found = await recipe_versions.list(member, recipe_id, limit=limit, cursor=cursor)
        return Page(found.items, found.cursor)

    @get("/versions/{number:int}", opt={"verb": Verb.READ})
    async def show_version(
        self,
        recipe_versions: NamedDependency[RecipeVersions],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        number: FromPath[int],
    ) -> VersionView:
        """Show one version with its document."""
        return await recipe_versions.show(member, recipe_id, number)

    @post("/versions/{number:int}/restore", status_code=200, opt={"verb": Verb.EDIT_RECIPES})
    async def restore_version(
        self,
        recipe_versions: NamedDependency[RecipeVersions],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        number: FromPath[int],
        if_match: IfMatch = None,
    ) -> Response[RecipeView]:
        """Make the draft be as a version was."""
        revision = expected_revision(if_match)
        view = await recipe_versions.restore(member, recipe_id, number, revision=revision)
        return tagged(view, view.revision)

    @get("/compare", opt={"verb": Verb.READ})
    async def compare_versions(
        self,
        recipe_versions: NamedDependency[RecipeVersions],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        before: Before = None,
        after: After = None,
    ) -> Page[Difference]:
        """Tell what differs between two versions, step by step."""
        return Page(await recipe_versions.compare(member, recipe_id, before, after))

    @get("/export", media_type=YAML, opt={"verb": Verb.READ})
    async def export_recipe(
        self,
        recipe_versions: NamedDependency[RecipeVersions],
        member: NamedDependency[Member],
        recipe_id: FromPath[str],
        version: OfVersion = None,
    ) -> str:
        """Write the draft, or a version, as stable YAML."""
        return await recipe_versions.export(member, recipe_id, version)


class RecipeSchemaController(Controller):
    """Serve the document's JSON Schema to editors."""

    path = "/recipe-schema.json"
    tags = ["recipes"]

    @get("/", opt={"verb": PUBLIC})
    async def show_recipe_schema(self) -> Mapping[str, Any]:
        """Show the JSON Schema of recipe documents."""
        return recipe_schema()


CONTROLLERS = (RecipeController, RecipeVersionController, RecipeSchemaController)
