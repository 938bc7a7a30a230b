"""PostgreSQL as a child of ours: made, started, watched and stopped without a daemon and without opening a port."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import msgspec
import psutil

from hub.supervisor import child
from hub.supervisor.account import account_for
from hub.supervisor.binaries import postgres_programs
from hub.supervisor.errors import StartError
from hub.supervisor.lock import OwnerLock, owner

MAJOR = 18
_USER = "hub"
_DATABASE = "postgres"
_PORT = 5432
_LONGEST_SOCKET_FOLDER = 90
_CLUSTER_OPTIONS = (
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
)
_SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "max_wal_size": "1GB",
    "jit": "off",
    "password_encryption": "scram-sha-256",
    "log_min_messages": "warning",
    "logging_collector": "on",
    "log_directory": "log",
    "log_filename": "postgres-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
}
_ELSEWHERE = ("redirecting log output to logging collector process", 'will appear in directory "log".')


class Address(msgspec.Struct, frozen=True):
    """Where the database answers, and with which password."""

    folder: Path
    password: str

    @property
    def url(self) -> str:
        """The address as a URL that asyncpg and libpq understand."""
        folder = quote(str(self.folder), safe="")
        return f"postgresql://{_USER}:{quote(self.password, safe='')}@/{_DATABASE}?host={folder}&port={_PORT}"


class EmbeddedPostgres:
    """One cluster in a folder: `pg18` holds its files, `password` the only copy of its password."""

    def __init__(self, root: Path, settings: Mapping[str, str] | None = None) -> None:
        self.root = root.resolve()
        self.cluster = self.root / f"pg{MAJOR}"
        self._name = f"patchdeck-{zlib.crc32(bytes(self.cluster)):08x}"
        self._settings = _SETTINGS | dict(settings or {})
        self.lock_path = self.root / "owner.lock"
        self._lock = OwnerLock(self.lock_path)
        self._child: subprocess.Popen[bytes] | None = None
        self._socket_link: Path | None = None

    def start(self, patience: float = 600) -> Address:
        """Start the server and wait until it takes sessions; recovery after a crash may take minutes."""
        try:
            running = self.launch()
            deadline = time.monotonic() + patience
            while not self.is_ready():
                if running.poll() is not None:
                    raise StartError(f"PostgreSQL did not start. {self.last_words()}")
                if time.monotonic() > deadline:
                    raise StartError(f"PostgreSQL is not ready yet. Look into {self.cluster / 'log'}.")
                time.sleep(0.02)
        except BaseException:
            self.stop()
            raise
        return self.address()

    def claim(self) -> None:
        """Become the owner of the folder, or fail naming who is."""
        if not self._lock.held:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock.acquire()

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server, making the cluster first if there is none, and return at once."""
        self.claim()
        self._account = account_for(self.cluster)
        self._programs = postgres_programs(self._account)
        if not (self.root / "password").exists():
            self._create()
        self._end_orphan()
        self._child = self._launch()
        return self._child

    def is_ready(self) -> bool:
        """Tell whether the server that we have started takes sessions."""
        return self._child is not None and self._status() == (str(self._child.pid), "ready")

    def await_owner(self, patience: float = 60) -> Address:
        """Return the address as soon as the server of another owner takes sessions."""
        deadline = time.monotonic() + patience
        while self._status()[1] != "ready":
            if owner(self.lock_path) is None or time.monotonic() > deadline:
                raise StartError(f"The database in {self.root} is being started or stopped. Try again.")
            time.sleep(0.1)
        return self.address()

    def last_words(self) -> str:
        """Return what the server said when it could not start, without its word about where it goes on saying."""
        try:
            said = (self.root / "startup.log").read_text(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(line for line in said.splitlines() if not line.endswith(_ELSEWHERE))[-800:].strip()

    def address(self) -> Address:
        """Return where clients connect; good while the server runs, also for other processes of the same owner."""
        return Address(folder=self._socket_folder(), password=(self.root / "password").read_text())

    def stop(self, grace: float = 10) -> None:
        """End all sessions and shut down in order."""
        if self._child is not None:
            child.stop(self._child, signal.SIGINT, grace)
            self._child = None
        if self._socket_link is not None:
            shutil.rmtree(self._socket_link.parent, ignore_errors=True)
            self._socket_link = None
        self._lock.release()

    def _status(self) -> tuple[str, str]:
        """Read process id and status in the lock file that the server keeps, as pg_ctl does."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return "", ""
        return lines[0] if lines else "", lines[7].strip() if len(lines) > 7 else ""

    def _create(self) -> None:
        """Make the cluster. The password file is written last: without it a half-made cluster is made anew."""
        if self.cluster.exists():
            shutil.rmtree(self.cluster)
        self.cluster.mkdir(mode=0o700)
        password = secrets.token_urlsafe(24)
        reading, writing = os.pipe()
        os.write(writing, password.encode() + b"\n")
        os.close(writing)
        if self._account:
            os.chown(self.cluster, self._account.uid, self._account.gid)
            os.fchown(reading, self._account.uid, self._account.gid)
        try:
            self._initialise(reading)
        finally:
            os.close(reading)
        with open(self.root / "password", "w", opener=_private) as file:
            file.write(password)

    def _initialise(self, password: int) -> None:
        program: str | Path = self._programs / "initdb"
        place = ["-D", self._folder_seen_by_server(), "-U", _USER]
        access = ["-A", "scram-sha-256", "--pwfile", f"/dev/fd/{password}"]
        outcome = subprocess.run(
            [program, *place, *access, *_CLUSTER_OPTIONS],
            check=False,
            cwd=self.cluster,
            pass_fds=[password],
            capture_output=True,
            text=True,
            user=self._account.uid if self._account else None,
            group=self._account.gid if self._account else None,
            extra_groups=[] if self._account else None,
        )
        if outcome.returncode:
            raise StartError(f"PostgreSQL could not be set up in {self.cluster}: {outcome.stderr.strip()}")

    def _folder_seen_by_server(self) -> str:
        """Name the cluster so that another account can enter it although the folders above are closed to it."""
        return "/proc/self/cwd" if sys.platform == "linux" else str(self.cluster)

    def _launch(self) -> subprocess.Popen[bytes]:
        command: list[str | Path] = [self._programs / "postgres", "-D", self._folder_seen_by_server()]
        settings = self._settings | {
            "port": str(_PORT),
            "unix_socket_directories": self._folder_seen_by_server(),
            "cluster_name": self._name,
        }
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        program = child.Program(
            command=command, folder=self.cluster, account=self._account, on_parent_death=signal.SIGINT
        )
        with (self.root / "startup.log").open("wb") as log:
            return program.start(log)

    def _end_orphan(self) -> None:
        """Wait for the server of an owner that was killed, and drop a lock file that names some other process.

        We hold the owner's lock, so a server of this very cluster is nobody's; any other process has the id by chance.
        """
        lock_file = self.cluster / "postmaster.pid"
        try:
            server = psutil.Process(int(lock_file.read_text().split("\n", 1)[0]))
            if f"cluster_name={self._name}" in server.cmdline():
                server.send_signal(signal.SIGINT)
                server.wait(30)
        except FileNotFoundError:
            return
        except (ValueError, psutil.Error):
            pass  # an empty, stale or foreign lock file goes the same way
        lock_file.unlink(missing_ok=True)

    def _socket_folder(self) -> Path:
        """Return the cluster, or a short link to it where its path would not fit into a socket address."""
        if len(str(self.cluster)) <= _LONGEST_SOCKET_FOLDER:
            return self.cluster
        if self._socket_link is None:
            self._socket_link = Path(tempfile.mkdtemp(prefix="patchdeck-")) / "pg"
            self._socket_link.symlink_to(self.cluster)
        return self._socket_link


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
