"""What the composition root reads off the config: keys, accounts, the hub's own addresses."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from hub.config import Config
from hub.files import S3Account
from hub.identities import Setup, Way
from hub.sealing import MasterKeys
from hub.supervisor.ports import Ports
from hub.supervisor.stores import ports_file


def chat_setup(config: Config) -> Setup:
    """Tell what the config says of the chat services, leaving the secrets out."""
    socket: list[Way] = ["socket"] if config.slack_app_token else []
    called: list[Way] = ["http"] if config.slack_signing_secret else []
    return Setup(
        url=config.url,
        telegram=config.telegram_token is not None,
        slack=config.slack_bot_token is not None,
        slack_ways=[*socket, *called],
    )


def own_endpoints(config: Config) -> Sequence[tuple[str, int]]:
    """Return the hub's own servers, which no outbound call may reach whatever the operator allows."""
    found: list[tuple[str, int]] = [(config.host, config.port)]
    for address, usual in ((config.database_url, 5432), (config.temporal_address, 7233)):
        if address:
            parts = urlsplit(address if "//" in address else f"//{address}")
            found.append((parts.hostname or "127.0.0.1", parts.port or usual))
    remembered = Ports(ports_file(config))
    internal = [remembered.remembered(name) for name in ("temporal-http", "temporal-metrics")]
    return found + [("127.0.0.1", port) for port in internal if port is not None]


def demo_endpoints(config: Config) -> Sequence[tuple[str, int]]:
    """Return the demo's simulated services, the only ones of this machine that need no permission."""
    return [("127.0.0.1", config.simulated_port)] if config.simulated_port is not None else []


def master_keys(config: Config) -> MasterKeys:
    """Return the key that wraps every workspace's key: as given, or from the data directory."""
    if config.master_key is not None:
        return MasterKeys.from_text(config.master_key)
    return MasterKeys.from_file(Path(config.data_dir) / "master.key")


def s3_account(config: Config) -> S3Account:
    """Return the account of the S3 service that keeps files."""
    return S3Account(
        endpoint=config.s3_endpoint,
        region=config.s3_region,
        access_key=config.s3_access_key,
        secret_key=config.s3_secret_key,
    )
