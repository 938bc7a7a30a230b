"""The table of commands. Each is imported when it is called, so that the quick ones stay quick."""

from importlib import import_module
from importlib.util import find_spec

import click

from hub.errors import HubError
from hub.supervisor.errors import StartError

_COMMANDS = {
    "up": "Start everything on this machine.",
    "web": "Serve pages, API and webhooks, one of any number.",
    "worker": "Work through runs, one of any number.",
    "bots": "Serve chats.",
    "mcp": "Lend a hub's tools to an AI assistant, over stdin and stdout.",
    "extract": "Extract records from documents, with nothing running.",
    "schema": "Extraction schemas.",
    "recipe": "Recipes: check, publish, plan, run.",
    "run": "Runs: watch, retry, replay, undo.",
    "connector": "The services that can be talked to.",
    "connection": "Stored credentials.",
    "dataset": "Tables inside the hub.",
    "webhook": "What happens here, sent to other programs.",
    "user": "People and their roles.",
    "key": "API keys.",
    "eval": "Quality of extraction on documents with known values.",
    "db": "The database: migrate, back up, restore.",
    "doctor": "Check every part and say how to mend it.",
    "completion": "Complete commands by the Tab key.",
    "version": "Show the version.",
}
_INTERNAL = {"_serve": "serve", "_migrate": "migrate", "_demo": "demo", "_simulated": "simulated"}


class CommandTable(click.Group):
    """Commands by name from the modules of this package; one that has not been written is not shown."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """Name the commands in the order of the table."""
        return [name for name in _COMMANDS if find_spec(f"{__package__}.{name}")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # click's signature
        """Import a command's module, which offers it as `group` or `command`."""
        module_name = f"{__package__}.{_INTERNAL.get(cmd_name, cmd_name)}"
        if cmd_name not in {*_COMMANDS, *_INTERNAL} or not find_spec(module_name):
            return None
        module = import_module(module_name)
        found: click.Command = getattr(module, "group", None) or module.command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name]) for name in self.list_commands(ctx)])

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; what a service or the file system refuses becomes a sentence on stderr and exit code 1."""
        try:
            return super().invoke(ctx)
        except HubError as error:
            raise click.ClickException(_told(error)) from error
        except StartError as error:
            raise click.ClickException(str(error)) from error
        except OSError as error:
            if error.filename is None:
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}") from error


def _show_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        click.echo(f"patchdeck {version('patchdeck')}")
        ctx.exit()


@click.command(cls=CommandTable, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def main() -> None:
    """Patchdeck: documents and events come in, checked records go out."""


def _told(error: HubError) -> str:
    named = [f"  {one.path}: {one.message}" for one in error.errors if one.message not in error.message]
    return "\n".join([error.message, *named])
