"""Chat services: how they fare, shared buttons, and channels that are told."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:40:000000"
VERSION = "1.38.0"
DESCRIPTION = "Chat services"


async def forwards() -> MigrationManager:
    """Run `carriers.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("carriers.sql")

    manager.add_raw(run)
    return manager
