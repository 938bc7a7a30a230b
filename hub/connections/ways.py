"""The workspace's own files, tables and folders, as connector calls reach them."""

from __future__ import annotations

from uuid import UUID

from connectors.sdk import Datasets as DatasetsOut
from connectors.sdk import Files as FilesOut
from connectors.sdk import Folder
from hub.connections.folder import Folders
from hub.datasets import Datasets
from hub.files import Files


class WorkspaceWays:
    """Gives connector calls the workspace's own files, tables and folders."""

    def __init__(self, files: Files, datasets: Datasets, folders: Folders) -> None:
        self._files = files
        self._datasets = datasets
        self._folders = folders

    def files(self, workspace: UUID) -> FilesOut:
        """The workspace's stored files."""
        return WorkspaceFiles(self._files, workspace)

    def datasets(self, workspace: UUID) -> DatasetsOut:
        """The workspace's tables."""
        return self._datasets.for_workspace(workspace)

    def folder(self, workspace: UUID) -> Folder:  # noqa: ARG002  # the operator opens roots to every workspace
        """Directories below the operator's roots."""
        return self._folders


class WorkspaceFiles:
    """The file store of one workspace, as connectors see it."""

    def __init__(self, files: Files, workspace: UUID) -> None:
        self._files = files
        self._workspace = workspace

    async def open(self, reference: str) -> bytes:
        """Return the content of a stored file."""
        return await self._files.open(self._workspace, reference)
