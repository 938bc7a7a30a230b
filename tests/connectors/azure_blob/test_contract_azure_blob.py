"""Azure Blob Storage under the contracts of triggers and targets, against Azurite, which checks signatures."""

import pytest

from tests.connectors.contracts import TriggerContract
from tests.connectors.file_stands import FileTargetContract
from tests.connectors.store_stands import ChangedStand, WriteStand


class TestObjectChanged(TriggerContract):
    @pytest.fixture
    def stand(self, bucket):
        return ChangedStand(bucket)


class TestWriteObject(FileTargetContract):
    @pytest.fixture
    def stand(self, bucket):
        return WriteStand(bucket)
