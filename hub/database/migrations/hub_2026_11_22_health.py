"""How connections fare: calls by the hour, rate limits."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-22T00:00:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "Health of connections"


async def forwards() -> MigrationManager:
    """Run `health.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("health.sql")

    manager.add_raw(run)
    return manager
