"""Mail that the hub itself sends: invitations and password links."""

from hub.mail.service import Mail

__all__ = ["Mail"]
