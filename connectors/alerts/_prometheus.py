"""Calls in the form of Alertmanager, version 4, which Grafana's alerting uses as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from connectors.alerts._alert import Alert, Status, digest, moment_of, severity_of, texts

_SUMMARY = ("summary", "description", "message")


class Call(msgspec.Struct):
    """A notification: some alerts of one group."""

    alerts: list[dict[str, Any]]
    status: str = ""
    receiver: str = ""
    externalURL: str = ""  # noqa: N815  # the sender's name for it


def alert_of(said: Mapping[str, Any], source: str, place: str = "") -> Alert:
    """Return one alert of a notification, or of a list of alerts, whose state is told in another way."""
    labels, annotations = texts(said.get("labels")), texts(said.get("annotations"))
    status: Status = "resolved" if said.get("status") == "resolved" else "firing"
    fingerprint = said.get("fingerprint") or digest(*(f"{name}={value}" for name, value in sorted(labels.items())))
    links: Sequence[str] = ("panelURL", "dashboardURL", "generatorURL")
    return Alert(
        fingerprint=str(fingerprint),
        status=status,
        severity=severity_of(labels.get("severity") or labels.get("priority")),
        title=labels.get("alertname") or "Alert",
        summary=next((annotations[name] for name in _SUMMARY if annotations.get(name)), ""),
        labels=labels,
        annotations=annotations,
        starts_at=moment_of(said.get("startsAt")),
        ends_at=moment_of(said.get("endsAt")) if status == "resolved" else None,
        source=source,
        url=next((str(said[name]) for name in links if said.get(name)), place),
        raw=dict(said),
    )
