"""The guide in the product: what docs/ says, searchable, rendered inert."""

from hub.help.guide import Found, Guide, GuidePage, Section

__all__ = ["Found", "Guide", "GuidePage", "Section"]
