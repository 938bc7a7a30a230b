"""Mails to those whom dead letters were given to."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:44:000000"
VERSION = "1.38.0"
DESCRIPTION = "Notices of dead letters that became somebody's"


async def forwards() -> MigrationManager:
    """Run `letters.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("letters.sql")

    manager.add_raw(run)
    return manager
