"""The master key: kept outside the database, it wraps the workspaces' keys and nothing else."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.errors import HubError

KEY_BYTES = 32
NONCE_BYTES = 12


class SealError(HubError):
    """Something sealed cannot be opened: another key, another place, or changed bytes."""

    status = 500
    title = "Cannot be opened"


class MasterKeys:
    """The newest master key wraps; older ones that are still listed unwrap."""

    def __init__(self, keys: Sequence[bytes], *, path: Path | None = None) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise SealError("The master key must be 32 bytes in base64; `openssl rand -base64 32` makes one.")
        self._keys = {_fingerprint(key): key for key in keys}
        self._path = path

    @classmethod
    def from_text(cls, text: str) -> MasterKeys:
        """Read PATCHDECK_MASTER_KEY: one key, or the newest and then older ones, separated by commas."""
        return cls(_decode_all(text.split(",")))

    @classmethod
    def from_file(cls, path: Path) -> MasterKeys:
        """Read the key file, newest line first; a missing one is made, for its owner's eyes only."""
        if not path.exists():
            _create(path, [secrets.token_bytes(KEY_BYTES)])
        return cls(_read(path), path=path)

    @property
    def current(self) -> str:
        """The id of the key that wraps now."""
        return next(iter(self._keys))

    def wrap(self, workspace: UUID, number: int, key: bytes) -> bytes:
        """Encrypt a workspace's key, bound to that workspace and number."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._keys[self.current]).encrypt(nonce, key, _bound(workspace, number))

    def unwrap(self, workspace: UUID, number: int, wrapped: bytes, master_key_id: str) -> bytes:
        """Decrypt a workspace's key; a key file that was rotated meanwhile is read again."""
        if master_key_id not in self._keys:
            self.reload()
        if master_key_id not in self._keys:
            raise SealError(
                f"A workspace's key is wrapped by the master key {master_key_id}, which is not given. "
                "Put the right master key back (master.key, or PATCHDECK_MASTER_KEY)."
            )
        master = AESGCM(self._keys[master_key_id])
        try:
            return master.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _bound(workspace, number))
        except InvalidTag as error:
            raise SealError("A workspace's key was changed outside of Patchdeck and cannot be opened.") from error

    def reload(self) -> None:
        """Take up what another process has rotated; a key from the environment stays as it is."""
        if self._path is not None:
            self._keys = {_fingerprint(key): key for key in _read(self._path)}

    def begin_rotation(self) -> Callable[[], None]:
        """Put a fresh key first in the file; calling the answer then forgets all others.

        A key from the environment is rotated by listing the new one first, so here only the forgetting is left
        to the operator.
        """
        if self._path is None:
            return lambda: None
        self.reload()
        fresh, path = secrets.token_bytes(KEY_BYTES), self._path
        _replace(path, [fresh, *self._keys.values()])
        self.reload()

        def finish() -> None:
            _replace(path, [fresh])
            self.reload()

        return finish


def _fingerprint(key: bytes) -> str:
    return hashlib.sha256(b"patchdeck master key" + key).hexdigest()[:16]


def _bound(workspace: UUID, number: int) -> bytes:
    return b"workspace key" + workspace.bytes + number.to_bytes(4)


def _decode_all(texts: Sequence[str]) -> list[bytes]:
    try:
        return [base64.b64decode(text.strip(), validate=True) for text in texts]
    except binascii.Error as error:
        raise SealError("The master key is not base64; `openssl rand -base64 32` makes one.") from error


def _read(path: Path) -> list[bytes]:
    if path.stat().st_mode & 0o077:
        raise SealError(f"Others may read {path}; `chmod 600` it.")
    return _decode_all(path.read_text(encoding="ascii").split())


def _create(path: Path, keys: Sequence[bytes]) -> None:
    beside = _write_beside(path, keys)
    try:
        os.link(beside, path)
    except FileExistsError:
        return  # another process was first; its key counts
    finally:
        beside.unlink()


def _replace(path: Path, keys: Sequence[bytes]) -> None:
    _write_beside(path, keys).replace(path)


def _write_beside(path: Path, keys: Sequence[bytes]) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(b"".join(base64.b64encode(key) + b"\n" for key in keys))
        file.flush()
        os.fsync(file.fileno())
    return beside
