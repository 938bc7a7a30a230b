"""Personal data: found by validators, masked, flagged or kept back by policy before anything leaves for a provider."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hub.privacy.errors import NotScreenedError, PersonalDataError
    from hub.privacy.finders import Kind
    from hub.privacy.policy import Action, Policy, PolicyView
    from hub.privacy.screen import Screen
    from hub.privacy.service import Privacy

__all__ = [
    "Action",
    "Kind",
    "NotScreenedError",
    "PersonalDataError",
    "Policy",
    "PolicyView",
    "Privacy",
    "Screen",
]

# Looked up when asked for: children in the jail import this package and need none of it.
_HOMES = {
    "Action": "policy",
    "Kind": "finders",
    "NotScreenedError": "errors",
    "PersonalDataError": "errors",
    "Policy": "policy",
    "PolicyView": "policy",
    "Privacy": "service",
    "Screen": "screen",
}


def __getattr__(name: str) -> Any:
    """Import a public name from its module."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
