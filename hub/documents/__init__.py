"""Documents with versions: the one service that recipes, schemas and later dashboards share."""

from hub.documents.compare import Difference, DifferenceKind, compare
from hub.documents.service import Documents
from hub.documents.shapes import Document, DocumentPage, Draft, Kind, Published, Version, VersionPage, VersionSummary

__all__ = [
    "Difference",
    "DifferenceKind",
    "Document",
    "DocumentPage",
    "Documents",
    "Draft",
    "Kind",
    "Published",
    "Version",
    "VersionPage",
    "VersionSummary",
    "compare",
]
