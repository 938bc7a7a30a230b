"""Trying things out: pins, tries, listening for an event."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:11:000000"
VERSION = "1.38.0"
DESCRIPTION = "Pins, tries, listenings"


async def forwards() -> MigrationManager:
    """Run `trying.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("trying.sql")

    manager.add_raw(run)
    return manager
