"""What the process in the jail gives up before it sees a document.

Limits on files and the end with the parent always hold. The network, other files of ours and new processes are taken
away by the kernel where it offers that (namespaces, Landlock, seccomp), and by an audit hook for Python code anyway.
"""

import os
import resource
import signal
import sys
from collections.abc import Sequence

import msgspec

# Found before the fence: after it, the directory that it stands in cannot be searched
import connectors
from hub.jail.kernel import die_with_parent, forbid_calls, leave_network, never_gain_rights, only_read

OPEN_FILES = 64
# Pages and the API go first: hours of recognition may lie before a child.
NICER = 10
# In the environment of a child that may start threads.
THREADS = "JAIL_THREADS"
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
FORBIDDEN = (
    "socket.__new__",
    "socket.connect",
    "socket.bind",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.kill",
    "os.killpg",
    "pty.spawn",
)


def confine(parent: int, code: Sequence[str]) -> None:
    """Give up everything that reading a document does not need."""
    die_with_parent(signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit("The parent is gone.")
    os.nice(NICER)
    os.umask(0o077)
    os.chdir("/")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    leave_network()
    never_gain_rights()
    only_read([*_readable(), *code])
    forbid_calls()
    if THREADS not in os.environ:
        # Threads count as processes: after this there are no new ones.
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    sys.addaudithook(_refuse)


def _readable() -> list[str]:
    """The interpreter, its libraries and our code: neither the data directory nor anybody's home."""
    ours = [_directory(_directory(__file__)), *connectors.__path__]
    libraries = _directory(_directory(msgspec.__file__))
    system = ["/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/fonts", "/dev/null", "/dev/urandom"]
    return [sys.prefix, sys.base_prefix, sys.exec_prefix, *ours, libraries, *system]


def _directory(path: str) -> str:
    return os.path.dirname(os.path.abspath(path))  # noqa: PTH100, PTH120 pathlib costs 20 ms here


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in FORBIDDEN:
        raise PermissionError(f"{event} is not allowed in the jail.")
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING:
        raise PermissionError("Writing files is not allowed in the jail.")
