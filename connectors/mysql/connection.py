"""How to reach a MySQL or MariaDB server, and what its errors mean to a user."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

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
    import aiomysql

    from connectors.sdk.network.guard import Address

    Dial = Callable[[str, int], Awaitable[Address]]

CONNECT_SECONDS = 15.0
# For one of the pool's connections, which other calls may have
TURN_SECONDS = 60.0
ANSWER_SECONDS = 120.0
POOL_SIZE = 8
_BEGIN = (
    "set session sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ERROR_FOR_DIVISION_BY_ZERO'",
    "set session time_zone = '+00:00'",
    # Rows that are not there yet are not locked against other writers
    "set session transaction isolation level read committed",
)
NO_TLS = "The server offers no TLS: choose disable or prefer, or switch it on there."
_CREDENTIALS = frozenset({1044, 1045, 1130, 1251, 1396, 1698, 1862, 2059, 3118, 4151})
_PASSING = frozenset({1040, 1053, 1129, 1152, 1158, 1159, 1160, 1161, 1203, 1205, 1213, 1226, 1290, 1836, 1969, 3024})


class TlsMode(StrEnum):
    """How the connection is protected."""

    DISABLE = "disable"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_FULL = "verify-full"


class Connection(Settings):
    """A database and the account to use; best one that may only touch the tables it needs."""

    host: Annotated[str, field("Host", example="db.example.com")]
    database: Annotated[str, field("Database", example="shop")]
    user: Annotated[str, field("User", example="patchdeck")]
    password: Annotated[Secret, field("Password")]
    port: Annotated[int, field("Port")] = 3306
    tls: Annotated[
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


class Pool:
    """Some connections of one account, opened when they are needed, each to an address that was checked anew."""

    def __init__(self, opener: Callable[[], Awaitable[aiomysql.Connection]]) -> None:
        self._opener = opener
        self._idle: list[aiomysql.Connection] = []
        self._turns = asyncio.Semaphore(POOL_SIZE)
        self._closed = False

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[aiomysql.Connection]:
        """Lend a connection; one that fails in use is not lent again."""
        async with asyncio.timeout(TURN_SECONDS):
            await self._turns.acquire()
        try:
            held = await self._fresh()
            try:
                yield held
            except BaseException:
                held.close()
                raise
            self._idle.append(held)
            if self._closed:
                await self.close()
        finally:
            self._turns.release()

    async def _fresh(self) -> aiomysql.Connection:
        while self._idle:
            held = self._idle.pop()
            if not (held.closed or held._reader is None or held._reader.at_eof()):  # noqa: SLF001  # has it hung up?
                return held
            held.close()
        return await self._opener()

    async def close(self) -> None:
        """Close what is open, and what is lent once it is back; a server that has gone needs no farewell."""
        self._closed = True
        while self._idle:
            held = self._idle.pop()
            try:
                await held.ensure_closed()
            except OSError:
                held.close()


async def connect(connection: Connection, dial: Dial) -> aiomysql.Connection:
    """Open one connection to the checked address; no file or environment variable has a say in it."""
    address = await dial(connection.host, connection.port)
    strict = connection.tls in {TlsMode.REQUIRE, TlsMode.VERIFY_FULL}
    tls = None
    if connection.tls is not TlsMode.DISABLE:
        verify = connection.tls is TlsMode.VERIFY_FULL
        tls = tls_context(address.server_name, authority=connection.authority, verify=verify)
    held = _careful()(
        strict=strict,
        host=address.host,
        port=address.port,
        user=connection.user,
        password=connection.password.reveal(),
        db=connection.database,
        charset="utf8mb4",
        ssl=tls,
        connect_timeout=CONNECT_SECONDS,
        autocommit=True,
        conv=_decoders(),
        program_name="patchdeck",
    )
    async with asyncio.timeout(CONNECT_SECONDS):
        await held._connect()  # noqa: SLF001  # what aiomysql.connect does
        for statement in _BEGIN:
            await held.query(statement)
    return held


@asynccontextmanager
async def borrowed(context: Context[Connection, Any], *, uncertain: bool = False) -> AsyncIterator[aiomysql.Connection]:
    """Lend a connection of the shared pool, opening the pool when this is its first use."""

    async def open_pool() -> Pool:
        return Pool(partial(connect, context.connection, context.dial))

    pool: Pool = await context.pool(open_pool)
    with speaking(uncertain=uncertain):
        async with pool.lend() as held:
            yield held


@contextmanager
def speaking(*, uncertain: bool = False) -> Iterator[None]:
    """Say what the server or the driver said in the three words of connectors.

    `uncertain`: a transaction is being committed, so losing the connection leaves open whether it was.
    """
    import pymysql

    try:
        yield
    except pymysql.MySQLError as error:
        raise translated(error, uncertain=uncertain) from error
    except ssl.SSLError as error:
        raise SettingsError(f"The server's certificate is not accepted: {error.reason or error}.") from error
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        raise TemporaryError("The database server does not answer.", uncertain=uncertain) from error
    except RuntimeError as error:
        if "LOAD_LOCAL" not in str(error):  # how aiomysql words it
            raise
        raise SettingsError("The server asks for a file of this machine, which it does not get.") from error


def translated(error: Exception, *, uncertain: bool = False) -> ConnectorError:
    """Return the connector error for what the server said, in its words."""
    code, said = number_of(error), said_by(error)
    cause = error.__cause__
    if isinstance(cause, ssl.SSLError):
        return SettingsError(f"The server's certificate is not accepted: {cause.reason or cause}.")
    if code in _CREDENTIALS:
        return CredentialsError(f"The database does not accept the user or password: {said}.")
    if code in _PASSING:
        return TemporaryError(f"The database cannot do this now: {said}.")
    if 2000 <= code < 3000:
        return TemporaryError("The database server does not answer.", uncertain=uncertain)
    return SettingsError(f"The database refuses this: {said}.")


def number_of(error: Exception) -> int:
    """Return the server's number of an error, 0 when it has none."""
    return error.args[0] if error.args and isinstance(error.args[0], int) else 0


