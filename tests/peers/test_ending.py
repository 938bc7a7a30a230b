"""What closes a shared fixture may hang, and the tests still end and say which it was."""

import asyncio

import pytest

from tests.ending import SlowEnd, bounded


async def test_an_end_that_hangs_is_cut_off_and_named():
    ended = asyncio.Event()

    async def peer():
        try:
            yield "address"
            await asyncio.Event().wait()
        finally:
            ended.set()

    lent = bounded(peer, within=0.05)()
    assert await anext(lent) == "address"
    with pytest.warns(SlowEnd, match="peer did not end and was cut off: at <"):
        assert await anext(lent, None) is None
    assert ended.is_set()


async def test_an_end_that_fails_fails():
    async def peer():
        yield "address"
        raise ValueError("It has violations.")

    lent = bounded(peer)()
    await anext(lent)
    with pytest.raises(ValueError, match="violations"):
        await anext(lent)
