"""An account on a WebDAV server, and how each request is signed."""

from __future__ import annotations

import base64
from typing import Annotated, Literal

from connectors.sdk import Secret, Settings, field
from connectors.sdk.network.digest import Digest
from connectors.sdk.network.urls import require_address


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
    """Signs the requests of one call as the connection says."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        is_digest = connection.kind == "digest"
        self._digest = Digest(connection.user, connection.secret.reveal()) if is_digest else None

    def signed(self, method: str, url: str) -> dict[str, str]:
        """Return the header that goes with a request."""
        if self._digest is not None:
            return self._digest.signed(method, url)
        secret = self._connection.secret.reveal()
        if self._connection.kind == "bearer":
            return {"Authorization": f"Bearer {secret}"}
        pair = f"{self._connection.user}:{secret}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def challenged(self, said: str) -> dict[str, str] | None:
        """Return the header that answers a server's challenge, None when there is nothing new to say."""
        return self._digest.answered(said) if self._digest is not None else None
