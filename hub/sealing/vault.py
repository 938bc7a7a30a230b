"""The vault: AES-256-GCM under a workspace's key, each sealed value bound to the place it was sealed for."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hub.database import execute, fetch
from hub.sealing.master import KEY_BYTES, NONCE_BYTES, MasterKeys, SealError

FORMAT = 1
HEADER_BYTES = 5
LOOK_AGAIN = 60.0


def place(table: str, row: object, column: str) -> str:
    """Name where a sealed value lives, so that it opens nowhere else."""
    return f"{table}/{row}/{column}"


def key_number(sealed: bytes) -> int:
    """Read from sealed bytes which of its workspace's keys they are under."""
    if len(sealed) < HEADER_BYTES + NONCE_BYTES or sealed[0] != FORMAT:
        raise SealError("These bytes were not sealed by Patchdeck.")
    return int.from_bytes(sealed[1:HEADER_BYTES])


class Keyring:
    """One workspace's keys in memory; safe to use from threads, for content too big for the event loop."""

    def __init__(self, workspace: UUID, keys: Mapping[int, bytes]) -> None:
        self.workspace = workspace
        self.current = max(keys)
        self._ciphers = {number: AESGCM(key) for number, key in keys.items()}

    def __contains__(self, number: int) -> bool:
        return number in self._ciphers

    def seal(self, where: str, plaintext: bytes) -> bytes:
        """Encrypt under the newest key; the place is bound in, not stored."""
        header = bytes([FORMAT]) + self.current.to_bytes(4)
        nonce = secrets.token_bytes(NONCE_BYTES)
        return header + nonce + self._ciphers[self.current].encrypt(nonce, plaintext, self._bound(header, where))

    def open(self, where: str, sealed: bytes) -> bytes:
        """Decrypt what was sealed in this workspace for this place, under any of its keys."""
        number = key_number(sealed)
        if number not in self._ciphers:
            raise SealError(f"The workspace's key {number} is missing; a sealed value cannot be opened.")
        header, nonce = sealed[:HEADER_BYTES], sealed[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES]
        try:
            return self._ciphers[number].decrypt(
                nonce, sealed[HEADER_BYTES + NONCE_BYTES :], self._bound(header, where)
            )
        except InvalidTag as error:
            raise SealError(f"What is stored at {where} was changed or belongs elsewhere.") from error

    def _bound(self, header: bytes, where: str) -> bytes:
        return header + self.workspace.bytes + where.encode()


class Vault:
    """Seals and opens for every workspace; workspace keys are unwrapped once and kept in memory."""

    def __init__(self, master: MasterKeys) -> None:
        self.master = master
        self._rings: dict[UUID, tuple[Keyring, float]] = {}

    async def seal(self, workspace: UUID, where: str, plaintext: bytes) -> bytes:
        """Encrypt a value for one place (see `place`)."""
        return (await self.ring(workspace)).seal(where, plaintext)

    async def open(self, workspace: UUID, where: str, sealed: bytes) -> bytes:
        """Decrypt a value; SealError when it was sealed for another workspace or place, or was changed."""
        ring = await self.ring(workspace)
        if key_number(sealed) not in ring:  # rotated by another process since
            ring = await self._read(workspace)
        return ring.open(where, sealed)

    async def ring(self, workspace: UUID) -> Keyring:
        """Return the workspace's keys, looked up again each minute for a rotation; its first key is made here."""
        known = self._rings.get(workspace)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        return await self._read(workspace)

    async def renew(self, workspace: UUID) -> int:
        """Add a key that seals from now on and retire the ones before; they go on opening what they sealed."""
        self.master.reload()
        self._rings.pop(workspace, None)
        rows = await fetch(
            "select number from workspace_keys where workspace = $1 order by number for update", workspace
        )
        number = max((row["number"] for row in rows), default=0) + 1
        await execute(
            "update workspace_keys set retired_at = now() where workspace = $1 and retired_at is null", workspace
        )
        await self._add(workspace, number)
        return number

    async def rewrap(self) -> int:
        """Wrap every workspace's key by the newest master key; returns how many were not yet."""
        rows = await fetch(
            "select workspace, number, wrapped, master_key_id from workspace_keys where master_key_id <> $1 "
            "order by workspace, number for update",
            self.master.current,
        )
        keys = [self.master.unwrap(*row.values()) for row in rows]
        wrapped = [self.master.wrap(row["workspace"], row["number"], key) for row, key in zip(rows, keys, strict=True)]
        return await execute(
            "update workspace_keys k set wrapped = n.wrapped, master_key_id = $1 "
            "from unnest($2::uuid[], $3::int[], $4::bytea[]) as n(workspace, number, wrapped) "
            "where k.workspace = n.workspace and k.number = n.number",
            self.master.current,
            [row["workspace"] for row in rows],
            [row["number"] for row in rows],
            wrapped,
        )

    async def _read(self, workspace: UUID) -> Keyring:
        rows = await fetch(_KEYS, workspace)
        if not rows:
            await self._add(workspace, 1)
            rows = await fetch(_KEYS, workspace)
        ring = Keyring(
            workspace,
            {
                row["number"]: self.master.unwrap(workspace, row["number"], row["wrapped"], row["master_key_id"])
                for row in rows
            },
        )
        # A key made in this very transaction may still be rolled back, so it is not kept.
        if all(row["settled"] for row in rows):
            self._rings[workspace] = (ring, time.monotonic() + LOOK_AGAIN)
        return ring

    async def _add(self, workspace: UUID, number: int) -> None:
        self.master.reload()
        wrapped = self.master.wrap(workspace, number, secrets.token_bytes(KEY_BYTES))
        await execute(
            "insert into workspace_keys (workspace, number, wrapped, master_key_id) values ($1, $2, $3, $4) "
            "on conflict do nothing",
            workspace,
            number,
            wrapped,
            self.master.current,
        )


_KEYS = (
    "select number, wrapped, master_key_id, created_at <> now() as settled from workspace_keys "
    "where workspace = $1 order by number"
)