def said_by(error: Exception) -> str:
    """Return the server's words."""
    return str(error.args[-1] if error.args else error).rstrip(".")[:300]


def _careful() -> Any:
    """Return the driver's connection without what could give a password or a file away; imported late."""
    import aiomysql
    import pymysql
    from pymysql.constants import CLIENT

    class CarefulConnection(aiomysql.Connection):  # type: ignore[misc]  # aiomysql has no types
        """Takes one statement at a time, keeps to TLS where it is asked for, shows no password without it."""

        _server_auth_plugin: str

        def __init__(self, *, strict: bool, **options: Any) -> None:
            super().__init__(**options)
            self._strict = strict
            self.client_flag &= ~CLIENT.MULTI_STATEMENTS

        def escape(self, value: Any) -> Any:
            return f"_binary X'{value.hex()}'" if isinstance(value, bytes) else super().escape(value)

        async def _request_authentication(self) -> None:
            if self._strict and not self.server_capabilities & CLIENT.SSL:
                raise pymysql.OperationalError(0, NO_TLS)
            if "clear" in str(self._server_auth_plugin):
                raise pymysql.OperationalError(0, "The server asks for the password as it is")
            await super()._request_authentication()

        async def _process_auth(self, plugin_name: bytes, auth_packet: Any) -> Any:
            if plugin_name == b"mysql_clear_password" and not self._secure:
                raise pymysql.OperationalError(0, "The server asks for the password without TLS")
            return await super()._process_auth(plugin_name, auth_packet)

    return CarefulConnection


def _decoders() -> dict[int, Any]:
    """Return how values are read: spans of time stay as the server writes them."""
    from pymysql.constants import FIELD_TYPE
    from pymysql.converters import decoders

    return {kind: reader for kind, reader in decoders.items() if kind != FIELD_TYPE.TIME}
