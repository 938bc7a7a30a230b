"""One kept connection to an SFTP server: opened when needed, shared by calls, closed when idle."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from connectors.sdk import Context, CredentialsError, SettingsError, TemporaryError
from connectors.sftp.connection import Connection

if TYPE_CHECKING:
    import asyncssh

    from connectors.sdk.network.guard import Address

    Dial = Callable[[str, int], Awaitable[Address]]

CONNECT_SECONDS = 15.0
SIGN_IN_SECONDS = 30.0
ANSWER_SECONDS = 10.0
KEEP_ALIVE_SECONDS = 30.0
IDLE_SECONDS = 30.0
_KEY = re.compile(r"-----BEGIN ([A-Z ]+)-----(.*)-----END \1-----", re.DOTALL)


class Session:
    """Signs in once for all calls on a connection, and again after the line was lost."""

    def __init__(self, connection: Connection, dial: Dial) -> None:
        self._connection = connection
        self._dial = dial
        self._turn = asyncio.Lock()
        self._ssh: asyncssh.SSHClientConnection | None = None
        self._sftp: asyncssh.SFTPClient | None = None
        self._users = 0
        self._closing: asyncio.TimerHandle | None = None

    @asynccontextmanager
    async def use(self) -> AsyncIterator[asyncssh.SFTPClient]:
        """Lend the connection; what goes wrong is said in the three words of connectors."""
        self._users += 1
        if self._closing is not None:
            self._closing.cancel()
        try:
            with speaking(self._connection):
                yield await self._ready()
        finally:
            self._users -= 1
            if not self._users:
                self._closing = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._let_go)

    async def close(self) -> None:
        """Hang up."""
        if self._closing is not None:
            self._closing.cancel()
        ssh = self._ssh
        self._let_go()
        if ssh is not None:
            await ssh.wait_closed()

    def _let_go(self) -> None:
        ssh, self._ssh, self._sftp = self._ssh, None, None
        if ssh is not None:
            ssh.close()

    async def _ready(self) -> asyncssh.SFTPClient:
        async with self._turn:
            if self._ssh is None or self._sftp is None or not await self._answers(self._sftp):
                self._ssh = await _signed_in(self._connection, self._dial)
                self._sftp = await self._ssh.start_sftp_client(path_errors="surrogateescape")
            return self._sftp

    async def _answers(self, sftp: asyncssh.SFTPClient) -> bool:
        """Tell whether a kept connection still is one; among several calls the first finds out for all."""
        import asyncssh

        if self._users > 1:
            return self._ssh is not None and not self._ssh.is_closed()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await sftp.realpath(".")
        except (asyncssh.Error, OSError, TimeoutError):
            self._let_go()
            return False
        return True


@asynccontextmanager
async def server(context: Context[Connection, Any]) -> AsyncIterator[asyncssh.SFTPClient]:
    """Lend the context's connection to its server."""

    async def opener() -> Session:
        return Session(context.connection, context.dial)

    session = await context.pool(opener)
    async with session.use() as sftp:
        yield sftp


@contextmanager
def speaking(connection: Connection) -> Iterator[None]:
    """Say what an SSH server or its absence said in the three words of connectors."""
    import asyncssh

    host = connection.host
    try:
        yield
    except asyncssh.PermissionDenied as error:
        what = "password" if connection.kind == "password" else "key"
        raise CredentialsError(
            f"{host} does not accept the user or the {what}. Check them and connect again."
        ) from error
    except asyncssh.SFTPError as error:
        raise _refusal(error, host) from error
    except (asyncssh.KeyExchangeFailed, asyncssh.ProtocolNotSupported) as error:
        raise SettingsError(f"{host} and this hub know no common way to encrypt: {error.reason}.") from error
    except (asyncssh.Error, OSError, TimeoutError) as error:
        raise TemporaryError(f"The connection to {host} was lost or could not be made.", uncertain=True) from error


