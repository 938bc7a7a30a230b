"""Extractions in a history: settings, tags, previews, repeats, batches and templates."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:06:000000"
VERSION = "1.38.0"
DESCRIPTION = "The history of extractions"


async def forwards() -> MigrationManager:
    """Run `history.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("history.sql")

    manager.add_raw(run)
    return manager
