"""Better prompts from corrections: what a field's hint should say, proposed where people had to correct it alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from hub.audit import Audit
from hub.database import Row, execute, fetch, fetch_one, from_jsonb, to_jsonb, transaction
from hub.errors import ConflictError, NotFoundError
from hub.extraction.schemas.document import build_schema, dump_schema
from hub.extraction.schemas.fields import Field, FieldType, Schema
from hub.extraction.schemas.workspace import Schemas
from hub.ids import new_id, parse, show
from hub.members import Member, Verb

PREFIX = "hnt"
# So many corrections must say the same before a hint is proposed.
AGREEING = 2
_SENTENCE = "usually stands {relation} {label!r}"


class HintProposal(msgspec.Struct, frozen=True, kw_only=True):
    """What a field's hint should add, why, and after how many corrections."""

    id: str
    schema: str
    path: str
    hint: str
    why: str
    corrections: int
    state: str
    created_at: datetime


class Hints:
    """Proposes hints by rule from corrections; people decide."""

    def __init__(self, *, schemas: Schemas, audit: Audit) -> None:
        self._schemas = schemas
        self._audit = audit

    async def list(self, member: Member, *, schema: str | None = None) -> Sequence[HintProposal]:
        """Return what is proposed now, the most often corrected fields first."""
        member.authorize(Verb.READ)
        rows = await fetch(_LIST, member.workspace, schema)
        return [_proposal(row) for row in rows]

    async def decide(self, member: Member, reference: str, state: Literal["accepted", "dismissed"]) -> HintProposal:
        """Put a hint into its schema as a new version, or dismiss it for good."""
        member.authorize(Verb.EDIT_SCHEMAS)
        async with transaction():
            row = await fetch_one(_FIND, member.workspace, parse(PREFIX, reference))
            if row is None:
                raise NotFoundError("There is no such proposal in this workspace.")
            if row["state"] != "open":
                raise ConflictError(f"This was {row['state']} already.")
            proposal = _proposal(row)
            if state == "accepted":
                await self._accept(member, proposal)
            await execute(_DECIDE, row["id"], state, member.user)
            await self._audit.record(member, "hint.decide", reference, {"path": proposal.path, "state": state})
        return msgspec.structs.replace(proposal, state=state)

    async def propose(self, workspace: UUID, schema: str) -> None:
        """Propose for every field of a schema whose corrections agree beside which label it stands."""
        rows = await fetch(_AGREED, workspace, AGREEING, schema)
        drafts = [
            {
                "schema": row["schema_name"],
                "path": row["path"],
                "hint": _SENTENCE.format(relation=row["relation"], label=row["label"]),
            }
            for row in rows
        ]
        why = [f"{row['agreeing']} corrections found it there." for row in rows]
        evidence = [{"corrections": row["agreeing"], "label": row["label"]} for row in rows]
        await execute(
            _PROPOSE,
            workspace,
            [new_id() for _ in rows],
            [to_jsonb(draft) for draft in drafts],
            why,
            [to_jsonb(one) for one in evidence],
        )

    async def _accept(self, member: Member, proposal: HintProposal) -> None:
        view = await self._schemas.find(member, proposal.schema)
        changed = with_hint(build_schema(view.document), proposal.path, proposal.hint)
        if changed is None:
            raise ConflictError(f"The schema {proposal.schema} has no field {proposal.path} any more.")
        note = f"Hint for {proposal.path}"
        await self._schemas.put(member, proposal.schema, dump_schema(changed), revision=view.revision, note=note)


def with_hint(schema: Schema, path: str, hint: str) -> Schema | None:
    """Return a schema whose field's hint says more; None when there is no such field."""
    fields = _with_hint(schema.spec.fields, path.replace("[]", "").split("."), hint)
    if fields is None:
        return None
    changed = msgspec.structs.replace(schema, spec=msgspec.structs.replace(schema.spec, fields=fields))
    return build_schema(msgspec.to_builtins(changed))


def _with_hint(fields: tuple[Field, ...], names: Sequence[str], hint: str) -> tuple[Field, ...] | None:
    index = next((position for position, field in enumerate(fields) if field.name == names[0]), None)
    if index is None:
        return None
    field = fields[index]
    if len(names) > 1:
        inner = _with_hint(field.fields, names[1:], hint)
        if inner is None:
            return None
        field = msgspec.structs.replace(field, fields=inner)
    elif field.type is FieldType.OBJECT:
        return None
    else:
        said = field.hint.rstrip(". ")
        field = msgspec.structs.replace(field, hint=f"{said}; {hint}" if said else f"{hint[:1].upper()}{hint[1:]}")
    return (*fields[:index], field, *fields[index + 1 :])


def _proposal(row: Row) -> HintProposal:
    draft, evidence = from_jsonb(row["draft"]), from_jsonb(row["evidence"])
    return HintProposal(
        id=show(PREFIX, row["id"]),
        schema=draft["schema"],
        path=draft["path"],
        hint=draft["hint"],
        why=row["why"],
        corrections=evidence["corrections"],
        state=row["state"],
        created_at=row["created_at"],
    )


# Of each field the label that most corrections name, when no proposal for it was made before that says the same.
_AGREED = (
    "select distinct on (schema_name, path) * from ("
    "select e.schema_name, regexp_replace(c.path, '\\[[0-9]+\\]', '[]', 'g') as path, "
    "c.evidence->>'relation' as relation, c.evidence->>'label' as label, count(distinct c.extraction) as agreeing "
    "from corrections c join extractions e on e.workspace = c.workspace and e.id = c.extraction "
    "where c.workspace = $1 and e.schema_name = $3 and c.undone_at is null and c.kind = 'set' "
    "and c.evidence->>'label' <> '' "
    "group by 1, 2, 3, 4 having count(distinct c.extraction) >= $2) as found "
    "where not exists (select 1 from proposals p where p.workspace = $1 and p.kind = 'hint' "
    "and p.draft->>'schema' = found.schema_name and p.draft->>'path' = found.path "
    "and (p.state = 'open' or p.evidence->>'label' = found.label)) "
    "order by schema_name, path, agreeing desc, label"
)
_PROPOSE = (
    "insert into proposals (id, workspace, kind, draft, why, evidence, made_by) "
    "select n.id, $1, 'hint', n.draft, n.why, n.evidence, 'corrections' "
    "from unnest($2::uuid[], $3::jsonb[], $4::text[], $5::jsonb[]) as n(id, draft, why, evidence) "
    "on conflict do nothing"
)
_LIST = (
    "select * from proposals where workspace = $1 and kind = 'hint' and state = 'open' "
    "and ($2::text is null or lower(draft->>'schema') = lower($2)) "
    "order by (evidence->>'corrections')::int desc, id limit 200"
)
_FIND = "select * from proposals where workspace = $1 and kind = 'hint' and id = $2 for update"
_DECIDE = "update proposals set state = $2, decided_by = $3, decided_at = now() where id = $1"
