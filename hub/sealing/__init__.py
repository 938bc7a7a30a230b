"""Secrets at rest: sealed under a workspace's key, which the master key wraps."""

from hub.sealing.master import MasterKeys, SealError
from hub.sealing.rotation import Rotated, rotate
from hub.sealing.vault import Keyring, Vault, place

__all__ = ["Keyring", "MasterKeys", "Rotated", "SealError", "Vault", "place", "rotate"]
