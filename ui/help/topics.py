"""Which part of the guide tells of a page."""

from __future__ import annotations

# The longest beginning of the address that fits; a place in a page behind `#`.
TOPICS = {
    "/": "getting-started",
    "/recipes": "recipes",
    "/recipes/new": "getting-started",
    "/runs": "web#plan-run-undo",
    "/items": "web#following-up-on-runs",
    "/dead-letters": "web#following-up-on-runs",
    "/triggers": "web#following-up-on-runs",
    "/deliveries": "web#following-up-on-runs",
    "/reviews": "web#extracting-correcting-reviewing",
    "/approvals": "recipes",
    "/datasets": "web#datasets",
    "/extractions": "extraction",
    "/readings": "extraction",
    "/batches": "extraction",
    "/quality": "extraction",
    "/schemas": "schemas",
    "/connections": "connections",
    "/connectors": "connectors/index",
    "/webhooks": "webhooks",
    "/settings?tab=models": "language-models",
    "/settings?tab=privacy": "language-models",
    "/settings?tab=chat": "chat",
    "/settings?tab=keys": "api",
    "/settings": "web#rights",
    "/audit": "security",
    "/tour": "getting-started",
}


def topic_of(path: str, tab: str = "") -> str:
    """Return the address of the part of the guide that tells of a page."""
    if path.endswith("/canvas"):
        return "/help/canvas"
    if path.startswith("/connectors/"):
        return f"/help{path}"
    asked = f"{path}?tab={tab}" if tab else path
    fits = [one for one in TOPICS if one != "/" and asked.startswith(one)]
    return f"/help/{TOPICS[max(fits, key=len)] if fits else TOPICS['/']}"
