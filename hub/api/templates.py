"""Extraction templates over REST."""

from __future__ import annotations

from litestar import Controller, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from hub.api.paging import DEFAULT_LIMIT, Cursor, Limit, Page, part
from hub.extraction.templates import NewTemplate, Template, Templates
from hub.members import Member, Verb


class TemplateController(Controller):
    """Keep extraction templates."""

    path = "/extraction-templates"
    tags = ["extractions"]

    @get("/", opt={"verb": Verb.READ})
    async def list_templates(
        self,
        templates: NamedDependency[Templates],
        member: NamedDependency[Member],
        limit: Limit = DEFAULT_LIMIT,
        cursor: Cursor = None,
    ) -> Page[Template]:
        """List templates by name."""
        return part(await templates.list(member), limit, cursor, lambda one: one.id)

    @post("/", opt={"verb": Verb.EDIT_SCHEMAS})
    async def create_template(
        self, templates: NamedDependency[Templates], member: NamedDependency[Member], data: JSONBody[NewTemplate]
    ) -> Response[Template]:
        """Store a schema, a kind of source and settings under a name."""
        made = await templates.create(member, data)
        return Response(made, status_code=201, headers={"Location": f"/api/v1/extraction-templates/{made.id}"})

    @get("/{template_id:str}", opt={"verb": Verb.READ})
    async def show_template(
        self, templates: NamedDependency[Templates], member: NamedDependency[Member], template_id: FromPath[str]
    ) -> Template:
        """Show a template by id or name."""
        return await templates.find(member, template_id)

    @put("/{template_id:str}", opt={"verb": Verb.EDIT_SCHEMAS})
    async def save_template(
        self,
        templates: NamedDependency[Templates],
        member: NamedDependency[Member],
        template_id: FromPath[str],
        data: JSONBody[NewTemplate],
    ) -> Template:
        """Replace what a template says."""
        return await templates.put(member, template_id, data)

    @delete("/{template_id:str}", opt={"verb": Verb.EDIT_SCHEMAS})
    async def delete_template(
        self, templates: NamedDependency[Templates], member: NamedDependency[Member], template_id: FromPath[str]
    ) -> None:
        """Take a template away; what was extracted with it stays."""
        await templates.remove(member, template_id)


CONTROLLERS = [TemplateController]
