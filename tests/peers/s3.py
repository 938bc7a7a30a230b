"""A real S3 service for the tests: SeaweedFS, which checks signatures."""

import contextlib
import json
import signal
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from obstore.store import S3Store

from tests.peers.process import START_SECONDS, free_port, program, serve

ACCESS_KEY, SECRET_KEY = "patchdeck", "secret"
BUCKET = "files"


@dataclass(frozen=True)
class S3Server:
    """One running service with one bucket."""

    endpoint: str
    access_key: str = ACCESS_KEY
    secret_key: str = SECRET_KEY
    bucket: str = BUCKET

    def bare(self) -> S3Store:
        """The bucket beside the code under test."""
        return S3Store(
            self.bucket,
            endpoint=self.endpoint,
            region="us-east-1",
            access_key_id=self.access_key,
            secret_access_key=self.secret_key,
            # Many are written at once, and a busy machine takes its time
            client_options={"allow_http": True, "timeout": "240s", "connect_timeout": "60s"},
        )


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A service for the whole session; its data goes with it."""
    root = tmp_path_factory.mktemp("s3")
    identity = {"name": "hub", "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}]}
    rights = {"actions": ["Admin", "Read", "Write", "List", "Tagging"]}
    (root / "s3.json").write_text(json.dumps({"identities": [identity | rights]}))
    filer, port = free_port(), free_port()
    # It does not end within 10 s of SIGTERM; nothing it keeps is needed afterwards.
    with serve(_command(root, filer, port), port, root / "log", ending=signal.SIGKILL):
        _await_bucket(f"http://127.0.0.1:{filer}/buckets/{BUCKET}/")
        yield S3Server(endpoint=f"http://127.0.0.1:{port}")


def _command(root: Path, filer: int, port: int) -> list[str]:
    ports = {
        "master.port": free_port(),
        "master.port.grpc": free_port(),
        "volume.port": free_port(),
        "volume.port.grpc": free_port(),
        "filer.port": filer,
        "filer.port.grpc": free_port(),
        "s3.port": port,
        "s3.port.grpc": free_port(),
        # Servers of other protocols, which would take fixed ports
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
    }
    places = {"ip": "127.0.0.1", "ip.bind": "127.0.0.1", "dir": root, "s3.config": root / "s3.json"}
    habits = {"master.telemetry": "false", "master.volumeSizeLimitMB": 64, "volume.max": 20, "s3.iam": "false"}
    habits["s3.autoCreateBucket"] = "false"
    options = [f"-{name}={value}" for name, value in (ports | places | habits).items()]
    return [program("weed", str(Path(sys.executable).parent)), "-logtostderr", "server", "-filer", "-s3", *options]


def _await_bucket(address: str) -> None:
    """Make the bucket, a directory of the filer, by keeping a file in it as soon as one can be kept."""
    deadline = time.monotonic() + START_SECONDS
    probe = urllib.request.Request(address + "probe", data=b"x", method="PUT")
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):  # no connection, a refusal, or no answer in time
            urllib.request.urlopen(probe, timeout=60).close()
            return
        time.sleep(0.1)
    pytest.fail("SeaweedFS started but keeps no files.")
