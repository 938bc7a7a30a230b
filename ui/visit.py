"""One look at a page: who looks, asked again at every click, and what happens when a click fails."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from fastapi import Request
from nicegui import context, ui

from hub.accounts import Profile
from hub.errors import HubError, UnauthorizedError
from hub.members import Member, Verb
from hub.outages import GONE, outage_of
from hub.text import say
from ui.services import Services

COOKIE = "patchdeck_session"
THEME_COOKIE = "patchdeck_theme"
NAVIGATION_COOKIE = "patchdeck_navigation"

Act = Callable[[Member], Awaitable[None]]


class Visit:
    """The services, the request that opened the page, and the member as they were then."""

    def __init__(self, services: Services, request: Request, member: Member) -> None:
        self.services = services
        self.request = request
        self.opened_by = member
        self.path = request.url.path

    @classmethod
    def of(cls, services: Services) -> Visit:
        """Return the visit of the page that is being built."""
        request = context.client.request
        return cls(services, request, request.state.member)

    @property
    def theme(self) -> str:
        """`light`, `dark` or `system`."""
        chosen = self.request.cookies.get(THEME_COOKIE, "")
        return chosen if chosen in {"light", "dark"} else "system"

    @property
    def narrow(self) -> bool:
        """Whether the navigation is icons only: as was chosen, or else where a recipe is drawn."""
        drawn = self.path.startswith("/recipes/") and self.path.endswith(("/canvas", "/compare"))
        return self.request.cookies.get(NAVIGATION_COOKIE, "narrow" if drawn else "") == "narrow"

    def asked(self, name: str) -> str:
        """Return a value of the address's query, empty when it is not there."""
        return self.request.query_params.get(name, "")[:500]

    def named(self, name: str) -> str:
        """Return a value out of the page's path."""
        return str(self.request.path_params[name])

    async def member(self) -> Member:
        """Return who is signed in now; UnauthorizedError when the session has ended meanwhile or moved elsewhere."""
        member = await self.services.accounts.authenticate_session(self.request.cookies.get(COOKIE, ""))
        if member.workspace != self.opened_by.workspace:
            raise UnauthorizedError(say("frame.other_workspace"))
        return member

    async def profile(self) -> Profile:
        """Return who looks, with name and workspace."""
        return await self.services.accounts.profile(self.opened_by)

    def rings(self) -> int:
        """Return a number that grows when something has happened in the workspace."""
        return self.services.outbox.rings(self.opened_by.workspace)

    def may(self, verb: Verb) -> bool:
        """Tell whether to offer something; services decide again when it is done."""
        return self.opened_by.may(verb)

    def does(self, act: Act, *, done: str = "") -> Callable[..., Awaitable[None]]:
        """Make a click's function of an act: by the member as signed in now, with failures told in a toast."""

        async def clicked(*_: Any) -> None:
            await self.try_to(act, done=done)

        return clicked

    async def try_to(self, act: Act, *, done: str = "") -> bool:
        """Do something as the member; tell how it went and return whether it did."""
        try:
            await act(await self.member())
        except UnauthorizedError as error:
            complain(error.message)
            to_sign_in(self.path)
            return False
        except HubError as error:
            complain(sentence_of(error))
            return False
        except GONE as error:
            complain(outage_sentence(error))
            return False
        if done:
            tell(done)
        return True


def to_sign_in(path: str) -> None:
    """Have the browser sign in anew and come back to a page."""
    ui.navigate.to(f"/sign-in?next={quote(path)}")


def outage_sentence(error: BaseException) -> str:
    """Return what to say when a part of the hub is away."""
    outage = outage_of(error)
    return outage.message if outage else say("frame.away")


def sentence_of(error: HubError) -> str:
    """Return what went wrong with the first fields to mend."""
    named = [f"{one.path}: {one.message}" if one.path else one.message for one in error.errors[:3]]
    return " ".join([error.message, *(sentence for sentence in named if sentence != error.message)])


def tell(message: str) -> None:
    """Show a short note that something was done."""
    ui.notify(message, position="bottom", classes="pd-toast", timeout=6000)


def complain(message: str) -> None:
    """Show why something was not done; it stays until it is closed."""
    ui.notify(message, position="bottom", classes="pd-toast-bad", timeout=9000, close_button=say("frame.close"))


def in_browser(function: str, *arguments: Any) -> None:
    """Call one of our own functions in the browser; arguments travel as JSON, never as code."""
    ui.run_javascript(f"pd.{function}({', '.join(json.dumps(one) for one in arguments)})")
