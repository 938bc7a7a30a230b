"""Where tries are kept: the latest one for each step, sample and loop element, sealed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from connectors.sdk import Change
from hub.database import Row, execute, fetch, from_jsonb, to_jsonb
from hub.ids import new_id
from hub.members import Member
from hub.runs.trying.views import Tried
from hub.sealing import Vault, place

LARGEST = 5_000_000
WHOLE = -1
TOO_LARGE = "What it gave is too large to be kept; later steps cannot be tried with it."


class KeptTry(msgspec.Struct, frozen=True, kw_only=True):
    """A try as it was kept, with the fingerprints that tell whether it still holds."""

    sample: UUID
    tried: Tried
    made_by: str
    given: str


class Content(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The sealed part of a try."""

    input: Any = None
    output: Any = None
    elements: int | None = None
    changes: Sequence[Change] = ()
    problem: str | None = None
    message: str = ""
    log: Sequence[str] = ()


class TryStore:
    """Reads and writes tries; a newer one takes the place of the one before."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def keep(self, member: Member, recipe: UUID, tries: Sequence[KeptTry]) -> None:
        """Keep tries in one statement."""
        if not tries:
            return
        identities = [new_id() for _ in tries]
        sealed = [
            await self._vault.seal(member.workspace, place("tries", identity, "kept"), _written(one.tried))
            for identity, one in zip(identities, tries, strict=True)
        ]
        made = [one.tried for one in tries]
        await execute(
            _KEEP, member.workspace, recipe, member.user, identities, [one.step for one in made],
            [one.sample for one in tries], [WHOLE if one.element is None else one.element for one in made],
            [one.state for one in made], sealed, [one.made_by for one in tries], [one.given for one in tries],
            [one.took_ms for one in made], [one.tokens for one in made], [one.cost_usd for one in made],
        )  # fmt: skip

    async def of(self, workspace: UUID, recipe: UUID, samples: Sequence[UUID]) -> Sequence[KeptTry]:
        """Return the tries over some samples."""
        rows = await fetch(_OF, workspace, recipe, list(samples))
        return [await self._opened(workspace, row) for row in rows]

    async def newest_sample(self, workspace: UUID, recipe: UUID) -> UUID | None:
        """Return the sample that was tried last."""
        rows = await fetch(_NEWEST, workspace, recipe)
        return rows[0]["sample"] if rows else None

    async def _opened(self, workspace: UUID, row: Row) -> KeptTry:
        text = await self._vault.open(workspace, place("tries", row["id"], "kept"), row["kept"])
        kept = msgspec.json.decode(text, type=Content)
        tried = Tried(
            step=row["step"], element=None if row["element"] == WHOLE else row["element"], state=row["state"],
            took_ms=row["took_ms"], tokens=row["tokens"], cost_usd=float(row["cost_usd"]), at=row["tried_at"],
            **msgspec.structs.asdict(kept),
        )  # fmt: skip
        return KeptTry(sample=row["sample"], tried=tried, made_by=row["made_by"], given=row["given"])


def plain(value: Any) -> Any:
    """Return a value as it is when it has been kept and read again."""
    return from_jsonb(to_jsonb(value))


def _written(tried: Tried) -> bytes:
    """Encode what is sealed; an output that is too large stays away, and the try says so."""
    kept = Content(**{field: getattr(tried, field) for field in Content.__struct_fields__})
    written = to_jsonb(msgspec.to_builtins(kept)).encode()
    if len(written) <= LARGEST:
        return written
    small = Content(problem=kept.problem, message=f"{TOO_LARGE} {kept.message}".strip(), elements=kept.elements)
    return to_jsonb(msgspec.to_builtins(small)).encode()


# The samples first, as whoever removes one does; of one that was removed meanwhile nothing is kept.
_KEEP = """
with held as materialized (select id from items where workspace = $1 and id = any($6::uuid[]) order by id for key share)
insert into tries (id, workspace, recipe, tried_by, step, sample, element, state, kept, made_by, given, took_ms, tokens,
    cost_usd)
select t.id, $1, $2, $3, t.step, t.sample, t.element, t.state, t.kept, t.made_by, t.given, t.took_ms, t.tokens, t.cost
from unnest($4::uuid[], $5::text[], $6::uuid[], $7::int[], $8::text[], $9::bytea[], $10::text[], $11::text[],
    $12::float8[], $13::int[], $14::float8[])
    as t(id, step, sample, element, state, kept, made_by, given, took_ms, tokens, cost)
join held on held.id = t.sample order by t.sample, t.step, t.element
on conflict (recipe, step, sample, element) do update set id = excluded.id, state = excluded.state,
    kept = excluded.kept, made_by = excluded.made_by, given = excluded.given, took_ms = excluded.took_ms,
    tokens = excluded.tokens, cost_usd = excluded.cost_usd, tried_by = excluded.tried_by, tried_at = now()"""
_OF = """
select * from tries where workspace = $1 and recipe = $2 and sample = any($3::uuid[]) order by tried_at, id"""
_NEWEST = """
select sample from tries where workspace = $1 and recipe = $2 order by tried_at desc limit 1"""
