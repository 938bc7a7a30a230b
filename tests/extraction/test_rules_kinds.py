"""Documents of many kinds with schemas of their own: bills, forms, statements, tickets, as people would try them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.extraction.conftest import extract, schema_of

KINDS = Path(__file__).parent / "kinds"


@pytest.mark.parametrize("kind", sorted(path.stem for path in KINDS.glob("*.txt")))
async def test_fills_a_schema_from_a_document_of_its_kind(kind: str):
    stated = yaml.safe_load((KINDS / f"{kind}.yaml").read_text("utf-8"))
    schema = stated["schema"] if isinstance(stated["schema"], str) else schema_of(**stated["schema"])
    made = await extract((KINDS / f"{kind}.txt").read_text("utf-8"), schema)
    assert only(stated["record"], made.record) == stated["record"]


def only(stated: Any, found: Any) -> Any:
    """Reduce what was found to the fields that are stated; rows are kept all."""
    if isinstance(stated, dict):
        return {name: only(value, found[name]) for name, value in stated.items()}
    if isinstance(stated, list):
        return [only(stated[min(index, len(stated) - 1)], row) for index, row in enumerate(found)]
    return found
