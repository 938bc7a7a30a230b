"""Tokens of connections whose services grant access, and hand-offs that wait."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:14:000000"
VERSION = "1.38.0"
DESCRIPTION = "Granted access of connections"


async def forwards() -> MigrationManager:
    """Run `grants.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("grants.sql")

    manager.add_raw(run)
    return manager
