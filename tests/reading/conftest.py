"""Readers on a jail of their own, shared by all tests of reading."""

from collections.abc import Iterator

import pytest

from hub.extraction.readers import Readers
from hub.jail import Jail


@pytest.fixture(scope="session")
def readers() -> Iterator[Readers]:
    with Jail(children=1) as jail:
        yield Readers(jail)
