"""Comparisons of drafts with the past: which items, how far, and what differs for each."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:10:000000"
VERSION = "1.38.0"
DESCRIPTION = "Comparisons of drafts with the past"


async def forwards() -> MigrationManager:
    """Run `comparisons.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("comparisons.sql")

    manager.add_raw(run)
    return manager
