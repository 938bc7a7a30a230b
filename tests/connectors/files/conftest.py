"""A directory that the operator allows, and the workspace's datasets behind workbooks."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from connectors.files.settings import Rows
from connectors.sdk import Context, fill
from hub.audit import Audit
from hub.connections.folder import Folders
from hub.datasets import Datasets
from hub.outbox import Outbox
from tests.peers.surroundings import Surroundings, surroundings


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture
async def around(root: Path, workspace: UUID) -> AsyncIterator[Surroundings]:
    datasets = Datasets(Audit(), Outbox()).for_workspace(workspace)
    async with surroundings(folder=Folders([root]), datasets=datasets) as made:
        yield made


@pytest.fixture
def context(around: Surroundings, root: Path) -> Callable[..., Context[Any, Any]]:
    """Make a context for writing to out/invoices."""

    def make(**settings: Any) -> Context[Any, Any]:
        columns = settings.pop("columns", {"number": "", "total": ""})
        named = {"directory": str(root / "out"), "file": "invoices", "columns": columns, **settings}
        return around.context(fill(Rows, named))

    return make
