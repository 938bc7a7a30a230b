"""Readers on a jail of their own, shared by all tests of reading."""

from collections.abc import Iterator

import pytest

from hub.extraction.readers import Readers
from hub.jail import Jail


@pytest.fixture(scope="session")
def jail() -> Iterator[Jail]:
    with Jail(children=1) as jail:
        yield jail


@pytest.fixture(scope="session")
def readers(jail: Jail) -> Readers:
    return Readers(jail)
