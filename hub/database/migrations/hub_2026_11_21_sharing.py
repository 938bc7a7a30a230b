"""Fair shares of the work on batches, and texts that go with their last extraction."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:09:000000"
VERSION = "1.38.0"
DESCRIPTION = "Fair shares of batches, and texts to forget"


async def forwards() -> MigrationManager:
    """Run `sharing.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("sharing.sql")

    manager.add_raw(run)
    return manager
