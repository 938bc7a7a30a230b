"""Answers that models gave before, kept sealed, so that the same question costs nothing twice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

import msgspec

from hub.database import execute, fetch_one
from hub.extraction.language_models.prompt import VERSION
from hub.providers import OpenProvider
from hub.sealing import Vault, place

# Longer than a person takes to come back to a document, shorter than a provider keeps a model unchanged.
_DAYS = 30


class Memory:
    """The kept answers of one workspace."""

    def __init__(self, vault: Vault, workspace: UUID) -> None:
        self._vault = vault
        self._workspace = workspace

    async def recall(self, asked: bytes) -> str | None:
        """Return the answer to a question that was asked in the last 30 days."""
        row = await fetch_one(_RECALL, self._workspace, asked, _DAYS)
        if row is None:
            return None
        return (await self._vault.open(self._workspace, _place(asked), row["content"])).decode()

    async def keep(self, asked: bytes, source: str, answer: str) -> None:
        """Keep an answer while the source it is about is there, and forget a few that are too old."""
        sealed = await self._vault.seal(self._workspace, _place(asked), answer.encode())
        await execute(_KEEP, self._workspace, asked, bytes.fromhex(source), sealed)
        await execute(_SWEEP, _DAYS)


def fingerprint(provider: OpenProvider, asked: object, pictures: Sequence[bytes]) -> bytes:
    """Hash everything that decides an answer: who is asked, and what, in the words in which it leaves."""
    shown = [hashlib.sha256(picture).hexdigest() for picture in pictures]
    told = [VERSION, provider.base_url, provider.model.name, asked, shown]
    return hashlib.sha256(msgspec.json.encode(told)).digest()


def _place(asked: bytes) -> str:
    return place("model_answers", asked.hex(), "content")


_RECALL = (
    "select content from model_answers where workspace = $1 and asked = $2 "
    "and created_at > now() - make_interval(days => $3)"
)
# Whoever deletes what was read of the source waits for this, or this for them.
_KEEP = (
    "with there as materialized ("
    "select id from readings where workspace = $1 and sha256 = $3 order by id for key share) "
    "insert into model_answers (workspace, asked, source, content) "
    "select $1::uuid, $2::bytea, $3::bytea, $4::bytea where exists (select from there) "
    "on conflict (workspace, asked) do update set source = excluded.source, content = excluded.content, "
    "created_at = now()"
)
_SWEEP = (
    "delete from model_answers where (workspace, asked) in (select workspace, asked from model_answers "
    "where created_at < now() - make_interval(days => $1) order by created_at limit 20 for update skip locked)"
)
