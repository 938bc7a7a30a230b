"""`patchdeck bots`."""

import click

from hub.cli.local import load_config
from hub.cli.serve import serve_given


@click.command()
def command() -> None:
    """Serve the chats whose tokens are set, from a database and a Temporal that are already there."""
    config = load_config()
    if config.telegram_token is None and config.slack_bot_token is None:
        raise click.UsageError(
            "Set PATCHDECK_TELEGRAM_TOKEN to the token of a bot (@BotFather on Telegram makes one), "
            "or PATCHDECK_SLACK_BOT_TOKEN to that of a Slack app (Settings, Chat tells where to click)."
        )
    serve_given(config, {"bots"})
