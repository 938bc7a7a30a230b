"""An account on an SSH server: its credentials, and the server's key that was confirmed."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from connectors.sdk import Secret, Settings, field

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")
_LINE = re.compile(r"(?:\S+\s+)?((?:ssh|ecdsa|sk)-\S+)\s+(AAAA[A-Za-z0-9+/=]+)(?:\s.*)?")


class Connection(Settings):
    """An account on an SFTP server, and how to know that it is the right server."""

    host: Annotated[str, field("Host", example="files.example.com")]
    user: Annotated[str, field("User", example="invoices")]
    kind: Annotated[Literal["password", "key"], field("Signs in by")] = "password"
    password: Annotated[Secret | None, field("Password", when={"kind": ("password",)})] = None
    private_key: Annotated[
        Secret | None,
        field(
            "Private key",
            hint="The whole text, as ssh-keygen writes it into a file.",
            multiline=True,
            when={"kind": ("key",)},
        ),
    ] = None
    passphrase: Annotated[
        Secret | None, field("Passphrase", hint="If the private key has one.", when={"kind": ("key",)})
    ] = None
    host_key: Annotated[
        str,
        field(
            "Server's key",
            hint="Its fingerprint. Leave it empty and test the connection to see it; compare it, then paste it here.",
            example="SHA256:uNiVztksCsDhcc0u9e8BrYYXFFfrkdiYL5VSK7z1rY8",
        ),
    ] = ""
    port: Annotated[int, field("Port", advanced=True)] = 22

    def __post_init__(self) -> None:
        if not self.host or any(letter in "/@:,?\0" or letter.isspace() for letter in self.host):
            raise ValueError("Give the host as a plain name or address; the port has a field of its own.")
        if not 0 < self.port < 65536:
            raise ValueError("A port is a number from 1 to 65535.")
        if not self.user.strip() or any(ord(letter) < 32 for letter in self.user):
            raise ValueError("Give the user to sign in as.")
        wrong = [line for line in self._lines if not _FINGERPRINT.search(line) and not _LINE.fullmatch(line)]
        if wrong:
            raise ValueError("The server's key is a fingerprint such as SHA256:uNiV..., or a line of known_hosts.")

    @property
    def _lines(self) -> list[str]:
        return [line.strip() for line in self.host_key.splitlines() if line.strip()]

    @property
    def fingerprints(self) -> set[str]:
        """The fingerprints of the keys that were confirmed; several while a server changes its key."""
        import asyncssh

        found = set()
        for line in self._lines:
            if fingerprints := _FINGERPRINT.findall(line):
                found.update(fingerprints)
            elif parts := _LINE.fullmatch(line):
                found.add(asyncssh.import_public_key(f"{parts[1]} {parts[2]}").get_fingerprint())
        return found
