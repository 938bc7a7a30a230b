"""The App Home: how things stand, what waits and which recipes there are, with buttons."""

from __future__ import annotations

from typing import Any

from bots import linking
from bots.conversation import Conversation
from bots.replies import Button, Reply
from bots.slack.rendering import LINK, OPEN_FORM, SAY, Blocks, header, plain, pressable, render
from hub.identities import Identity

_SHOWN = (("How things stand", "status"), ("What waits for an answer", "reviews"), ("Recipes", "recipes"))
_TO_STATUS = frozenset({"reviews", "runs", "recipes"})


async def home_blocks(conversation: Conversation, identity: Identity | None, url: str) -> Blocks:
    """Return the blocks of somebody's App Home; strangers read how to link their account."""
    if identity is None:
        how = Reply(text=linking.how_to_link(url))
        return [header("Patchdeck"), *render(how, url), _doors(url, linked=False)]
    blocks: Blocks = [header("Patchdeck"), _doors(url, linked=True)]
    for title, word in _SHOWN:
        reply = await conversation.show(identity, word)
        shown = [(one, one.command) for one in reply.buttons if not (word == "status" and one.command in _TO_STATUS)]
        blocks += [{"type": "divider"}, header(title), *render(reply, url), *pressable(shown, f"{SAY}:{word}")]
    return blocks


def _doors(url: str, *, linked: bool) -> dict[str, Any]:
    elements: list[dict[str, Any]] = [
        {"type": "button", "text": plain("Open Patchdeck"), "action_id": LINK, "url": url}
    ]
    if linked:
        form: dict[str, Any] = {
            "type": "button", "text": plain("New recipe"), "action_id": OPEN_FORM, "style": "primary",
        }  # fmt: skip
        shown, value = Button("What I can say", "help"), "help"
        elements = [form, *pressable([(shown, value)], f"{SAY}:help")[0]["elements"], *elements]
    return {"type": "actions", "elements": elements}
