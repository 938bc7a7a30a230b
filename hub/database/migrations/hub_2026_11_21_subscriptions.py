"""Outbound webhooks: subscriptions, what is sent to them, and every try."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:08:000000"
VERSION = "1.38.0"
DESCRIPTION = "Outbound webhooks"


async def forwards() -> MigrationManager:
    """Run `subscriptions.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("subscriptions.sql")

    manager.add_raw(run)
    return manager
