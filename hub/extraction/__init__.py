"""Records out of sources: reading, schemas, engines, checks and the service that joins them."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub.extraction.json_schema import to_json_schema
    from hub.extraction.results import Evidence, Extraction, FieldResult
    from hub.extraction.schema_document import build_schema, dump_schema, parse_schema
    from hub.extraction.schemas import Schema
    from hub.extraction.service import Choice, Extractions
    from hub.extraction.starter import starter, starter_names
    from hub.extraction.store import ExtractionPage, ExtractionSummary
    from hub.extraction.workspace_schemas import Schemas, SchemaSummary, SchemaView

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
    "Choice": "service",
    "Evidence": "results",
    "Extraction": "results",
    "ExtractionPage": "store",
    "ExtractionSummary": "store",
    "Extractions": "service",
    "FieldResult": "results",
    "Schema": "schemas",
    "SchemaSummary": "workspace_schemas",
    "SchemaView": "workspace_schemas",
    "Schemas": "workspace_schemas",
    "build_schema": "schema_document",
    "dump_schema": "schema_document",
    "parse_schema": "schema_document",
    "starter": "starter",
    "starter_names": "starter",
    "to_json_schema": "json_schema",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
