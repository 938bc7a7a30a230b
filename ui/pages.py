"""All pages, registered in one place."""

from __future__ import annotations

from ui import (
    audit,
    batches,
    canvas,
    connection,
    connections,
    connectors,
    datasets,
    dead_letters,
    extraction,
    extraction_compare,
    extractions,
    home,
    invitation,
    item,
    new_recipe,
    not_found,
    password_reset,
    quality,
    reading,
    recipe,
    recipes,
    review,
    reviews,
    run,
    runs,
    schema_new,
    schemas,
    set_up,
    settings,
    sign_in,
    templates,
    upload,
)
from ui.services import Services

# In an order in which no address with a name in it swallows a fixed one.
PAGES = (
    sign_in, set_up, invitation, password_reset, home, recipes, new_recipe, canvas, recipe, runs, run, item,
    reviews, review, dead_letters, datasets, extractions, upload, extraction_compare, extraction, batches,
    reading, templates, quality, schema_new, schemas, connections, connection, connectors, settings, audit, not_found,
)  # fmt: skip


def create(services: Services) -> None:
    """Register every page."""
    for module in PAGES:
        module.create(services)
