"""How to reach a PostgreSQL server, and what its errors mean to a user."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, cast

from connectors.sdk import (
    ConnectorError,
    Context,
    CredentialsError,
    Secret,
    Settings,
    SettingsError,
    TemporaryError,
    field,
)
from connectors.sdk.network.tls import tls_context

if TYPE_CHECKING:
    import asyncpg

    from connectors.sdk.network.guard import Address

    Dial = Callable[[str, int], Awaitable[Address]]

CONNECT_SECONDS = 15.0
# For one of the pool's connections, which other calls may have
TURN_SECONDS = 60.0
ANSWER_SECONDS = 120.0
POOL_SIZE = 8
NO_TLS = "rejected SSL upgrade"  # how asyncpg words it


class TlsMode(StrEnum):
    """How the connection is protected, in PostgreSQL's own words."""

    DISABLE = "disable"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_FULL = "verify-full"


class Connection(Settings):
    """A database and the account to use; best one that may only touch the tables it needs."""

    host: Annotated[str, field("Host", example="db.example.com")]
    database: Annotated[str, field("Database", example="ledger")]
    user: Annotated[str, field("User", example="patchdeck")]
    password: Annotated[Secret, field("Password")]
    port: Annotated[int, field("Port")] = 5432
    sslmode: Annotated[
        TlsMode, field("TLS", hint="verify-full checks who answers; prefer takes what the server offers.")
    ] = TlsMode.PREFER
    authority: Annotated[
        str,
        field("Certificate authority", hint="As PEM text; only for one of your own.", multiline=True, advanced=True),
    ] = ""

    def __post_init__(self) -> None:
        """Refuse what would not be a plain host and port."""
        if not self.host or any(letter in "/@,?\0" or letter.isspace() for letter in self.host):
            raise ValueError("Give the name or address of one host, without a path or options.")
        if not 0 < self.port < 65536:
            raise ValueError("A port is a number from 1 to 65535.")


async def connect(connection: Connection, dial: Dial) -> asyncpg.Connection:
    """Open one connection to the checked address; no environment variable or file has a say in it."""
    address = await dial(connection.host, connection.port)
    if connection.sslmode is TlsMode.DISABLE:
        return await _open(connection, address, tls=False)
    strict = connection.sslmode is TlsMode.VERIFY_FULL
    tls = tls_context(address.server_name, authority=connection.authority, verify=strict)
    try:
        return await _open(connection, address, tls=tls)
    except ConnectionError as error:
        if connection.sslmode is not TlsMode.PREFER or NO_TLS not in str(error):
            raise
    return await _open(connection, address, tls=False)


@asynccontextmanager
async def borrowed(context: Context[Connection, Any]) -> AsyncIterator[asyncpg.Connection]:
    """Lend a connection of the shared pool, opening the pool when this is its first use."""
    import asyncpg

    async def open_pool() -> asyncpg.Pool:
        return await asyncpg.create_pool(
            min_size=0,
            max_size=POOL_SIZE,
            max_inactive_connection_lifetime=60.0,
            connect=lambda *_, **__: connect(context.connection, context.dial),
        )

    with speaking():
        pool = await context.pool(open_pool)
        held = await pool.acquire(timeout=TURN_SECONDS)
    try:
        yield cast("asyncpg.Connection", held)  # the pool's stand-in does all that a connection does
    finally:
        await pool.release(held)


@contextmanager
def speaking(*, uncertain: bool = False) -> Iterator[None]:
    """Say what the server or the driver said in the three words of connectors.

    `uncertain`: a transaction is being committed, so losing the connection leaves open whether it was.
    """
    import asyncpg

    try:
        yield
    except asyncpg.PostgresError as error:
        raise translated(error, uncertain=uncertain) from error
    except ssl.SSLError as error:
        raise SettingsError(f"The server's certificate is not accepted: {error.reason or error}.") from error
    except (OSError, TimeoutError, asyncpg.InterfaceError) as error:
        if NO_TLS in str(error):
            raise SettingsError("The server offers no TLS: choose disable or prefer, or switch it on there.") from error
        raise TemporaryError("The database server does not answer.", uncertain=uncertain) from error


def translated(error: asyncpg.PostgresError, *, uncertain: bool = False) -> ConnectorError:
    """Return the connector error for what the server said, in its words."""
    state = error.sqlstate or ""
    said = str(error).rstrip(".")
    if state.startswith("28"):
        return CredentialsError(f"The database does not accept the user or password: {said}.")
    if state == "25006" or state[:2] in {"08", "40", "53", "55", "57", "58", "XX"}:
        lost = state.startswith(("08", "57"))
        return TemporaryError(f"The database cannot do this now: {said}.", uncertain=uncertain and lost)
    detail = getattr(error, "detail", None)
    return SettingsError(f"The database refuses this: {said}." + (f" {detail}" if detail else ""))


async def _open(connection: Connection, address: Address, *, tls: ssl.SSLContext | bool) -> asyncpg.Connection:
    import asyncpg

    return await asyncpg.connect(
        host=address.host,
        port=address.port,
        user=connection.user,
        password=connection.password.reveal(),
        database=connection.database,
        ssl=tls,
        timeout=CONNECT_SECONDS,
        command_timeout=ANSWER_SECONDS,
        server_settings={"application_name": "patchdeck", "timezone": "UTC"},
    )
