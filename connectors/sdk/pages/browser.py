"""What connectors ask of a browser: pages as it draws them, signed in when a log-in is given."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from connectors.sdk.settings import Secret


class Drawn(msgspec.Struct, frozen=True):
    """A page as it stood once it had settled: where the browser ended up, its HTML and what that is written in."""

    url: str
    content: bytes
    kind: str = "text/html; charset=utf-8"


# Left, top, width and height in pixels of the picture
Box = tuple[int, int, int, int]
# Names the parts of a page, by CSS selectors, whose places are wanted
Finder = Callable[[Drawn], Awaitable[Sequence[str]]]


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    """A page as a JPEG, cut where it is too long, and where its parts stand; None for one that it does not show."""

    image: bytes
    width: int
    height: int
    boxes: Sequence[Box | None]


class PicturedPart(msgspec.Struct, frozen=True, kw_only=True):
    """Something to choose: the value that it stands for, a word about it, and where the picture shows it."""

    value: str
    text: str
    box: Box | None


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """What can be chosen for a setting, shown where it stands, in a JPEG."""

    image: bytes
    width: int
    height: int
    parts: Sequence[PicturedPart]


class LogInStep(Protocol):
    """One thing to do while signing in; `value` names what is filled in, so that no secret stands here."""

    @property
    def do(self) -> str:
        """`open`, `fill`, `press` or `wait`."""
        ...

    @property
    def url(self) -> str:
        """What to open."""
        ...

    @property
    def selector(self) -> str:
        """Where to fill in, what to press, what to wait for."""
        ...

    @property
    def value(self) -> str:
        """`username`, `password` or `text`."""
        ...

    @property
    def text(self) -> str:
        """A fixed text that is no secret."""
        ...


class LogIn(Protocol):
    """A stored log-in to a site: cookies and headers, a form, or steps."""

    @property
    def hosts(self) -> list[str]:
        """The only hosts that see it."""
        ...

    @property
    def login_url(self) -> str:
        """Where a form asks for name and password."""
        ...

    @property
    def username(self) -> str:
        """Who signs in."""
        ...

    @property
    def password(self) -> Secret | None:
        """What proves it."""
        ...

    @property
    def username_selector(self) -> str:
        """The field for the name; empty for the text field of the form."""
        ...

    @property
    def password_selector(self) -> str:
        """The field for the password."""
        ...

    @property
    def submit_selector(self) -> str:
        """What to press; empty for Enter."""
        ...

    @property
    def signed_in_selector(self) -> str:
        """What is only there once signed in; empty when the password field goes away."""
        ...

    @property
    def steps(self) -> Sequence[LogInStep]:
        """What to do instead of filling in one form."""
        ...

    @property
    def needs_browser(self) -> bool:
        """Whether signing in takes a browser."""
        ...

    def covers(self, host: str) -> bool:
        """Whether a host may see it."""
        ...

    def cookie_values(self) -> dict[str, str]:
        """The cookies by name."""
        ...

    def header_values(self) -> dict[str, str]:
        """The headers by name."""
        ...

    def signing_headers(self) -> dict[str, str]:
        """The headers that a request carries, cookies among them."""
        ...


class Pages(Protocol):
    """A browser that is open: draws one page after the other."""

    async def draw(self, url: str, wait_for: str = "") -> Drawn:
        """Open an address, wait until it has settled, and for a CSS selector if given; raises a `ConnectorError`."""
        ...

    async def photograph(self, url: str, find: Finder, wait_for: str = "", *, scripts: bool = True) -> Photo:
        """Open an address as `draw` does and return a picture of it; without scripts `find` gets what was sent."""
        ...


class Browser(Protocol):
    """Lends a guarded browser; the session of a log-in is kept by the hub and renewed when the site ends it."""

    def open(self, log_in: LogIn | None = None) -> AbstractAsyncContextManager[Pages]:
        """Open a browser that ends with the block."""
        ...
