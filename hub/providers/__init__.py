"""Providers of language models: the workspace's own in their order, the operator's, and the model on this machine."""

from hub.providers.asking import Asking, Question, Said, asking
from hub.providers.chain import Chain, operators
from hub.providers.local import LocalModel
from hub.providers.presets import PRESETS, Preset, Supports
from hub.providers.service import Providers
from hub.providers.spending import SpendCapError, Spending
from hub.providers.structs import (
    LOCAL,
    OPERATOR,
    NewProvider,
    OpenProvider,
    PinnedModel,
    ProviderChange,
    ProviderSummary,
)

__all__ = [
    "LOCAL",
    "OPERATOR",
    "PRESETS",
    "Asking",
    "Chain",
    "LocalModel",
    "NewProvider",
    "OpenProvider",
    "PinnedModel",
    "Preset",
    "ProviderChange",
    "ProviderSummary",
    "Providers",
    "Question",
    "Said",
    "SpendCapError",
    "Spending",
    "Supports",
    "asking",
    "operators",
]
