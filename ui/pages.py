"""All pages, registered in one place."""

from __future__ import annotations

from ui import not_found
from ui.canvas import compare_page as canvas_compare
from ui.canvas import list_page as canvas_list
from ui.canvas import page as canvas
from ui.connections import access, connectors
from ui.connections import listing as connections
from ui.connections import page as connection
from ui.datasets import listing as datasets
from ui.datasets import page as dataset
from ui.entering import invitation, password_reset, set_up, sign_in
from ui.extraction import batches, quality, reading, templates, upload
from ui.extraction import compare as extraction_compare
from ui.extraction import listing as extractions
from ui.extraction import page as extraction
from ui.help import page as guide
from ui.home import page as home
from ui.home import tour
from ui.recipes import importing, past
from ui.recipes import listing as recipes
from ui.recipes import new as new_recipe
from ui.recipes import page as recipe
from ui.reviews import listing as reviews
from ui.reviews import page as review
from ui.runs import dead_letters, item, ledger, replays, triggers
from ui.runs import listing as runs
from ui.runs import page as run
from ui.schemas import listing as schemas
from ui.schemas import new as schema_new
from ui.services import Services
from ui.settings import audit
from ui.settings import page as settings
from ui.webhooks import listing as webhooks
from ui.webhooks import page as webhook

# In an order in which no address with a name in it swallows a fixed one.
PAGES = (
    sign_in, set_up, invitation, password_reset, home, tour, guide,
    recipes, new_recipe, importing, past, canvas, canvas_list, canvas_compare,
    recipe, runs, run, item,
    reviews, review, dead_letters, replays, triggers, ledger, datasets, dataset,
    extractions, upload, extraction_compare, extraction, batches,
    reading, templates, quality, schema_new, schemas, connections, access, connection, connectors,
    webhooks, webhook, settings,
    audit, not_found,
)  # fmt: skip


def create(services: Services) -> None:
    """Register every page."""
    for module in PAGES:
        module.create(services)
