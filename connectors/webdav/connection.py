"""An account on a WebDAV server, and how each request is signed."""

from __future__ import annotations

import base64
from collections.abc import Generator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from connectors.sdk import Secret, Settings, TemporaryError, field
from connectors.sdk.urls import require_address

if TYPE_CHECKING:
    import httpx2


class Connection(Settings):
    """A folder on a WebDAV server, such as Nextcloud, ownCloud or a NAS."""

    address: Annotated[
        str,
        field(
            "Address",
            hint="Of the folder in which all paths begin.",
            example="https://cloud.example.com/remote.php/dav/files/ada",
        ),
    ]
    kind: Annotated[
        Literal["basic", "digest", "bearer"],
        field(
            "Signs in by",
            hint="basic: user and password, or an app password; digest: the same, with servers that want it; "
            "bearer: a token.",
        ),
    ] = "basic"
    user: Annotated[str, field("User", example="ada", when={"kind": ("basic", "digest")})] = ""
    secret: Annotated[Secret, field("Password or token", hint="With Nextcloud and ownCloud, an app password.")]

    def __post_init__(self) -> None:
        require_address(self.address)
        if "?" in self.address or "#" in self.address:
            raise ValueError("The address of a folder has no ? and no #.")
        if any(ord(letter) < 32 for letter in self.user) or (self.kind == "basic" and ":" in self.user):
            raise ValueError("A user's name has no colon and no line break.")


class Signer:
    """Signs requests; with digest the server's challenge is kept, so that only the first one is asked twice."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._digest: httpx2.DigestAuth | None = None
        self._flow: Generator[Any, Any, None] | None = None

    def signed(self, method: str, url: str) -> dict[str, str]:
        """Return the header that goes with a request."""
        secret = self._connection.secret.reveal()
        match self._connection.kind:
            case "bearer":
                return {"Authorization": f"Bearer {secret}"}
            case "basic":
                pair = f"{self._connection.user}:{secret}".encode()
                return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        import httpx2

        if self._digest is None:
            self._digest = httpx2.DigestAuth(self._connection.user, secret)
        self._flow = self._digest.auth_flow(httpx2.Request(method, url))
        return _header(next(self._flow))

    def challenged(self, said: str) -> dict[str, str] | None:
        """Return the header that answers a server's challenge, None when there is nothing new to say."""
        if self._flow is None or not said.lower().startswith("digest "):
            return None
        import httpx2

        try:
            return _header(self._flow.send(httpx2.Response(401, headers={"WWW-Authenticate": said})))
        except StopIteration:
            return None
        except httpx2.ProtocolError as error:
            raise TemporaryError("The server's challenge for a digest sign-in cannot be read.") from error


def _header(request: Any) -> dict[str, str]:
    signed = request.headers.get("Authorization")
    return {"Authorization": signed} if signed else {}
