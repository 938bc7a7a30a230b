"""A connection's settings against its connector's struct: everything that is wrong with them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_type_hints

import msgspec

from connectors.sdk import Connector, Settings, fields_of, fill
from connectors.sdk.network.urls import host_of
from connectors.sdk.settings import open_secret
from hub.connections.opening import connection_kind
from hub.errors import Problem
from hub.shapes import join, problem_of, suggest

_PATH = "settings"


def settings_problems(kind: type[Settings], values: Mapping[str, Any]) -> list[Problem]:
    """Return a problem for each setting that is unknown, missing or of the wrong type, else what the struct says."""
    declared, hints = fields_of(kind), get_type_hints(kind, include_extras=True)
    required = [field.name for field in msgspec.structs.fields(kind) if field.required]
    problems = [Problem(join(_PATH, name), "This is missing.") for name in required if name not in values]
    for name, value in values.items():
        if name in declared:
            problems += _wrong(value, hints[name], join(_PATH, name))
        else:
            suggestion = suggest(name, declared)
            problems.append(Problem(join(_PATH, name), f"There is no setting {name[:60]!r}.{suggestion}"))
    return problems or _wrong_together(kind, values)


def reachable_hosts(connector: Connector, settings: Settings) -> frozenset[str]:
    """Return every host that sees what is secret in a connection: those it calls and the one that hands out tokens."""
    hosts = set(connector.host_reader(settings)) if connector.host_reader else set()
    access = connector.oauth_reader(settings) if connector.oauth_reader else None
    if access is not None:
        hosts.add(host_of(access.token_url))
    return frozenset(host.casefold() for host in hosts if host)


def unproven_secrets(
    connector: Connector, before: Settings | None, values: Mapping[str, Any], kept: Sequence[str]
) -> list[Problem]:
    """Return a problem for each kept secret that a changed connection would show to a host that never had it.

    Who may change a connection may use its secrets, not read them: they go elsewhere only when entered again.
    """
    had = frozenset[str]() if before is None else reachable_hosts(connector, before)
    added = sorted(reachable_hosts(connector, fill(connection_kind(connector), values)) - had)
    if not added:
        return []
    message = f"Enter this again: it would now be sent to {', '.join(added)}, which did not get it before."
    return [Problem(join(_PATH, name), message) for name in kept]


def _wrong(value: Any, hint: Any, path: str) -> list[Problem]:
    try:
        msgspec.convert(value, hint, strict=False, dec_hook=open_secret)
    except msgspec.ValidationError as error:
        return [problem_of(error, hint, path)]
    return []


def _wrong_together(kind: type[Settings], values: Mapping[str, Any]) -> list[Problem]:
    try:
        fill(kind, values)
    except msgspec.ValidationError as error:
        return [problem_of(error, kind, _PATH)]
    return []
