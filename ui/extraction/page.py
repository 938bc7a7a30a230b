"""One extraction: the source beside its values, each shown where it stands and mended in place."""

from __future__ import annotations

from hub.errors import HubError
from hub.extraction.results import Extraction
from hub.extraction.schemas.document import build_schema
from hub.extraction.schemas.fields import Schema
from hub.extraction.views import ReadingView
from hub.text import say
from ui.extraction.actions import actions
from ui.extraction.below import Below
from ui.extraction.view import ExtractionView
from ui.frame import crumbs, page
from ui.pieces import heading
from ui.services import Services
from ui.visit import Visit


def create(services: Services) -> None:
    """Serve the page at /extractions/{extraction}."""

    @page("/extractions/{extraction}", services, "extractions", say("nav.extractions"))
    async def extraction_page(visit: Visit) -> None:
        found = await services.extractions.find(visit.opened_by, visit.named("extraction"))
        name = await name_of(visit, found)
        schema = await schema_of(visit, found.schema.name)
        title = (schema.metadata.title if schema else "") or found.schema.name
        crumbs((say("nav.extractions"), "/extractions"), (name or title, visit.path))
        settings = await services.extractions.settings(visit.opened_by, found.id)
        reading = await reading_of(visit, found)
        view = ExtractionView(visit, found, reading, schema, name=name or title, settings=settings)
        with heading(name or title, say("extraction.sub", schema=title, version=found.schema.version)):
            line = await services.extractions.summary(visit.opened_by, found.id)
            actions(visit, view, line)
        view.draw(Below(visit, view, is_preview=line.status == "preview").draw)


async def name_of(visit: Visit, found: Extraction) -> str:
    """Return the name of the file that was extracted from, empty when there is none any more."""
    if not found.file.startswith("fil_"):
        return ""
    try:
        return (await visit.services.files.describe(visit.opened_by, found.file)).name
    except HubError:
        return ""


async def schema_of(visit: Visit, name: str) -> Schema | None:
    """Return the schema as it is now, for its titles; None when it is gone."""
    try:
        return build_schema((await visit.services.schemas.find(visit.opened_by, name)).document)
    except HubError:
        return None


async def reading_of(visit: Visit, found: Extraction) -> ReadingView | None:
    """Return what was read, None when it is not kept any more."""
    if found.reading is None:
        return None
    try:
        return await visit.services.readings.find(visit.opened_by, found.reading)
    except HubError:
        return None
