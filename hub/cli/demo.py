"""The step of `up --demo` that seeds the demo workspace and says what came of the samples."""

import asyncio

import click

from hub import database
from hub.cli import output
from hub.cli.local import load_config
from hub.config import Config


@click.command(hidden=True)
def command() -> None:
    """Seed the demo, watch the samples flow, and tell how many are as expected."""
    right, count = asyncio.run(_show(load_config()))
    click.echo(f"{right} of {count} samples as expected")
    raise SystemExit(0 if right == count else 1)


async def _show(config: Config) -> tuple[int, int]:
    from hub.composition import build
    from hub.demo.show import outcomes, seed
    from hub.supervisor.up import DEMO_FOLDER
    from temporal.engine import TemporalEngine, connect

    engine = TemporalEngine()
    await database.connect(str(config.database_url), min_size=1, max_size=4)
    built = build(config, engine)
    try:
        engine.attach(await connect(str(config.temporal_address), config.temporal_namespace))
        folder = config.data_dir / DEMO_FOLDER
        member = await seed(built.services, folder)
        right = count = 0
        async for outcome in outcomes(built.services, member, folder):
            count += 1
            right += not outcome.differences
            output.say(f"  {'ok ' if not outcome.differences else 'NOT'} {outcome.name}")
            for difference in outcome.differences:
                output.say(f"        {difference}")
        return right, count
    finally:
        built.services.extractions.close()
        await built.contexts.close()
        await database.close()
