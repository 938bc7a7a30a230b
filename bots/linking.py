"""Commands about the account itself, and what those are told who are nobody here yet."""

from __future__ import annotations

from bots.asked import Asked, command
from bots.replies import Reply
from hub.errors import InvalidError

SWITCH = {"on": True, "off": False}


@command("<code>", acts=True)
async def connect(asked: Asked) -> Reply:
    """Link this chat account to another member, by a code made in Patchdeck."""
    email = await asked.services.identities.email(asked.identity)
    raise InvalidError(f"This account is linked to {email}. Say disconnect first, then connect and the new code.")


@command(acts=True)
async def disconnect(asked: Asked) -> Reply:
    """Unlink this chat account."""
    await asked.services.identities.remove(asked.member, asked.identity.id)
    return Reply(text="This account is no longer linked. Say connect and a new code to link it again.")


@command("on|off|here", acts=True)
async def notices(asked: Asked) -> Reply:
    """Say whether and where you are told of failures and of what waits: to you, in this channel, or not at all."""
    if asked.argument.lower() == "here":
        return await _notices_here(asked)
    wanted = SWITCH.get(asked.argument.lower())
    if wanted is None:
        state = "on" if asked.identity.notices else "off"
        raise InvalidError(f"Notices are {state}. Say notices on or notices off, or in a channel notices here.")
    await asked.services.identities.tell(asked.identity, notices=wanted)
    return Reply(text="You are told here of failures and of what waits." if wanted else "You are told nothing here.")


async def _notices_here(asked: Asked) -> Reply:
    if not asked.room:
        raise InvalidError("Say this in the channel that is to be told; here, say notices on.")
    await asked.services.identities.tell(asked.identity, notices=True, room=asked.room)
    return Reply(
        text="This channel is told of failures and of what waits, as far as you may see it. "
        "Everybody in it reads along. Say notices on to be told alone again."
    )


def how_to_link(url: str) -> str:
    """Tell somebody who is nobody here yet how to become somebody."""
    return (
        "I do not know you yet. Sign in to Patchdeck, make a code for chat there, "
        f"and send it to me within ten minutes: connect CODE\n{url}"
    )
