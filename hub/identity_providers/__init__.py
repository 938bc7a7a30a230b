"""Signing in with an account at Google, Microsoft or GitHub."""

from hub.identity_providers.declared import IdentityProvider, declared_providers
from hub.identity_providers.service import (
    LASTS_SECONDS,
    Arrival,
    Departure,
    IdentityProviders,
    Offered,
    Returned,
    own_path,
)

__all__ = [
    "LASTS_SECONDS",
    "Arrival",
    "Departure",
    "IdentityProvider",
    "IdentityProviders",
    "Offered",
    "Returned",
    "declared_providers",
    "own_path",
]
