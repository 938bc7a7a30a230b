"""Word files whose bytes depend on nothing but their content."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from typing import Any

_EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


def saved(page: Any) -> bytes:
    """Return a document of python-docx as bytes, without the time of writing."""
    page.core_properties.created = page.core_properties.modified = _EPOCH
    written, file = io.BytesIO(), io.BytesIO()
    page.save(written)
    with zipfile.ZipFile(written) as before, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            after.writestr(zipfile.ZipInfo(name), before.read(name), zipfile.ZIP_DEFLATED)
    return file.getvalue()
