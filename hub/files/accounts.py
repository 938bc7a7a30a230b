"""The account under which objects are kept elsewhere."""

from __future__ import annotations

import msgspec


class S3Account(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach an S3 service; without keys the machine's own role counts."""

    endpoint: str | None = None
    region: str = "us-east-1"
    access_key: str | None = None
    secret_key: str | None = None
