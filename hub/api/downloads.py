"""Lists as files to download, which no cache keeps."""

from __future__ import annotations

from litestar import Response

CSV = "text/csv; charset=utf-8"


def csv_file(name: str, content: bytes) -> Response[bytes]:
    """Return lines of CSV as a file of this name."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "private, no-store"}
    return Response(content, media_type=CSV, headers=headers)
