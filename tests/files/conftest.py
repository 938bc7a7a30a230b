"""File services over a directory and over a real S3 service."""

from pathlib import Path

import pytest

from hub.audit import Audit
from hub.files import Files, ObjectStore, S3Account, open_store
from hub.sealing import MasterKeys, Vault
from hub.usage import Usage
from tests.peers.s3 import S3Server, s3

__all__ = ["s3"]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "files"


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(MasterKeys.from_file(tmp_path / "master.key"))


@pytest.fixture
def files(directory: Path, vault: Vault) -> Files:
    return Files(open_store(str(directory)), vault, Usage(), Audit(), max_bytes=2 << 20)


@pytest.fixture(scope="session")
def bucket(s3: S3Server) -> ObjectStore:
    account = S3Account(endpoint=s3.endpoint, access_key=s3.access_key, secret_key=s3.secret_key)
    return open_store(f"s3://{s3.bucket}/some/prefix", account)
