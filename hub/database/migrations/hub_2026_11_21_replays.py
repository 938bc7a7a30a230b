"""Dead letters with an owner and an end, and replays of many items at once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:12:000000"
VERSION = "1.38.0"
DESCRIPTION = "Bulk replay and closed dead letters"


async def forwards() -> MigrationManager:
    """Run `replays.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("replays.sql")

    manager.add_raw(run)
    return manager
