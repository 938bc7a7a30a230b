"""Walls around a process that runs other people's code: one way out to the proxy, and nothing written or started."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from typing import Any

# What starts programs, changes files or speaks without a connection
_FORBIDDEN = frozenset(
    {
        *(
            "subprocess.Popen",
            "os.system",
            "os.exec",
            "os.posix_spawn",
            "os.spawn",
            "os.fork",
            "os.forkpty",
            "pty.spawn",
        ),
        *(
            "os.remove",
            "os.rename",
            "os.mkdir",
            "os.rmdir",
            "os.link",
            "os.symlink",
            "os.chmod",
            "os.chown",
            "os.truncate",
        ),
        *("socket.bind", "socket.sendto", "socket.sendmsg", "socket.gethostbyname", "socket.gethostbyaddr"),
        *("os.listdir", "os.scandir", "syslog.openlog", "syslog.syslog", "webbrowser.open", "ctypes.dlsym"),
    }
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_PLAIN_FILES = ("/dev/null", "/dev/urandom", "/etc/mime.types", "/etc/localtime", "/usr/share/zoneinfo/")


class FencedError(PermissionError):
    """Something was tried that is not allowed here."""


class Fence:
    """Holds for the rest of the process once it stands; `touched` tells what was tried in vain."""

    def __init__(self, proxy_port: int) -> None:
        self._port = proxy_port
        self._touched: list[str] = []
        places = {sys.prefix, sys.base_prefix, *site.getsitepackages(), *sysconfig.get_paths().values(), "/etc/ssl"}
        self._readable = tuple(f"{os.path.realpath(place)}/" for place in places)

    def stand(self) -> None:
        """Begin; there is no way back, as Python does not forget an audit hook."""
        sys.addaudithook(self._judge)

    def touched(self) -> list[str]:
        """Return what was tried, and forget it."""
        found, self._touched = self._touched, []
        return found

    def _judge(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            allowed = self._may_open(arguments[0], arguments[2])
        elif event == "socket.connect":
            allowed = arguments[1] == ("127.0.0.1", self._port)
        elif event == "socket.getaddrinfo":
            allowed = arguments[0] == "127.0.0.1"
        else:
            allowed = event not in _FORBIDDEN
        if not allowed:
            self._touched.append(event)
            raise FencedError(f"{event} is not allowed here.")

    def _may_open(self, path: Any, flags: Any) -> bool:
        if isinstance(path, int):
            return True  # open already
        if isinstance(flags, int) and flags & _WRITES:
            return False
        place = os.fsdecode(path)
        if place.startswith(_PLAIN_FILES):
            return True
        return os.path.realpath(place).startswith(self._readable)
