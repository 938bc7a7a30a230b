"""One alert in one shape, whoever sends it, and what makes two calls tell of the same event."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from connectors.sdk import Item, Settings, SettingsError, WebhookRequest, field
from connectors.sdk.texts import storable_json

Status = Literal["firing", "resolved"]
MOST_ALERTS = 10_000
LONGEST_TITLE = 200
# What senders call the same things
_SEVERITIES: Mapping[str, str] = {
    **dict.fromkeys(("critical", "crit", "fatal", "emergency", "alert", "page", "sev0", "p1"), "critical"),
    **dict.fromkeys(("error", "err", "high", "major", "sev1", "p2"), "error"),
    **dict.fromkeys(("warning", "warn", "medium", "minor", "average", "sev2", "p3"), "warning"),
    **dict.fromkeys(("info", "information", "informational", "low", "notice", "debug", "none"), "info"),
    **dict.fromkeys(("sev3", "sev4", "p4", "p5", "verbose", "success", "ok"), "info"),
}
_NEVER = "0001-01-01"
T = TypeVar("T")


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """An alert as recipes see it: the same names and values for every sender; `raw` is what the sender said.

    `fingerprint` is the same each time one thing fires; `severity` is critical, error, warning, info or empty.
    """

    fingerprint: str
    status: Status
    severity: str = ""
    title: str = ""
    summary: str = ""
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}
    starts_at: str | None = None
    ends_at: str | None = None
    source: str
    url: str = ""
    raw: Any = None


class Taken(Settings):
    """Which alerts to take."""

    resolved: Annotated[
        bool, field("Resolved ones too", hint="Also start a run when an alert is over; it is about the same subject.")
    ] = True


def items_of(alerts: Sequence[Alert], settings: Taken, episode: str = "") -> list[Item]:
    """Return an item for each alert; the same state of the same alert has the same key however often it is told.

    `episode` tells one firing from the next where the sender has no time for that.
    """
    if len(alerts) > MOST_ALERTS:
        raise SettingsError(f"A call may hold {MOST_ALERTS:,} alerts at most; this one holds {len(alerts):,}.")
    return [
        Item(
            key=_short(
                f"{one.fingerprint}:{episode or one.starts_at or one.ends_at or ''}:{one.status}:{one.severity}"
            ),
            title=one.title[:LONGEST_TITLE],
            content=msgspec.to_builtins(one),
            subject=one.fingerprint,
        )
        for one in alerts
        if settings.resolved or one.status == "firing"
    ]


def told(request: WebhookRequest, kind: type[T], sender: str) -> T:
    """Read a call's body as what a sender tells."""
    try:
        return msgspec.json.decode(storable_json(request.body), type=kind, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"This is no alert as {sender} sends it: {str(error)[:150]}. Compare with the set-up steps."
        raise SettingsError(message) from error


def severity_of(word: object) -> str:
    """Return one of our four words for a sender's own, empty when it is none of them."""
    return _SEVERITIES.get(str(word or "").strip().lower(), "")


def moment_of(value: object) -> str | None:
    """Return a time in UTC as ISO 8601: from such a text, or from seconds or milliseconds since 1970."""
    if isinstance(value, str) and not value.strip().isdecimal():
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
        if value.startswith(_NEVER):
            return None
        return _shown(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    try:
        number = float(str(value))
        return _shown(datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)) if number > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def texts(values: object) -> dict[str, str]:
    """Return names and values as texts; what is neither is left out."""
    if not isinstance(values, Mapping):
        return {}
    return {
        str(name): value if isinstance(value, str) else msgspec.json.encode(value).decode()
        for name, value in values.items()
    }


def digest(*parts: str) -> str:
    """Return a fingerprint of what makes an alert the one it is."""
    return hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()[:32]


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _short(key: str) -> str:
    return key if len(key) <= 200 else hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
