"""Chat: identities linked to members, buttons, what came in and what is told."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:07:000000"
VERSION = "1.38.0"
DESCRIPTION = "Chat identities"


async def forwards() -> MigrationManager:
    """Run `identities.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("identities.sql")

    manager.add_raw(run)
    return manager
