"""Mail that the hub itself sends: invitations, password links, and what people are asked."""

from hub.mail.service import Mail

__all__ = ["Mail"]
