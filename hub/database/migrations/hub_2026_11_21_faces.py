"""What the faces keep: charts, counts by hour, tours, use of connections."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:13:000000"
VERSION = "1.38.0"
DESCRIPTION = "Charts, volumes and tours"


async def forwards() -> MigrationManager:
    """Run `faces.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("faces.sql")

    manager.add_raw(run)
    return manager
