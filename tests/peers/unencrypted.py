"""How a vendor's client that insists on https, or on its vendor's host, speaks to a peer on loopback."""

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter


class Unencrypted(HTTPAdapter):
    """Sends everything to one address, unencrypted: `session.mount("https://", Unencrypted(peer.base))`."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def send(self, request: requests.PreparedRequest, *given: Any, **options: Any) -> requests.Response:
        """Send a request to the address in place of the host that it names."""
        asked = urlsplit(str(request.url))
        request.url = f"{self._address}{asked.path}{f'?{asked.query}' if asked.query else ''}"
        return super().send(request, *given, **options)
