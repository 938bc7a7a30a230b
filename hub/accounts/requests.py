"""`Idempotency-Key`: a request sent again is answered again, not done again."""

from __future__ import annotations

from uuid import UUID

import msgspec

from hub.database import execute, fetch_one, from_jsonb, to_jsonb
from hub.errors import ConflictError, InvalidError
from hub.sealing import Vault, place

LONGEST_KEY = 255
KEPT_HOURS = 24
ABANDONED_MINUTES = 10
LARGEST_ANSWER = 1024 * 1024


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a request was answered with; the body may hold a secret that is told once, so it is stored sealed."""

    status: int
    headers: dict[str, str]
    body: bytes


class Requests:
    """Remembers answers for a day, by workspace, key and route."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def begin(self, workspace: UUID, key: str, route: str, request_hash: bytes) -> Answer | None:
        """Claim a key; returns the former answer when the same request was done before.

        ConflictError while the first one is still being worked on, InvalidError when the key came with another body.
        """
        if not key or len(key) > LONGEST_KEY:
            raise InvalidError(f"An Idempotency-Key has 1 to {LONGEST_KEY} characters.")
        if await fetch_one(_CLAIM, workspace, key, route, request_hash, KEPT_HOURS, ABANDONED_MINUTES):
            return None
        row = await fetch_one(
            "select request_hash, status, headers, body from idempotent_requests "
            "where workspace = $1 and key = $2 and route = $3",
            workspace,
            key,
            route,
        )
        if row is not None and row["request_hash"] != request_hash:
            raise InvalidError("This Idempotency-Key was used for another request; take a new key.")
        if row is None or row["status"] is None:
            raise ConflictError("The first request with this Idempotency-Key is still being worked on.", retry_after=1)
        body = await self._vault.open(workspace, _where(key, route), row["body"])
        return Answer(status=row["status"], headers=from_jsonb(row["headers"]), body=body)

    async def finish(self, workspace: UUID, key: str, route: str, answer: Answer) -> None:
        """Keep the answer; one too large to keep lets the key go again."""
        if len(answer.body) > LARGEST_ANSWER:
            await self.release(workspace, key, route)
            return
        await execute(
            "update idempotent_requests set status = $4, headers = $5, body = $6 "
            "where workspace = $1 and key = $2 and route = $3",
            workspace,
            key,
            route,
            answer.status,
            to_jsonb(answer.headers),
            await self._vault.seal(workspace, _where(key, route), answer.body),
        )

    async def release(self, workspace: UUID, key: str, route: str) -> None:
        """Let a key go whose request failed on our side, so that it can be sent again."""
        await execute(
            "delete from idempotent_requests where workspace = $1 and key = $2 and route = $3", workspace, key, route
        )


def _where(key: str, route: str) -> str:
    return place("idempotent_requests", f"{route} {key}", "body")


# A key is free when nobody has it, its day is over, or its first request died with its process.
_CLAIM = """
insert into idempotent_requests as r (workspace, key, route, request_hash) values ($1, $2, $3, $4)
on conflict (workspace, key, route) do update
set request_hash = excluded.request_hash, status = null, headers = null, body = null, created_at = now()
where r.created_at < now() - make_interval(hours => $5)
or (r.status is null and r.created_at < now() - make_interval(mins => $6))
returning 1
"""
