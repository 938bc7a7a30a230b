"""`patchdeck completion`: commands, verbs and options completed by the Tab key."""

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")
PROGRAM = "patchdeck"
VARIABLE = "_PATCHDECK_COMPLETE"


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands, verbs and options.

    For bash, put `eval "$(patchdeck completion bash)"` into ~/.bashrc; for zsh the same with its name into ~/.zshrc.
    For fish, write it to ~/.config/fish/completions/patchdeck.fish.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise click.ClickException(f"Commands cannot be completed in {shell}; use one of {', '.join(SHELLS)}.")
    # The script alone: click's own check of the version of bash would start one.
    made = kind(context.find_root().command, {}, PROGRAM, VARIABLE)
    click.echo(made.source_template % made.source_vars())
