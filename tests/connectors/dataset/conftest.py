"""A workspace's datasets in the hub's own database."""

from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

import pytest

from connectors.dataset import Rows
from connectors.sdk import Context, fill
from hub.audit import Audit
from hub.datasets import Datasets
from hub.outbox import Outbox
from tests.peers.surroundings import Surroundings, surroundings


@pytest.fixture
def datasets(database: str) -> Datasets:
    return Datasets(Audit(), Outbox())


@pytest.fixture
async def around(datasets: Datasets, workspace: UUID) -> AsyncIterator[Surroundings]:
    async with surroundings(datasets=datasets.for_workspace(workspace)) as made:
        yield made


@pytest.fixture
def context(around: Surroundings) -> Callable[..., Context[Any, Any]]:
    """Make a context for writing to the dataset invoices, by upsert unless told."""

    def make(**settings: Any) -> Context[Any, Any]:
        columns = settings.pop("columns", {"number": "", "total": ""})
        return around.context(fill(Rows, {"dataset": "invoices", "columns": columns, "key": ["number"], **settings}))

    return make
