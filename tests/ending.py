"""Fixtures that many tests share end in a bounded time: what hangs while it is closed is cut off and named.

A finalizer that waits for ever would fail the last test of a worker, which has nothing to do with it, and tell nobody
which fixture it was.
"""

import asyncio
import functools
import inspect
import warnings
from collections.abc import AsyncIterator, Callable, Generator
from types import AsyncGeneratorType
from typing import Any

import pytest

ENDS_WITHIN = 30.0
CUT_WITHIN = 5.0
_Made = Callable[..., Any]


class SlowEnd(UserWarning):
    """A fixture had to be cut off: it is shown after the tests, and fails none of them."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
    """Bound the end of fixtures that outlive a test."""
    made: Any = fixturedef.func
    if fixturedef.scope == "function" or not inspect.isasyncgenfunction(made):
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fixturedef, "func", bounded(made))
        return (yield)


def bounded(made: _Made, within: float = ENDS_WITHIN) -> _Made:
    """Return the fixture with an end that takes no longer than this."""

    @functools.wraps(made)
    async def lent(*given: Any, **named: Any) -> AsyncIterator[Any]:
        running: AsyncGeneratorType[Any, None] = made(*given, **named)
        yield await anext(running)
        ending = asyncio.ensure_future(_rest(running))
        await asyncio.wait([ending], timeout=within)
        if ending.done():
            ending.result()
            return
        place = f"at {running.ag_await!r}, {running.ag_frame!r}"
        ending.cancel()
        await asyncio.wait([ending], timeout=CUT_WITHIN)
        warnings.warn(SlowEnd(f"{made.__name__} did not end and was cut off: {place}"), stacklevel=1)

    return lent


async def _rest(running: AsyncGeneratorType[Any, None]) -> None:
    async for _ in running:
        raise ValueError("A fixture yields once.")
