"""Readers on the jail that all tests share."""

import pytest

from hub.extraction.readers import Readers
from hub.jail import Jail


@pytest.fixture(scope="session")
def readers(jail: Jail) -> Readers:
    return Readers(jail)
