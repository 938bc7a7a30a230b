"""How Dropbox grants access, and where it is reached."""

from __future__ import annotations

from typing import Annotated

from connectors.sdk import OAuth, Secret, Settings, field
from connectors.sdk.network.urls import host_of, require_address

ADDRESS = "https://api.dropboxapi.com"
SIGN_IN = "https://www.dropbox.com/oauth2/authorize"
# Dropbox answers on a host for questions, one for contents and one for waiting
DOORS = ("api", "content", "notify")
SCOPES = {
    "files.metadata.read": "To list folders and see what has changed.",
    "files.content.read": "To read files.",
    "files.content.write": "To save files, and to take back what was saved.",
}


class Connection(Settings):
    """A Dropbox account, reached through an app that you register there."""

    client_id: Annotated[str, field("App key", hint="On the app's page in the Dropbox App Console.")]
    client_secret: Annotated[
        Secret | None, field("App secret", hint="Below the app key; may be left out, as sign-in uses PKCE.")
    ] = None
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ADDRESS

    def __post_init__(self) -> None:
        require_address(self.address)
        if not self.client_id.strip():
            raise ValueError("Give the app key that the Dropbox App Console shows.")

    def door(self, kind: str) -> str:
        """Return where one kind of request goes; a stand-in has one door for all."""
        return f"https://{kind}.dropboxapi.com" if self.address == ADDRESS else self.address.rstrip("/")

    def access(self) -> OAuth:
        """Say how tokens are granted: with a refresh token, so that a person signs in once."""
        own = self.address != ADDRESS
        return OAuth(
            authorize_url=f"{self.door('api')}/oauth2/authorize" if own else SIGN_IN,
            token_url=f"{self.door('api')}/oauth2/token",
            client_id=self.client_id,
            client_secret=self.client_secret,
            scopes=SCOPES,
            parameters={"token_access_type": "offline"},
        )

    def hosts(self) -> list[str]:
        """Name the hosts that calls may reach."""
        return sorted({host_of(self.door(kind)) for kind in DOORS})
