"""Personal data: found by validators, masked, flagged or kept back by policy before anything leaves for a provider."""

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
