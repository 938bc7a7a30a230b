"""A workspace with very much in it: a hundred thousand runs with items, tries and deliveries, written straight down."""

from __future__ import annotations

from uuid import UUID

import asyncpg

RUNS = 100_000
RECIPES = 200
EACH_DEAD = 20
ANALYSED = ("runs", "items", "attempts", "deliveries", "triggers", "documents")


async def crowd(url: str, runs: int = RUNS, recipes: int = RECIPES) -> UUID:
    """Fill the first workspace of a hub's database, set by set; returns one of its runs with a dead letter."""
    connection = await asyncpg.connect(url)
    try:
        workspace = await connection.fetchval("select id from workspaces order by id limit 1")
        for statement in (_DOCUMENTS, _VERSIONS, _TRIGGERS):
            await connection.execute(statement, workspace, recipes)
        await connection.execute(_RUNS, workspace, runs, recipes, EACH_DEAD)
        for statement in (_ITEMS, _ATTEMPTS, _DELIVERIES):
            await connection.execute(statement, workspace)
        for table in ANALYSED:
            await connection.execute(f"analyze {table}")
        found: UUID = await connection.fetchval(_ONE, workspace)
        return found
    finally:
        await connection.close()


# Ids sort by time, as the hub's own do: the milliseconds stand first.
_ID = "(lpad(to_hex((extract(epoch from {at}) * 1000)::bigint), 12, '0') || '7' || substr(md5({of}), 1, 19))::uuid"
_DOCUMENTS = """
insert into documents (id, workspace, kind, name, title, active_version, draft)
select md5($1::uuid::text || n)::uuid, $1::uuid, 'recipe', 'crowd-' || n, 'Crowd ' || n, 1, json_build_object(
    'apiVersion', 'patchdeck/v1', 'kind', 'Recipe', 'metadata', json_build_object('name', 'crowd-' || n),
    'spec', json_build_object('trigger', json_build_object('uses', 'webhook.received'), 'steps', json_build_array(
        json_build_object('id', 'keep', 'uses', 'set',
            'with', json_build_object('fields', json_build_object('a', 1))))))
from generate_series(1, $2) n"""
_VERSIONS = """
insert into document_versions (workspace, document, number, content, hash)
select workspace, id, 1, draft, '' from documents where workspace = $1 and name like 'crowd-%' and $2 > 0"""
_TRIGGERS = """
insert into triggers (recipe, workspace, version, kind, uses, state, hook_token, last_event_at, failures, message)
select id, workspace, 1, 'webhook', 'webhook.received', 'live', md5(id::text), now(),
    case when random() < 0.02 and $2 > 0 then 3 else 0 end, ''
from documents where workspace = $1 and name like 'crowd-%'"""
_RUNS = f"""
insert into runs (id, workspace, recipe, version, state, total, delivered, dead, started_at, ended_at)
select {_ID.format(at="at", of="$1::uuid::text || n")}, $1::uuid,
    md5($1::uuid::text || (n % $3 + 1))::uuid, 1, 'done', 2,
    case when n % $4 = 0 then 1 else 2 end, case when n % $4 = 0 then 1 else 0 end, at, at + interval '90 ms'
from (select n, now() - n * interval '25 s' as at from generate_series(1, $2) n) numbered"""
_ITEMS = f"""
insert into items (id, workspace, recipe, version, state, run, step, title, key, content, reason, reason_kind,
    accepted_at, ended_at)
select {_ID.format(at="r.started_at", of="r.id::text || n")}, $1, r.recipe, 1,
    case when r.dead >= n then 'dead' else 'delivered' end, r.id, case when r.dead >= n then 'keep' end,
    'Order ' || r.id || ' ' || n, r.id::text || n, jsonb_build_object('body', jsonb_build_object('total', n)),
    case when r.dead >= n then 'The service refused order ' || n || '.' end,
    case when r.dead >= n then 'SettingsError' end, r.started_at, r.ended_at
from runs r, generate_series(1, 2) n where r.workspace = $1"""
_ATTEMPTS = """
insert into attempts (item, step, run, workspace, state, input, output, error_kind, message, started_at,
    took_ms)
select id, 'keep', run, $1, case when state = 'dead' then 'failed' else 'done' end, content, content, reason_kind,
    reason, accepted_at, 12 from items where workspace = $1"""
_DELIVERIES = """
insert into deliveries (key, id, workspace, recipe, version, run, item, step, target, effect, state, request,
    reference, message, written_at, settled_at)
select md5(id::text), id, $1, recipe, 1, run, id, 'keep', 'http.send', 'send',
    case when state = 'dead' then 'failed' else 'sent' end, '{}', left(title, 40), reason, accepted_at, ended_at
from items where workspace = $1"""
_ONE = "select id from runs where workspace = $1 and dead > 0 order by id desc limit 1"
