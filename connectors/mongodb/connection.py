"""How to reach a MongoDB deployment: every server of it, named or discovered, is held to the guard."""

from __future__ import annotations

import re
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, cast
from urllib.parse import parse_qsl, urlsplit

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
from connectors.sdk.network.dial import refusal_in

if TYPE_CHECKING:
    from pymongo import AsyncMongoClient
    from pymongo.asynchronous.database import AsyncDatabase
    from pymongo.errors import OperationFailure, PyMongoError

    from connectors.sdk.network.guard import Address

    Dial = Callable[[str, int], Awaitable[Address]]

PATIENCE_MS = 15_000
POOL_SIZE = 16
_ADDRESS = re.compile(r"mongodb(?:\+srv)?://[^/@?#\s\\]+(?:/[^/?#\s]*)?(?:\?[^#\s]*)?")
# What an address may say; anything else could read files, run programs or send the password elsewhere
_OPTIONS = frozenset(
    [
        "appname",
        "authmechanism",
        "authsource",
        "compressors",
        "connecttimeoutms",
        "directconnection",
        "journal",
        "loadbalanced",
        "maxstalenessseconds",
        "readconcernlevel",
        "readpreference",
        "readpreferencetags",
        "replicaset",
        "retryreads",
        "retrywrites",
        "serverselectiontimeoutms",
        "sockettimeoutms",
        "srvmaxhosts",
        "srvservicename",
        "ssl",
        "tls",
        "tlsallowinvalidcertificates",
        "tlsallowinvalidhostnames",
        "w",
        "wtimeoutms",
        "zlibcompressionlevel",
    ]
)
_MECHANISMS = frozenset({"DEFAULT", "SCRAM-SHA-1", "SCRAM-SHA-256"})
_CREDENTIAL_CODES = frozenset({13, 18, 8000})
_PASSING_CODES = frozenset({6, 7, 24, 50, 89, 91, 112, 189, 202, 251, 262, 9001, 10107, 11600, 11602, 13435, 13436})


class Connection(Settings):
    """A MongoDB server, replica set or Atlas cluster, and the account to use."""

    address: Annotated[
        str,
        field(
            "Address",
            hint="As the service shows it, without user and password: they have fields of their own.",
            example="mongodb+srv://cluster0.ab1cd.mongodb.net",
        ),
    ]
    database: Annotated[str, field("Database", hint="Used unless a step names another.", example="shop")]
    user: Annotated[str, field("User", example="patchdeck")] = ""
    password: Annotated[Secret, field("Password")] = Secret("")
    auth_source: Annotated[
        str, field("Account kept in", hint="The database that holds the account; most often admin.", advanced=True)
    ] = ""
    authority: Annotated[
        str,
        field("Certificate authority", hint="As PEM text; only for one of your own.", multiline=True, advanced=True),
    ] = ""

    def __post_init__(self) -> None:
        """Refuse an address that holds a password, a socket path or options with a reach of their own."""
        require_database(self.database)
        if "@" in self.address:
            raise ValueError("Leave user and password out of the address and put them into their own fields.")
        if not _ADDRESS.fullmatch(self.address) or "%2f" in self.address.lower():
            raise ValueError("Begin the address with mongodb:// or mongodb+srv:// and host names.")
        for name, value in parse_qsl(urlsplit(self.address).query, keep_blank_values=True):
            if name.lower() not in _OPTIONS:
                raise ValueError(f"Leave the option {name[:60]} out of the address; it cannot be used here.")
            if name.lower() == "authmechanism" and value not in _MECHANISMS:
                raise ValueError("Sign in with a user and a password: SCRAM-SHA-256 or SCRAM-SHA-1.")

    @property
    def is_srv(self) -> bool:
        """Whether the servers are found through DNS."""
        return self.address.startswith("mongodb+srv://")

    @property
    def seeds(self) -> list[tuple[str, int]]:
        """The servers that the address itself names."""
        from pymongo.uri_parser_shared import split_hosts

        listed = urlsplit(self.address).netloc
        return [(str(host), int(port or 27017)) for host, port in split_hosts(listed)]


def require_database(name: str) -> None:
    """Raise ValueError unless a database can have this name."""
    if not name or len(name) > 63 or any(letter in '/\\. "$*<>:|?\0' for letter in name):
        raise ValueError(f"{name[:70]!r} is not a name that a database can have.")


async def connect(connection: Connection, dial: Dial) -> AsyncMongoClient[dict[str, Any]]:
    """Open a client whose every connection goes to an address that was checked for its host name."""
    from pymongo import AsyncMongoClient

    if not connection.is_srv:
        for host, port in connection.seeds:
            await dial(host, port)
    given = _given(connection)
    names = ("serverSelectionTimeoutMS", "connectTimeoutMS")
    options: dict[str, Any] = {name: PATIENCE_MS for name in names if name.lower() not in given}
    if connection.user:
        options |= {"username": connection.user, "password": connection.password.reveal()}
        options["authSource"] = connection.auth_source or _auth_source(connection)
    with _authority(connection.authority) as trusted:
        options |= trusted
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            connection.address,
            _pool_class=partial(cast("Any", guarded_pool()), dial),
            maxPoolSize=POOL_SIZE,
            tz_aware=True,
            connect=False,
            appname="patchdeck",
            **options,
        )
        await client.aconnect()
    return client


