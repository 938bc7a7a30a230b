"""Records that two systems keep in step."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-22T00:00:02:000000"
VERSION = "1.38.0"
DESCRIPTION = "Synced records"


async def forwards() -> MigrationManager:
    """Run `syncing.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("syncing.sql")

    manager.add_raw(run)
    return manager
