"""The API reference: one page of our own that reads the OpenAPI document and loads nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from litestar import Request
from litestar.openapi.plugins import OpenAPIRenderPlugin

_HERE = Path(__file__).parent
_SCRIPT = (_HERE / "reference.js").read_text(encoding="utf-8")
_STYLE = (_HERE / "reference.css").read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


PATH = "/docs"
POLICY = (
    f"default-src 'none'; script-src {_hash(_SCRIPT)}; style-src {_hash(_STYLE)}; connect-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Patchdeck API</title>
<style>{_STYLE}</style>
</head>
<body>
<noscript>This page needs JavaScript; the document itself is at /api/openapi.json.</noscript>
<script>{_SCRIPT}</script>
</body>
</html>
"""


class ReferencePage(OpenAPIRenderPlugin):
    """Serves the page at /api/docs."""

    def __init__(self) -> None:
        super().__init__(path=PATH)

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002  # Litestar's
        """Return the page; it fetches the document by itself."""
        return _PAGE.encode()
