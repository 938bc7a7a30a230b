"""Providers over a database, with the peer as the service they ask."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.sdk.network.guard import Guard
from hub.audit import Audit
from hub.config import Config
from hub.providers import Providers
from hub.sealing import MasterKeys, Vault
from hub.usage import Usage
from tests.peers.llm_client import llm_server, peer

__all__ = ["llm_server", "peer"]


@pytest.fixture(scope="session")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    """A vault with a master key of its own."""
    return Vault(MasterKeys.from_file(tmp_path_factory.mktemp("key") / "master.key"))


def providers_of(vault: Vault, config: Config, *networks: str) -> Providers:
    """A service that may reach the networks besides the public internet."""
    return Providers(vault=vault, audit=Audit(), usage=Usage(), guard=Guard(networks), config=config)


@pytest.fixture
def providers(database: str, vault: Vault, tmp_path: Path) -> Providers:
    """The service of an operator who has configured no model but allows this machine."""
    return providers_of(vault, Config(data_dir=tmp_path), "127.0.0.0/8")
