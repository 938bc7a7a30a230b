"""TLS for drivers that connect to a checked address: the certificate must still be made out to the name."""

from __future__ import annotations

import ssl
from typing import Any


class _NamedContext(ssl.SSLContext):
    """Checks the certificate against one name, whatever address the driver says it connects to."""

    server_name = ""

    def wrap_bio(self, *arguments: Any, **named: Any) -> ssl.SSLObject:
        return super().wrap_bio(*arguments, **{**named, "server_hostname": self.server_name})

    def wrap_socket(self, *arguments: Any, **named: Any) -> ssl.SSLSocket:
        return super().wrap_socket(*arguments, **{**named, "server_hostname": self.server_name})


def tls_context(server_name: str, *, authority: str = "", verify: bool = True) -> ssl.SSLContext:
    """Return a client context for one server; `authority` (PEM) stands in for the usual ones."""
    context = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.server_name = server_name
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif authority:
        context.load_verify_locations(cadata=authority)
    else:
        context.load_default_certs()
    return context
