"""Decisions of people: who may answer, until when, what they answered, and the mails about it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "Decisions of people"


async def forwards() -> MigrationManager:
    """Run `review.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("review.sql")

    manager.add_raw(run)
    return manager
