"""A real OpenSSH server for the tests, for the user who runs them; and one that takes passwords, or lies."""

import asyncio
import getpass
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.peers.process import free_port, program, serve

PASSWORD, PASSPHRASE = "s3cret-s3cret", "open sesame"
# sshd wants this when it runs as root, and Debian makes it only when the service starts
SEPARATION = Path("/run/sshd")


@dataclass(frozen=True)
class SshServer:
    """One running sshd: who may sign in, with which key, and how the server is known."""

    port: int
    user: str
    private_key: str
    sealed_key: str
    host_key: str
    authorized: Path

    @property
    def fingerprint(self) -> str:
        """What a person compares."""
        return asyncssh.import_public_key(self.host_key).get_fingerprint()


@pytest.fixture(scope="session")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """A server for the whole session that hands out files by key."""
    root = tmp_path_factory.mktemp("sshd")
    user = getpass.getuser()
    for name, passphrase in (("host", ""), ("user", ""), ("sealed", PASSPHRASE)):
        keygen = [program("ssh-keygen"), "-q", "-t", "ed25519", "-N", passphrase, "-f", str(root / name)]
        subprocess.run(keygen, check=True)
    authorized = root / "authorized_keys"
    authorized.write_text((root / "user.pub").read_text() + (root / "sealed.pub").read_text())
    if os.geteuid() == 0:
        SEPARATION.mkdir(mode=0o755, exist_ok=True)
    port = free_port()
    config = root / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {root / 'host'}\nAuthorizedKeysFile {authorized}\n"
        "PidFile none\nUsePAM no\nStrictModes no\nPasswordAuthentication no\nPermitRootLogin prohibit-password\n"
        "Subsystem sftp internal-sftp\nForceCommand internal-sftp\nMaxStartups 100\nMaxSessions 100\n"
    )
    with serve([program("sshd"), "-D", "-e", "-f", str(config)], port, root / "log"):
        plain, sealed, host = [(root / name).read_text() for name in ("user", "sealed", "host.pub")]
        yield SshServer(port, user, plain, sealed, host, authorized)


class _Accounts(asyncssh.SSHServer):
    """Knows one user by a password."""

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("ada", PASSWORD)


class LyingFiles(asyncssh.SFTPServer):
    """Lists names that no honest server has, and files that it does not hand out."""

    names: tuple[bytes, ...] = ()
    size = 1

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        kind = asyncssh.FILEXFER_TYPE_REGULAR
        for name in self.names:
            yield asyncssh.SFTPName(
                name, attrs=asyncssh.SFTPAttrs(type=kind, size=self.size, mtime=1, permissions=0o100644)
            )


@asynccontextmanager
async def password_server(root: Path, files: Any = None) -> AsyncIterator[tuple[int, str]]:
    """Serve a directory to who knows the password; gives the port and the server's fingerprint."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    made = files or (lambda channel: asyncssh.SFTPServer(channel, chroot=os.fsencode(root)))
    listener = await asyncssh.listen(
        "127.0.0.1", 0, server_factory=_Accounts, server_host_keys=[key], sftp_factory=made
    )
    try:
        yield listener.get_port(), key.get_fingerprint()
    finally:
        listener.close()
        await listener.wait_closed()
        await asyncio.sleep(0)
