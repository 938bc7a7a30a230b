"""Object stores: what is put comes back, what is not there is not found, a store that fails says so."""

import os
import resource
import stat
from collections.abc import Iterator
from pathlib import Path

import obstore
import pytest

from hub.errors import InvalidError, NotFoundError, UnavailableError
from hub.files import ObjectStore, S3Account, open_store
from tests.peers.process import free_port
from tests.peers.s3 import S3Server

KEY = "0190/ab/0190ab"


@pytest.fixture(params=["directory", "bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    kept: ObjectStore = (
        open_store(str(tmp_path / "objects")) if request.param == "directory" else request.getfixturevalue("bucket")
    )
    return kept


async def test_gives_back_what_was_put(store: ObjectStore) -> None:
    content = os.urandom(3_000_000)
    await store.put(KEY, content)
    assert await store.get(KEY) == content


async def test_a_second_put_replaces_the_first(store: ObjectStore) -> None:
    await store.put(KEY, b"first")
    await store.put(KEY, b"second")
    assert await store.get(KEY) == b"second"


async def test_forgets_what_is_deleted_and_minds_no_second_time(store: ObjectStore) -> None:
    await store.put(KEY, b"x")
    await store.delete(KEY)
    await store.delete(KEY)
    with pytest.raises(NotFoundError):
        await store.get(KEY)


async def test_keeps_below_the_prefix(s3: S3Server, bucket: ObjectStore) -> None:
    await bucket.put(KEY, b"here")
    answer = await obstore.get_async(s3.bare(), f"some/prefix/{KEY}")
    assert bytes(await answer.bytes_async()) == b"here"


async def test_files_are_for_the_owner_alone(tmp_path: Path) -> None:
    await open_store(str(tmp_path)).put(KEY, b"x")
    assert stat.S_IMODE((tmp_path / KEY).stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / KEY).parent.iterdir()] == ["0190ab"]


@pytest.fixture
def little_room() -> Iterator[None]:
    """No file of this process may grow beyond 1 MB; writing more fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("little_room")
async def test_says_that_a_disk_is_full_and_leaves_nothing_half(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="full; nothing was stored") as failure:
        await open_store(str(tmp_path)).put(KEY, bytes(2 << 20))
    assert failure.value.retry_after
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


async def test_says_that_a_directory_cannot_be_used() -> None:
    with pytest.raises(UnavailableError, match="does not work"):
        await open_store("/dev/null/files").put(KEY, b"x")


async def test_says_that_an_s3_service_does_not_answer() -> None:
    account = S3Account(endpoint=f"http://127.0.0.1:{free_port()}", access_key="a", secret_key="b")
    with pytest.raises(UnavailableError) as failure:
        await open_store("s3://files", account).put(KEY, b"x")
    assert failure.value.retry_after


async def test_says_that_an_s3_service_refuses_the_key(s3: S3Server) -> None:
    account = S3Account(endpoint=s3.endpoint, access_key=s3.access_key, secret_key="wrong")
    with pytest.raises(UnavailableError, match="refuses"):
        await open_store(f"s3://{s3.bucket}", account).put(KEY, b"x")


def test_an_address_without_a_bucket_is_refused() -> None:
    with pytest.raises(InvalidError, match="names no bucket"):
        open_store("s3://")
