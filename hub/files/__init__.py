"""Stored files: content sealed in an object store, what is known about it in a table."""

from hub.files.accounts import S3Account
from hub.files.objects import ObjectStore, open_store
from hub.files.service import FilePage, Files, FileSummary, Upload

__all__ = ["FilePage", "FileSummary", "Files", "ObjectStore", "S3Account", "Upload", "open_store"]
