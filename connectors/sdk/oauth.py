"""What a connector says of a service that grants access by OAuth 2.0, so that the hub can fetch and renew tokens."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from connectors.sdk.settings import Secret


class OAuth(msgspec.Struct, frozen=True, kw_only=True):
    """Where a person agrees, where tokens come from, and what is asked for: scopes by name with the reason of each.

    Without `authorize_url` no person is asked: the client gets tokens for itself (client credentials).
    `parameters` are added to the address a person is sent to, such as `{"access_type": "offline"}`. A service that
    refuses the proof of RFC 7636 says `pkce=False`; its client secret then proves alone who redeems a code.
    `returns` names settings that the service sends back with the person, such as `{"company": "realmId"}`: an empty
    one is filled in from that parameter, and a person who chose another than the one that stands there is told.
    """

    token_url: str
    client_id: str
    client_secret: Secret | None = None
    authorize_url: str = ""
    scopes: Mapping[str, str] = MappingProxyType({})
    parameters: Mapping[str, str] = MappingProxyType({})
    client_in: Literal["body", "header"] = "body"
    pkce: bool = True
    returns: Mapping[str, str] = MappingProxyType({})
