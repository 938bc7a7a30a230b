"""When the client asks again: never twice for one thing, never for nothing, not for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from hub.client import (
    AsyncPatchdeck,
    HubError,
    TooManyError,
    UnavailableError,
    UnreachableError,
    UnreadableError,
)
from hub.client.exchange import TRIES, growing, pause_after
from hub.datasets.views import NewDataset
from hub.supervisor.ports import free_port
from tests.client.moody_hub import MoodyHub, Says

NEW = NewDataset(name="d")
BUSY = Says(status=429, headers={"retry-after": "0"}, body=b'{"detail": "Slower."}')
DOWN = Says(status=503, headers={"retry-after": "0"}, body=b"<html>Bad gateway")


@pytest.fixture
async def hub(moody: MoodyHub) -> AsyncIterator[AsyncPatchdeck]:
    async with AsyncPatchdeck(moody.url, "pd_live_x") as client:
        yield client


async def test_asks_again_under_the_same_key(hub: AsyncPatchdeck, moody: MoodyHub) -> None:
    moody.says(BUSY, DOWN, Says(cut=True), Says(status=409, headers={"retry-after": "0"}))
    made = await hub.datasets.create(NEW)
    assert made.id == "dst_1"
    assert (len(moody.keys), len(set(moody.keys)), moody.keys[0] is None) == (5, 1, False)


async def test_takes_another_key_for_another_request(hub: AsyncPatchdeck, moody: MoodyHub) -> None:
    await hub.datasets.create(NEW)
    await hub.datasets.create(NEW)
    assert len(set(moody.keys)) == 2


async def test_gives_up_after_some_tries(hub: AsyncPatchdeck, moody: MoodyHub) -> None:
    moody.says(*[BUSY] * TRIES)
    with pytest.raises(TooManyError, match="Slower"):
        await hub.datasets.show("d")
    assert len(moody.keys) == TRIES


async def test_tells_a_long_pause_instead_of_waiting(hub: AsyncPatchdeck, moody: MoodyHub) -> None:
    moody.says(Says(status=503, headers={"retry-after": "3600"}, body=b"{}"))
    with pytest.raises(UnavailableError) as refused:
        await hub.datasets.show("d")
    assert (refused.value.retry_after, len(moody.keys)) == (3600.0, 1)


async def test_deletes_once_when_the_connection_is_cut(hub: AsyncPatchdeck, moody: MoodyHub) -> None:
    moody.says(Says(cut=True))
    with pytest.raises(UnreachableError, match="No hub answers at"):
        await hub.datasets.delete("d")
    assert len(moody.keys) == 1


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b'{"id": 7}', b"\xff\xfe", b'{"items": "many"}', b"[" * 100_000]
)
async def test_tells_what_cannot_be_read(hub: AsyncPatchdeck, moody: MoodyHub, body: bytes) -> None:
    moody.says(Says(body=body))
    with pytest.raises(UnreadableError, match="cannot be read"):
        await hub.datasets.show("d")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"detail": 7}', b"\xff\xfe"])
@pytest.mark.parametrize("status", [302, 418, 500])
async def test_tells_a_refusal_that_is_no_problem(
    hub: AsyncPatchdeck, moody: MoodyHub, body: bytes, status: int
) -> None:
    moody.says(Says(status=status, body=body))
    with pytest.raises(HubError, match=f"The hub answered {status}") as refused:
        await hub.datasets.show("d")
    assert refused.value.status == status


async def test_sends_no_name_as_a_query(hub: AsyncPatchdeck, moody: MoodyHub) -> None:
    await hub.datasets.show("a b?limit=1#x")
    assert moody.paths == ["/api/v1/datasets/a%20b%3Flimit%3D1%23x"]


async def test_says_where_nobody_answers() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    async with AsyncPatchdeck(url, "pd_live_x") as hub:
        with pytest.raises(UnreachableError, match=url):
            await hub.datasets.delete("d")


def test_waits_longer_each_time() -> None:
    assert [round(growing(tries) / 0.5 / 2 ** (tries - 1)) for tries in (1, 2, 3, 4)] == [1, 1, 1, 1]
    assert pause_after(1, 429, {"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    assert pause_after(1, 404, {"retry-after": "1"}) is None
    assert pause_after(1, 503, {"retry-after": "soon"}) is not None
