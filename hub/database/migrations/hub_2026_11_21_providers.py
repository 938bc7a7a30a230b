"""Language models of a workspace's own: providers, their answers, what may leave for them, and training."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from hub.database.migrate import run_file

ID = "2026-11-21T00:00:02:000000"
VERSION = "1.38.0"
DESCRIPTION = "Providers of language models"


async def forwards() -> MigrationManager:
    """Run `providers.sql`."""
    manager = MigrationManager(migration_id=ID, app_name="hub", description=DESCRIPTION)

    async def run() -> None:
        await run_file("providers.sql")

    manager.add_raw(run)
    return manager
