"""REST under /api: one controller a noun, listed here and imported when the API is built."""

from __future__ import annotations

from importlib import import_module

from litestar import Controller

# Each module names its controllers in CONTROLLERS.
MODULES = (
    "auth",
    "sign_in",
    "sessions",
    "workspaces",
    "members",
    "keys",
    "identities",
    "carriers",
    "audit",
    "usage",
    "events",
    "schemas",
    "files",
    "pages",
    "history",
    "readings",
    "captures",
    "extractions",
    "evaluations",
    "corrections",
    "batches",
    "templates",
    "recipes",
    "imports",
    "comparisons",
    "runs",
    "recipe_runs",
    "passages",
    "trying",
    "replays",
    "triggers",
    "decisions",
    "connections",
    "connectors",
    "choices",
    "previews",
    "providers",
    "privacy",
    "fine_tunings",
    "volumes",
    "tours",
    "help",
    "datasets",
    "dataset_rows",
    "webhooks",
)


def controllers() -> list[type[Controller]]:
    """Import the modules and return their controllers."""
    return [controller for name in MODULES for controller in import_module(f"hub.api.{name}").CONTROLLERS]
