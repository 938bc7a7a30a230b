"""Signing in by HTTP digest (RFC 7616): the password never travels, only answers to the server's challenges."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from connectors.sdk.errors import TemporaryError

if TYPE_CHECKING:
    import httpx2


class Digest:
    """Signs the requests of one call; a challenge is kept, so that only the first request is asked twice."""

    def __init__(self, user: str, password: str) -> None:
        import httpx2

        self._auth = httpx2.DigestAuth(user, password)
        self._flow: Generator[httpx2.Request, httpx2.Response, None] | None = None

    def signed(self, method: str, url: str) -> dict[str, str]:
        """Return the header that goes with a request, none before the first challenge."""
        import httpx2

        self._flow = self._auth.auth_flow(httpx2.Request(method, url))
        return _header(next(self._flow))

    def answered(self, challenge: str) -> dict[str, str] | None:
        """Return the header that answers a challenge to the last request, None when there is nothing new to say."""
        if self._flow is None or not challenge.lower().startswith("digest "):
            return None
        import httpx2

        try:
            return _header(self._flow.send(httpx2.Response(401, headers={"WWW-Authenticate": challenge})))
        except StopIteration:
            return None
        except (httpx2.ProtocolError, ValueError, NotImplementedError) as error:
            raise TemporaryError("The server's challenge for a digest sign-in cannot be read.") from error


def _header(request: Any) -> dict[str, str]:
    signed = request.headers.get("Authorization")
    return {"Authorization": signed} if signed else {}
