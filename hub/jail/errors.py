"""How work in the jail can end badly; the caller lives on in each case."""

from typing import Literal

from hub.errors import HubError

End = Literal["time", "memory", "output", "crash", "refused"]


class JailError(HubError):
    """The child ran over a limit or died; `kind` says which, for a caller with better words."""

    status = 422
    title = "Could not be processed"

    def __init__(self, kind: End, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class RefusedError(JailError):
    """The function in the jail said in its own words why it cannot do it."""

    def __init__(self, message: str) -> None:
        super().__init__("refused", message)
