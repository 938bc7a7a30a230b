"""The table of commands: one grammar for every chat service."""

from __future__ import annotations

from collections.abc import Mapping

from bots.asked import Asked, Command, command
from bots.decisions import approve, reject, reviews
from bots.drafting.wizard import new
from bots.extracting import extract
from bots.finding import clipped
from bots.grammar import close_to, did_you_mean
from bots.linking import connect, disconnect, notices
from bots.recipes import pause, plan, publish, recipes, resume, run, show
from bots.replies import Button, Reply, Table
from bots.runs import runs, status
from hub.errors import NotFoundError

_SAME = {
    "start": "help",
    "commands": "help",
    "list": "recipes",
    "stop": "cancel",
    "link": "connect",
    "accept": "approve",
}


@command("[command]")
async def help_(asked: Asked) -> Reply:
    """Show what you can say."""
    if asked.argument:
        one = find(asked.argument)
        if one is None:
            raise NotFoundError(unknown(asked.argument))
        return Reply(text=f"{one.usage}\n{one.text}")
    return Reply(
        text="This is what you can say, with or without a slash. Send a file to extract from it.",
        table=Table(("Say", "to"), [(one.usage, one.text) for one in COMMANDS.values()]),
        buttons=[Button("Recipes", "recipes"), Button("Status", "status"), Button("What waits", "reviews")],
    )


@command()
async def cancel(asked: Asked) -> Reply:
    """Stop the recipe that is being drafted."""
    ended = await asked.wizards.end(asked.identity)
    return Reply(text="Stopped; nothing was saved." if ended else "There is nothing to stop.")


COMMANDS: Mapping[str, Command] = {
    one.word: one
    for one in (
        help_, recipes, new, show, run, plan, publish, pause, resume, runs, status, extract, reviews, approve, reject,
        connect, disconnect, notices, cancel,
    )
}  # fmt: skip


def find(word: str) -> Command | None:
    """Return the command of a word, its usual other names included."""
    plain = word.strip().lstrip("/").lower()
    return COMMANDS.get(_SAME.get(plain, plain))


def unknown(word: str) -> str:
    """Return what to say to a word that is no command."""
    meant = did_you_mean(close_to(word, COMMANDS))
    return f"I do not know {clipped(word, 40)!r}.{meant} Say help to see what you can say."
