"""Where hostile documents are parsed: child processes with limits, without network and without our files."""

from hub.jail.errors import JailError, RefusedError
from hub.jail.limits import Limits
from hub.jail.pool import Jail

__all__ = ["Jail", "JailError", "Limits", "RefusedError"]