def _refusal(error: asyncssh.SFTPError, host: str) -> SettingsError | TemporaryError:
    import asyncssh

    match error:
        case asyncssh.SFTPConnectionLost() | asyncssh.SFTPNoConnection():
            return TemporaryError(f"The connection to {host} was lost.", uncertain=True)
        case asyncssh.SFTPNoSpaceOnFilesystem() | asyncssh.SFTPQuotaExceeded():
            return TemporaryError(f"There is no space left on {host}.")
        case asyncssh.SFTPNoSuchFile() | asyncssh.SFTPNoSuchPath():
            return SettingsError(f"There is no such file or folder on {host}. Check the folder.")
        case asyncssh.SFTPPermissionDenied():
            return SettingsError(f"The account may not do this on {host}. Ask whoever runs it for the permission.")
        case asyncssh.SFTPBadMessage():
            return TemporaryError(f"{host} sent an answer that cannot be read.")
    return SettingsError(f"{host} refuses this: {''.join(filter(str.isprintable, error.reason))[:200].rstrip('.')}.")


async def _signed_in(connection: Connection, dial: Dial) -> asyncssh.SSHClientConnection:
    import asyncssh

    known, shown = connection.fingerprints, []

    class Identity(asyncssh.SSHClient):
        def validate_host_public_key(self, _host: str, _address: str, _port: int, key: asyncssh.SSHKey) -> bool:
            shown.append(f"{key.get_algorithm()} {key.get_fingerprint()}")
            return key.get_fingerprint() in known

    credentials = await _credentials(connection)
    address = await dial(connection.host, connection.port)
    try:
        return await asyncssh.connect(
            address.host,
            address.port,
            client_factory=Identity,
            username=connection.user,
            known_hosts=([], [], []),
            x509_trusted_certs=[],
            x509_trusted_cert_paths=[],
            config=None,
            agent_path=None,
            gss_host=None,
            connect_timeout=CONNECT_SECONDS,
            login_timeout=SIGN_IN_SECONDS,
            keepalive_interval=KEEP_ALIVE_SECONDS,
            **credentials,
        )
    except asyncssh.HostKeyNotVerifiable as error:
        raise _unknown_server(connection, shown[-1] if shown else "no key that can be read") from error


def _unknown_server(connection: Connection, shown: str) -> SettingsError:
    if connection.host_key.strip():
        return SettingsError(
            f"{connection.host} shows another key than the one that was confirmed: {shown}. Nothing was sent. Ask "
            "whoever runs the server whether its key was changed; only then put the new one into the connection."
        )
    return SettingsError(
        f"{connection.host} shows the key {shown}. Compare it with what whoever runs the server tells you, then "
        "paste it into the connection under Server's key."
    )


async def _credentials(connection: Connection) -> dict[str, Any]:
    """Return how to sign in; a private key is opened in a thread, as its passphrase is slow on purpose."""
    import asyncssh

    if connection.kind == "password":
        password = connection.password.reveal() if connection.password else ""
        if not password:
            raise CredentialsError("The connection has no password. Fill it in.")
        return {"password": password, "client_keys": None, "preferred_auth": "password,keyboard-interactive"}
    if connection.private_key is None:
        raise CredentialsError("The connection has no private key. Fill it in.")
    text = _in_lines(connection.private_key.reveal())
    passphrase = connection.passphrase.reveal() if connection.passphrase else None
    try:
        key = await asyncio.to_thread(asyncssh.import_private_key, text, passphrase or None)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise CredentialsError(
            "The private key cannot be opened: it is not whole, or its passphrase is wrong or missing."
        ) from error
    return {"client_keys": [key], "preferred_auth": "publickey"}


def _in_lines(key: str) -> str:
    """Give a key its lines back, which a field of one line takes away when a key is pasted into it."""
    found = _KEY.fullmatch(key.strip())
    if found is None or ":" in found[2]:
        return key.strip() + "\n"
    return f"-----BEGIN {found[1]}-----\n{''.join(found[2].split())}\n-----END {found[1]}-----\n"
