"""Ways of reading, corrected readings, captured pages."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:04:000000"
VERSION = "1.38.0"
DESCRIPTION = "Ways of reading, corrections, captures"


async def forwards() -> MigrationManager:
    """Run `readings.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("readings.sql")

    manager.add_raw(run)
    return manager
