"""Bring the schema up to date; only one process does so at a time."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path

import asyncpg

from hub.database.engine import DB, execute, fetch_one

LOCK = 0x5061746368


async def migrate() -> bool:
    """Run the migrations that are missing, under an advisory lock; tells whether anything was run."""
    os.environ.setdefault("PICCOLO_CONF", "hub.database.conf")
    from piccolo.apps.migrations.commands.forwards import run_forwards

    holder = await asyncpg.connect(**DB.config)
    try:
        await holder.execute("select pg_advisory_lock($1)", LOCK)
        before = await _count()
        words = io.StringIO()
        with contextlib.redirect_stdout(words), contextlib.redirect_stderr(words):
            result = await run_forwards(app_name="hub")
        if not result.success:
            raise RuntimeError(f"The database could not be brought up to date: {result.message}")
        return await _count() > before
    finally:
        await holder.close()


async def run_file(name: str) -> None:
    """Run one SQL file of this folder's migrations as a whole."""
    await execute((Path(__file__).parent / "migrations" / name).read_text(encoding="utf-8"))


async def _count() -> int:
    present = await fetch_one("select to_regclass('migration') is not null as present")
    if present is None or not present["present"]:
        return 0
    row = await fetch_one("select count(*) as done from migration where app_name = 'hub'")
    return int(row["done"]) if row else 0
