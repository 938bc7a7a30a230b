"""Stored files: content sealed in an object store, what is known about it in a table."""

from hub.files.objects import ObjectStore, S3Account, open_store
from hub.files.service import FilePage, Files, FileSummary, Upload

__all__ = ["FilePage", "FileSummary", "Files", "ObjectStore", "S3Account", "Upload", "open_store"]
