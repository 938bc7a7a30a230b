"""The privacy policy: what is done with personal data before a document leaves for a provider."""

from __future__ import annotations

from nicegui import ui

from hub.errors import InvalidError
from hub.members import Member, Verb
from hub.privacy import Action, Kind, Policy
from hub.text import say
from ui.pieces import button, card, div, words
from ui.visit import Visit


async def privacy(visit: Visit) -> None:
    """Draw the policy in force; owners change it."""
    view = await visit.services.privacy.show(visit.opened_by)
    may = visit.may(Verb.EDIT_WORKSPACE)
    with div("pd-stack-wide"):
        words(say("privacy.text"), "pd-soft")
        with card():
            words(say("privacy.what"), tag="h3")
            action = ui.radio({one.value: say(f"privacy.action_{one.value}") for one in Action},
                              value=view.policy.action.value).mark("privacy-action")  # fmt: skip
            words(say("privacy.kinds"), tag="h3")
            with div("pd-checks"):
                kinds = {
                    kind: ui.checkbox(say(f"privacy.kind_{kind.value}"), value=kind in view.policy.kinds)
                    for kind in Kind
                }
            exempt = ui.switch(say("privacy.exempt"), value=view.policy.exempt_local).mark("exempt-local")

            async def keep(member: Member) -> None:
                chosen = tuple(kind for kind, box in kinds.items() if box.value)
                if not chosen:
                    raise InvalidError(say("privacy.no_kind"))
                policy = Policy(action=Action(action.value), kinds=chosen, exempt_local=exempt.value)
                await visit.services.privacy.change(member, policy)

            allowed = "" if may else say("privacy.right")
            button(say("connection.save"), "save-privacy", visit.does(keep, done=say("connection.saved")),
                   kind="primary", allowed=allowed)  # fmt: skip
