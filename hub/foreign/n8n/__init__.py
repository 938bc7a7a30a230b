"""n8n: workflows as its editor exports them."""

from hub.foreign.n8n.reading import DIALECT, read

__all__ = ["DIALECT", "read"]
