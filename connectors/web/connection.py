"""Stored log-ins to web sites: cookies, headers, or a form to fill in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from connectors.sdk import Secret, Settings, SettingsError, field
from connectors.sdk.network.urls import require_address
from connectors.web.selector import check_selector

_NOT_IN_COOKIES = frozenset('\r\n\t ,;"\\')


FORM: Mapping[str, Sequence[str]] = {"login_url": ()}
MOST_STEPS = 20


class Step(Settings):
    """One thing that a browser does while signing in."""

    do: Annotated[Literal["open", "fill", "press", "wait"], field("Do", hint="wait: until something is there.")]
    url: Annotated[str, field("Address", example="https://portal.example.com/login", when={"do": ("open",)})] = ""
    selector: Annotated[
        str, field("Where", hint="A CSS selector.", example="#user", when={"do": ("fill", "press", "wait")})
    ] = ""
    value: Annotated[Literal["username", "password", "text"], field("With", when={"do": ("fill",)})] = "username"
    text: Annotated[str, field("Text", hint="No secret: it is shown to everyone.", when={"value": ("text",)})] = ""

    def __post_init__(self) -> None:
        if self.do == "open":
            require_address(self.url)
        elif not self.selector:
            raise ValueError("Say where on the page, by a CSS selector.")
        check_selector(self.selector)


class Connection(Settings):
    """A log-in to a web site, shown to the hosts named here and to no other."""

    hosts: Annotated[
        list[str],
        field("Hosts", hint="The only hosts that see this log-in.", example=["portal.example.com"]),
    ]
    cookies: Annotated[
        Secret | None,
        field("Cookies", hint="As a browser shows them: name=value; name=value.", multiline=True),
    ] = None
    headers: Annotated[Secret | None, field("Headers", hint="One a line, such as Name: value.", multiline=True)] = None
    login_url: Annotated[
        str,
        field(
            "Log-in page",
            hint="Where a form asks for name and password; it is filled in by a browser.",
            example="https://portal.example.com/login",
        ),
    ] = ""
    steps: Annotated[
        list[Step],
        field(
            "Log-in steps",
            hint="Instead of a log-in page, for sites that ask on several pages or for more.",
            advanced=True,
        ),
    ] = []
    username: Annotated[str, field("User name", hint="For a log-in page or steps.")] = ""
    password: Annotated[Secret | None, field("Password", hint="For a log-in page or steps.")] = None
    username_selector: Annotated[
        str,
        field(
            "Field for the user name",
            hint="A CSS selector; empty for the text field of the form.",
            advanced=True,
            when=FORM,
        ),
    ] = ""
    password_selector: Annotated[str, field("Field for the password", hint="A CSS selector.", advanced=True)] = (
        "input[type=password]"  # noqa: S105  # where it goes, not what it is
    )
    submit_selector: Annotated[
        str, field("Button", hint="A CSS selector; empty to press Enter.", advanced=True, when=FORM)
    ] = ""
    signed_in_selector: Annotated[
        str,
        field(
            "Sign of success",
            hint="A CSS selector of what is only there once signed in; empty when the password field goes away.",
            advanced=True,
        ),
    ] = ""

    def __post_init__(self) -> None:
        if not self.hosts or any("/" in host or ":" in host for host in self.hosts):
            raise ValueError("Name at least one host, without scheme, port or path, such as portal.example.com.")
        if self.login_url:
            require_address(self.login_url)
        if self.steps and self.login_url:
            raise ValueError("Give a log-in page or log-in steps, not both.")
        if self.steps and self.steps[0].do != "open":
            raise ValueError("The first log-in step opens a page.")
        if len(self.steps) > MOST_STEPS:
            raise ValueError(f"Give {MOST_STEPS} log-in steps at most.")
        for selector in (self.username_selector, self.password_selector, self.submit_selector, self.signed_in_selector):
            check_selector(selector)

    @property
    def needs_browser(self) -> bool:
        """Whether signing in takes a browser."""
        return bool(self.login_url or self.steps)

    def covers(self, host: str) -> bool:
        """Whether a host may see this log-in; `*.example.com` names subdomains."""
        host, listed = host.casefold().rstrip("."), {one.casefold() for one in self.hosts}
        labels = host.split(".")
        return host in listed or any(f"*.{'.'.join(labels[start:])}" in listed for start in range(1, len(labels)))

    def cookie_values(self) -> dict[str, str]:
        """Return the cookies by name; raises SettingsError when they are written in another way."""
        text = self.cookies.reveal() if self.cookies else ""
        found = {}
        for part in filter(None, (part.strip() for part in text.replace("\n", ";").split(";"))):
            name, sign, value = (piece.strip() for piece in part.partition("="))
            if not sign or not name or _NOT_IN_COOKIES & {*name, *value}:
                raise SettingsError("Write cookies as name=value; name=value.")
            found[name] = value
        return found

    def header_values(self) -> dict[str, str]:
        """Return the headers by name; raises SettingsError when one is not."""
        text = self.headers.reveal() if self.headers else ""
        found = {}
        for line in filter(None, (line.strip() for line in text.splitlines())):
            name, sign, value = (piece.strip() for piece in line.partition(":"))
            if not sign or not name.replace("-", "").replace("_", "").isalnum() or not value.isprintable():
                raise SettingsError("Write each header on a line of its own, such as Name: value.")
            found[name] = value
        return found

    def signing_headers(self) -> dict[str, str]:
        """Return the headers that a request of this log-in carries, cookies among them."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookie_values().items())
        return {**self.header_values(), **({"Cookie": cookies} if cookies else {})}
