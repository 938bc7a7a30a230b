"""Where the simulated services of a data directory are, and the token that opens them."""

from __future__ import annotations

import secrets
from pathlib import Path

import msgspec

from hub.config import Config
from hub.errors import NotFoundError


class Place(msgspec.Struct, frozen=True):
    """An address of this machine, the token, and the directory with what the services know."""

    port: int
    token: str
    folder: Path

    @property
    def address(self) -> str:
        """The address that recipes call."""
        return f"http://127.0.0.1:{self.port}"


def place_of(config: Config) -> Place:
    """Return the place; NotFoundError when the demo has not been started."""
    if config.simulated_port is None:
        raise NotFoundError("The simulated services come with `patchdeck up --demo`.")
    folder = Path(config.data_dir) / "demo" / "simulated"
    return Place(port=config.simulated_port, token=_token(folder), folder=folder)


def _token(folder: Path) -> str:
    """Return the token, made with the first start and readable by this user only."""
    file = folder / "token"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24), encoding="utf-8")
    return file.read_text(encoding="utf-8")
