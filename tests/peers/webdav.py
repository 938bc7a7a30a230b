"""A real WebDAV server for the tests: WsgiDAV on a directory, with basic and digest sign-in."""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers.process import free_port, program, serve

USER, PASSWORD = "ada", "s3cret-s3cret"


@dataclass(frozen=True)
class WebdavServer:
    """One running server: each share is a directory of its own below the root."""

    base: str
    root: Path

    def share(self, name: str) -> Path:
        """Make a directory that the server shows at `{base}/{name}`."""
        place = self.root / name
        place.mkdir()
        return place


@pytest.fixture(scope="session")
def webdav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebdavServer]:
    """A server for the whole session."""
    place = tmp_path_factory.mktemp("webdav")
    root = place / "files"
    root.mkdir()
    port = free_port()
    (place / "wsgidav.json").write_text(
        json.dumps(
            {
                "host": "127.0.0.1",
                "port": port,
                "provider_mapping": {"/": str(root)},
                "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
                "http_authenticator": {"accept_basic": True, "accept_digest": True, "default_to_digest": True},
                "logging": {"enable": False},
                # Connections that rest are not closed at the moment in which a busy machine asks again
                "server_args": {"timeout": 300},
            }
        )
    )
    command = [program("wsgidav", str(Path(sys.executable).parent)), "--config", str(place / "wsgidav.json"), "--quiet"]
    with serve(command, port, place / "log"):
        yield WebdavServer(f"http://127.0.0.1:{port}", root)
