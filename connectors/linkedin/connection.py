"""LinkedIn's two ways to sign in, its requests, and what its refusals mean."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec

from connectors.linkedin.restli import Query, address
from connectors.sdk import Context, CredentialsError, OAuth, Secret, Settings, SettingsError, TemporaryError, field
from connectors.sdk.network.answers import raise_for_status, refusal
from connectors.sdk.network.granted import send_granted
from connectors.sdk.network.http import Options, Response
from connectors.sdk.network.urls import host_of, require_address
from connectors.sdk.texts import storable

ADDRESS = "https://api.linkedin.com"
SIGN_IN = "https://www.linkedin.com/oauth/v2"
# Each version is answered for a year
VERSION = "202609"
_VERSION = re.compile(r"20\d\d(?:0[1-9]|1[0-2])(?:\.\d\d)?")
_READ_BY_US = (400, 403, 409, 422, 426, 429)


class Connection(Settings):
    """An organisation's page, in the name of somebody who runs it, or a person who posts."""

    kind: Annotated[
        Literal["organisation", "member"],
        field(
            "Signs in",
            hint="organisation: somebody who runs its page, with the Community Management API; "
            "member: a person, who can only post.",
        ),
    ] = "organisation"
    client_id: Annotated[str, field("Client id", hint="Of your app at LinkedIn, under Auth.")]
    client_secret: Annotated[Secret, field("Client secret")]
    access: Annotated[
        Literal["read", "write"],
        field(
            "Access", hint="read: posts are read; write: posts are read and written.", when={"kind": ("organisation",)}
        ),
    ] = "read"
    mentions: Annotated[
        bool,
        field(
            "Mentions and comments",
            hint="Also asks to manage the page: LinkedIn tells mentions, comments and the list of your pages only so.",
            when={"kind": ("organisation",)},
        ),
    ] = True
    version: Annotated[
        str, field("Version", hint="Of LinkedIn's API, as year and month.", example=VERSION, advanced=True)
    ] = VERSION
    address: Annotated[
        str, field("Address", hint="Only for a stand-in or a private entrance of the service.", advanced=True)
    ] = ADDRESS

    def __post_init__(self) -> None:
        require_address(self.address)
        if not self.client_id.strip():
            raise ValueError("Give the client id of your app.")
        if not _VERSION.fullmatch(self.version):
            raise ValueError(f"Write the version as year and month, such as {VERSION}.")


class _Problem(msgspec.Struct):
    message: str = ""
    code: str = ""


def granted(connection: Connection) -> OAuth:
    """Say how a person grants access, and for what; LinkedIn takes no proof key beside a client secret."""
    own = connection.address != ADDRESS
    server = f"{connection.address.rstrip('/')}/oauth/v2" if own else SIGN_IN
    return OAuth(
        authorize_url=f"{server}/authorization",
        token_url=f"{server}/accessToken",
        client_id=connection.client_id.strip(),
        client_secret=connection.client_secret,
        scopes=_scopes(connection),
        pkce=False,
    )


def _scopes(connection: Connection) -> dict[str, str]:
    if connection.kind == "member":
        return {
            "openid": "Sign in.",
            "profile": "Read who posts.",
            "w_member_social": "Post in the person's name, and delete what was posted.",
        }
    scopes = {"r_organization_social": "Read the posts of the organisation."}
    if connection.access == "write":
        scopes["w_organization_social"] = "Post as the organisation, and delete what was posted."
    if connection.mentions:
        scopes["r_organization_social_feed"] = "Read the comments on its posts."
        scopes["rw_organization_admin"] = "Hear of mentions and comments, and list the pages that you run."
    return scopes


async def call(
    context: Context[Connection, Any],
    method: str,
    path: Sequence[str],
    query: Query | None = None,
    options: Options | None = None,
    action: str = "",
) -> Response:
    """Send a request under the granted token; `action` is Rest.li's name for it where the verb does not tell."""
    connection, asked = context.connection, options or Options()
    headers = {"Linkedin-Version": connection.version, "X-Restli-Protocol-Version": "2.0.0"}
    if action:
        headers["X-RestLi-Method"] = action
    accepts = asked.get("accepts", ())
    sent = Options(**{**asked, "headers": headers, "accepts": {*_READ_BY_US, *accepts}})
    answer = await send_granted(context, method, address(connection.address, path, query or {}), sent)
    if answer.status not in accepts:
        _judge(connection, answer)
    return answer


def _judge(connection: Connection, answer: Response) -> None:
    """Raise what a refusal means; LinkedIn counts requests by the day, which begins at midnight UTC."""
    if answer.status < 400:
        return
    said = _sentence(answer)
    told = f" It says: {said}." if said else ""
    waits = "Retry-After" in answer.headers
    if answer.status == 426:
        raise SettingsError(
            f"LinkedIn no longer answers in its version {connection.version}. Set a newer one in the connection."
        )
    if answer.status == 429 and " DAY " in said and not waits:
        raise TemporaryError(
            f"LinkedIn allows no more requests today: the daily limit of your app is reached.{told}",
            retry_after=_until_midnight(),
        )
    if answer.status == 409:
        raise TemporaryError(f"LinkedIn was changing the same thing at that moment.{told}")
    if answer.status in {400, 422}:
        raise SettingsError(f"LinkedIn refused this: {said or 'it says not why'}.")
    if answer.status == 403 and not waits:
        raise CredentialsError(
            f"LinkedIn does not allow this to the connection.{told} Check your app's products and your role on the "
            "page, then connect again."
        )
    raise_for_status(host_of(connection.address), answer.status, answer.headers, b"", {})


def _sentence(answer: Response) -> str:
    problem = refusal(answer.content, _Problem)
    return " ".join(storable(problem.message or problem.code).split()).rstrip(".")[:300]


def _until_midnight() -> float:
    now = datetime.now(UTC)
    following = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return max(1.0, (following - now).total_seconds())
