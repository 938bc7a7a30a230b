"""Free ports, remembered so that parts which are restarted are found where they were."""

import json
import secrets
import socket
from pathlib import Path

# Below what systems give to outgoing connections: one of them could have the port before the part that it is chosen for
_FIRST, _LAST, _TRIES = 20_000, 30_000, 50
_given: set[int] = set()


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on now, nor will by chance; each time another."""
    tries = (_FIRST + secrets.randbelow(_LAST - _FIRST) for _ in range(_TRIES))
    # What was given out may not be listened on yet
    found = next((port for port in tries if port not in _given and _is_free(port)), None)
    if found is not None:
        _given.add(found)
        return found
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Ports:
    """The ports of a data directory by name, kept in a file there."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def port(self, name: str) -> int:
        """Return the remembered port while it is free, else a new one."""
        port = self.remembered(name)
        if port is None or not _is_free(port):
            port = free_port()
            self.remember(name, port)
        return port

    def remember(self, name: str, port: int) -> None:
        """Write down a port that somebody else has chosen."""
        self._path.write_text(json.dumps({**self._known(), name: port}, indent=1, sort_keys=True) + "\n")

    def remembered(self, name: str) -> int | None:
        """Return the port that was last given out under a name."""
        return self._known().get(name)

    def _known(self) -> dict[str, int]:
        try:
            known: dict[str, int] = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return {}
        return known


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
