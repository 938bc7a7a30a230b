"""Records out of sources: reading, schemas, engines, checks and the service that joins them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub.extraction.choice import Choice
    from hub.extraction.history import ExtractionPage, ExtractionSummary
    from hub.extraction.results import Evidence, Extraction, FieldResult
    from hub.extraction.schemas.document import build_schema, dump_schema, parse_schema
    from hub.extraction.schemas.fields import Schema
    from hub.extraction.schemas.json_schema import to_json_schema
    from hub.extraction.schemas.starter import starter, starter_names
    from hub.extraction.schemas.workspace import Schemas, SchemaSummary, SchemaView
    from hub.extraction.service import Extractions

__all__ = [
    "Choice",
    "Evidence",
    "Extraction",
    "ExtractionPage",
    "ExtractionSummary",
    "Extractions",
    "FieldResult",
    "Schema",
    "SchemaSummary",
    "SchemaView",
    "Schemas",
    "build_schema",
    "dump_schema",
    "parse_schema",
    "starter",
    "starter_names",
    "to_json_schema",
]

# Looked up when asked for: children in the jail import this package and need none of it.
_HOMES = {
    "Choice": "choice",
    "Evidence": "results",
    "Extraction": "results",
    "ExtractionPage": "history",
    "ExtractionSummary": "history",
    "Extractions": "service",
    "FieldResult": "results",
    "Schema": "schemas.fields",
    "SchemaSummary": "schemas.workspace",
    "SchemaView": "schemas.workspace",
    "Schemas": "schemas.workspace",
    "build_schema": "schemas.document",
    "dump_schema": "schemas.document",
    "parse_schema": "schemas.document",
    "starter": "schemas.starter",
    "starter_names": "schemas.starter",
    "to_json_schema": "schemas.json_schema",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
