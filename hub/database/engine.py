"""The one PostgreSQL engine of the process: Piccolo's, with a pool of ours and transactions that always let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, TypeAlias, TypeVar

import asyncpg
from piccolo.engine.postgres import PostgresEngine, PostgresTransaction

T = TypeVar("T")
Row = asyncpg.Record
Held: TypeAlias = "asyncpg.Connection[Row] | asyncpg.pool.PoolConnectionProxy[Row]"

# How long one waits for a free connection, and at most for one statement
PATIENCE = 10.0
LONGEST_STATEMENT = 60.0
# How often a statement is put again that lost a deadlock
DEADLOCKS = 3
_INTERRUPTED = (TimeoutError, asyncio.CancelledError)


class Transaction(PostgresTransaction):
    """A transaction whose connection returns to the pool even when the database is lost at commit, or hangs."""

    async def get_connection(self) -> Any:
        """Take a connection of the pool, as soon as there is one."""
        return await self.engine.pool.acquire(timeout=PATIENCE)  # type: ignore[union-attr]  # set by connect()

    async def begin(self) -> None:
        """Begin; a connection on which that fails goes back at once."""
        try:
            await self.transaction.start()
        except BaseException:
            self.connection.terminate()
            await self.engine.pool.release(self.connection)  # type: ignore[union-attr]  # set by connect()
            raise

    async def __aexit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        """Commit or roll back, then release; nested blocks belong to the outer transaction."""
        if self._parent is not None:
            return exception is None
        try:
            if exception is None:
                await self.transaction.commit()
            elif isinstance(exception, _INTERRUPTED):
                self.connection.terminate()  # a database that hangs would hang the rollback too
            elif not self.connection.is_closed():
                await self.transaction.rollback()
        finally:
            self.engine.current_transaction.reset(self.context)
            await self.engine.pool.release(self.connection)  # type: ignore[union-attr]  # set by connect()
        return exception is None


class HubEngine(PostgresEngine):
    """Piccolo's engine without the connections it would open while being imported."""

    async def check_version(self) -> None:
        """Ask nothing: the supervisor and `doctor` check the server's version."""

    async def prep_database(self) -> None:
        """Create no extensions at import; migrations do what is needed."""

    def transaction(self, allow_nested: bool = True) -> Transaction:
        """Return a transaction block; a block inside another joins it."""
        return Transaction(engine=self, allow_nested=allow_nested)


DB = HubEngine(config={}, extensions=())


async def connect(settings: str | Mapping[str, Any], *, min_size: int = 2, max_size: int = 20) -> None:
    """Open the pool on a URL or asyncpg's keyword arguments; a pool belongs to the running event loop."""
    named = {"dsn": settings} if isinstance(settings, str) else dict(settings)
    DB.config.clear()
    DB.config.update(named)
    DB.pool = await asyncpg.create_pool(
        **named,
        min_size=min_size,
        max_size=max_size,
        command_timeout=LONGEST_STATEMENT,
        reset=_keep_session,
        server_settings=_SESSION,
    )


async def close() -> None:
    """Close the pool; open queries are given five seconds."""
    if DB.pool is None:
        return
    pool, DB.pool = DB.pool, None
    try:
        async with asyncio.timeout(5):
            await pool.close()
    except TimeoutError:
        pool.terminate()


@asynccontextmanager
async def transaction() -> AsyncIterator[None]:
    """Run a block in one transaction; inner blocks join it, an exception rolls everything back."""
    async with DB.transaction():
        yield


async def alone(what: str) -> None:
    """Go on when no other transaction holds what is named so, and hold it until the current transaction ends."""
    await execute("select pg_advisory_xact_lock(hashtextextended($1, 0))", what)


async def fetch(sql: str, *arguments: Any) -> Sequence[Row]:
    """Return the rows of a statement with $1-style arguments, in the current transaction if there is one."""
    return await _ask(lambda held: held.fetch(sql, *arguments))


async def fetch_one(sql: str, *arguments: Any) -> Row | None:
    """Return the first row, or None."""
    return await _ask(lambda held: held.fetchrow(sql, *arguments))


async def execute(sql: str, *arguments: Any) -> int:
    """Run a statement and return how many rows it touched."""
    status = await _ask(lambda held: held.execute(sql, *arguments))
    last = status.rpartition(" ")[2]
    return int(last) if last.isdigit() else 0


async def _ask(statement: Callable[[Held], Awaitable[T]], again: int = DEADLOCKS) -> T:
    """Put one statement to the database, again when it lost a deadlock: all that it did was taken back then.

    Inside a transaction the error is the caller's, for what the transaction did before is taken back with it.
    """
    try:
        async with connection() as held:
            return await statement(held)
    except asyncpg.DeadlockDetectedError:
        if not again or DB.current_transaction.get() is not None:
            raise
    return await _ask(statement, again - 1)


@asynccontextmanager
async def connection() -> AsyncIterator[Held]:
    """Lend the current transaction's connection, or one of the pool."""
    current = DB.current_transaction.get()
    if current is not None:
        yield current.connection
        return
    if DB.pool is None:
        raise ConnectionError("The database pool is not open.")
    held = await DB.pool.acquire(timeout=PATIENCE)
    try:
        yield held
    except _INTERRUPTED:
        held.terminate()  # a database that hangs would hang the release too
        raise
    finally:
        await DB.pool.release(held)


async def _keep_session(_: Any) -> None:
    """Skip asyncpg's reset round trip: nothing here changes session state."""


_SESSION = {"application_name": "patchdeck", "jit": "off", "timezone": "UTC"}