@asynccontextmanager
async def borrowed(context: Context[Connection, Any], name: str = "") -> AsyncIterator[AsyncDatabase[dict[str, Any]]]:
    """Lend a database of the shared client, opened when this is its first use."""
    held: list[AsyncMongoClient[dict[str, Any]]] = []
    with speaking(held):
        client = await context.pool(partial(connect, context.connection, context.dial))
        held.append(client)
        yield client.get_database(name or context.connection.database)


@contextmanager
def speaking(clients: list[AsyncMongoClient[dict[str, Any]]]) -> Iterator[None]:
    """Say what the servers or the driver said in the three words of connectors."""
    from bson.errors import BSONError
    from pymongo.errors import PyMongoError

    try:
        yield
    except PyMongoError as error:
        refused = next((said for client in clients for said in _refusals(client)), refusal_in(error))
        raise refused or translated(error) from error
    except (BSONError, OverflowError) as error:
        raise SettingsError(f"MongoDB cannot keep this value: {str(error).rstrip('.')}.") from error


def translated(error: PyMongoError) -> ConnectorError:
    """Return the connector error for what a server or the driver said."""
    from pymongo import errors

    said = str((getattr(error, "details", None) or {}).get("errmsg") or error).rstrip(".")[:300]
    if isinstance(error, (errors.ConfigurationError, errors.InvalidURI)):
        return SettingsError(f"The address of MongoDB cannot be used: {said}.")
    if isinstance(error, errors.OperationFailure):
        return _refused(error, said)
    if isinstance(error, errors.ConnectionFailure):
        return _lost(error, said)
    return SettingsError(f"MongoDB cannot do this: {said}.")


def guarded_pool() -> type[Any]:
    """Return the driver's pool with a check before each connection; a function, as the driver is imported late."""
    from pymongo.asynchronous.pool import Pool

    class GuardedPool(Pool):
        """Connects to the address that was checked; the name stays what certificates are checked against."""

        def __init__(self, dial: Dial, address: tuple[str, int], *arguments: Any, **named: Any) -> None:
            super().__init__(_CheckedAddress(address), *arguments, **named)
            self._dial = dial

        async def connect(self, *arguments: Any, **named: Any) -> Any:
            assert isinstance(self.address, _CheckedAddress)  # noqa: S101  # it was made above
            checked = await self._dial(self.address[0], int(self.address[1] or 27017))
            self.address.checked = checked.host
            return await super().connect(*arguments, **named)

    return GuardedPool


class _CheckedAddress(tuple[str, int]):  # noqa: SLOT001  # it keeps what was checked last
    """Equals the server's (name, port), and unpacks to the checked address, which is what the driver connects to."""

    checked: str = ""

    def __iter__(self) -> Iterator[Any]:
        return iter((self.checked or self[0], self[1]))


def _refused(error: OperationFailure, said: str) -> ConnectorError:
    from pymongo import errors

    if error.code in _CREDENTIAL_CODES:
        return CredentialsError(f"MongoDB does not accept the user, or the user may not do this: {said}.")
    if isinstance(error, (errors.ExecutionTimeout, errors.WTimeoutError)) or error.code in _PASSING_CODES:
        return TemporaryError(f"MongoDB cannot do this now: {said}.", uncertain=True)
    return SettingsError(f"MongoDB refuses this: {said}.")


def _lost(error: PyMongoError, said: str) -> ConnectorError:
    from pymongo import errors

    if "certificate" in said.lower():
        return SettingsError("The server's certificate is not accepted.")
    if isinstance(error, errors.ServerSelectionTimeoutError):
        return TemporaryError("MongoDB does not answer.")
    return TemporaryError("The connection to MongoDB was cut.", uncertain=True)


def _refusals(client: AsyncMongoClient[dict[str, Any]]) -> Iterator[ConnectorError]:
    """Return what the guard said of servers that were discovered."""
    for server in client.topology_description.server_descriptions().values():
        said = refusal_in(server.error) if server.error is not None else None
        if said is not None:
            yield said


def _given(connection: Connection) -> dict[str, str]:
    """Return the options that stand in the address."""
    return {name.lower(): value for name, value in parse_qsl(urlsplit(connection.address).query)}


def _auth_source(connection: Connection) -> str:
    return _given(connection).get("authsource") or urlsplit(connection.address).path.strip("/") or "admin"


@contextmanager
def _authority(pem: str) -> Iterator[dict[str, str]]:
    """Lend the authority as the file that the driver wants, for as long as it reads it."""
    if not pem:
        yield {}
        return
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(pem)
        file.flush()
        yield {"tlsCAFile": file.name}
