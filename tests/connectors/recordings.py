"""Recorded exchanges: for each trigger, lookup and target one file that says how it speaks and what must come of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import msgspec

from connectors.sdk import Connector, Lookup, NoSettings, Record, Settings, Target, Trigger, fill
from connectors.sdk.registry import find, registry
from tests.peers.web import Exchange

HERE = Path(__file__).parent


class Recording(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What stands in `tests/connectors/<connector>/<part>.json`.

    `{base}`, `{host}` and `{port}` stand for the peer. `speaks` says who is at the other end: an HTTP service, a caller
    (webhook), the clock, another protocol (driver), or the hub itself. The last two name the test file that is their
    proof. `earlier` are the exchanges of a read before, for triggers that compare.
    """

    source: Literal["written from documentation", "captured"]
    speaks: Literal["http", "call", "clock", "driver", "hub"]
    proof: str = ""
    settings: dict[str, Any] = {}
    connection: dict[str, Any] | None = None
    earlier: list[Exchange] = []
    exchanges: list[Exchange] = []
    call: dict[str, Any] = {}
    after: str = ""
    times: list[str] = []
    items: list[dict[str, Any]] = []
    output: Any = None
    record: dict[str, Any] = {}
    receipt: dict[str, Any] = {}
    malformed: str = ""
    malformed_error: str = "SettingsError"


Part = Trigger | Lookup | Target


def parts(*kinds: type) -> list[str]:
    """Name all parts of these kinds in all connectors."""
    return [part.uses for connector in registry().values() for part in _parts(connector) if isinstance(part, kinds)]


def speaking(way: str, *kinds: type) -> list[str]:
    """Name the parts of these kinds whose recording speaks one way."""
    return [uses for uses in parts(*kinds) if recording_path(uses).exists() and recording(uses).speaks == way]


def recording_path(uses: str) -> Path:
    """Return where a part's recording must lie."""
    name, _, part = uses.partition(".")
    return HERE / name / f"{part}.json"


def recording(uses: str, base: str = "http://peer.test:80") -> Recording:
    """Read a part's recording with the peer's address in it."""
    host, _, port = base.removeprefix("http://").rpartition(":")
    text = recording_path(uses).read_text()
    return msgspec.json.decode(
        text.replace("{base}", base).replace("{host}", host).replace('"{port}"', port).replace("{port}", port),
        type=Recording,
    )


def part_of(uses: str) -> Part:
    """Return a part that is known to exist."""
    found = find(uses)
    assert found is not None
    return found


def given(function: Callable[..., Any] | None) -> Any:
    """Return a function that a part is known to offer."""
    assert function is not None
    return function


def filled(uses: str, played: Recording) -> tuple[Settings, Settings]:
    """Return the recording's settings and connection as structs."""
    part = part_of(uses)
    kind = part.connector.connection
    connection = fill(kind, played.connection) if kind and played.connection is not None else NoSettings()
    return fill(part.settings, played.settings), connection


def record_of(played: Recording) -> Record:
    """Return the recording's record under its key."""
    return Record(key="KEY-1", rows=[played.record] if played.record else [])


def _parts(connector: Connector) -> list[Part]:
    return [*connector.triggers.values(), *connector.lookups.values(), *connector.targets.values()]
