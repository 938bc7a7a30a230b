"""Golden sets of schemas."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:05:000000"
VERSION = "1.38.0"
DESCRIPTION = "Golden sets"


async def forwards() -> MigrationManager:
    """Run `golden.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("golden.sql")

    manager.add_raw(run)
    return manager
