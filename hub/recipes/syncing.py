"""The step that keeps two systems in step: a three-way comparison of one record on both sides."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

import msgspec

from connectors.sdk import Settings, Shape, field
from hub.recipes.times import moment

Side = Literal["left", "right"]
# Numbers as people and programs write them; what begins with zeros is a name made of digits
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,30})(\.\d{1,30})?")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?")
_DIGEST = 8


class Sync(Settings):
    """Which record this is, and what both sides say of it, under names of your own."""

    sync: Annotated[str, field("Sync", hint="The same name in the recipe of each direction.", example="customers")]
    side: Annotated[Side, field("This side", hint="Where the recipe's items come from.")]
    key: Annotated[Any, field("Record", hint="What both sides know it by.", templated=True, example="{{ trigger.id }}")]
    here: Annotated[
        dict[str, Any],
        field("Fields on this side", templated=True, example={"name": "{{ trigger.name }}"}),
    ]
    there: Annotated[
        Any,
        field(
            "Record on the other side",
            hint="What a lookup found there, or nothing where there is none.",
            templated=True,
            example="{{ look.rows | first }}",
        ),
    ]
    names: Annotated[
        dict[str, str],
        field("Names on the other side", hint="Where they differ from yours.", example={"name": "full_name"}),
    ] = {}
    conflict: Annotated[
        Literal["left", "right", "newest"],
        field("When both have changed", hint="Which side is right, field by field; newest needs both moments."),
    ] = "left"
    here_at: Annotated[
        Any, field("Changed here at", templated=True, shape=Shape.MOMENT, when={"conflict": ("newest",)})
    ] = None
    there_at: Annotated[
        Any, field("Changed there at", templated=True, shape=Shape.MOMENT, when={"conflict": ("newest",)})
    ] = None

    def __post_init__(self) -> None:
        """Check what forms cannot."""
        if not self.sync.strip() or len(self.sync) > 100:
            raise ValueError("sync: Give the sync a name of 1 to 100 letters.")
        if not self.here:
            raise ValueError("here: Name at least one field that is kept in step.")
        if unknown := sorted(set(self.names) - set(self.here)):
            raise ValueError(f"names: {unknown[0]!r} is not among the fields of this side.")
        if self.conflict == "newest" and (self.here_at is None or self.there_at is None):
            raise ValueError("here_at: With newest, say for both sides when the record was changed.")


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What is remembered of a record, as digests by field: what each side last said, and what was agreed."""

    left: Mapping[str, str] = {}
    right: Mapping[str, str] = {}
    agreed: Mapping[str, str] = {}


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """A field that both sides had changed, and the side whose value was kept."""

    field: str
    here: Any
    there: Any
    kept: Side


class Synced(msgspec.Struct, frozen=True, kw_only=True):
    """The agreed values, which of them the other side lacks, and what was in conflict."""

    fields: Mapping[str, Any]
    changes: Sequence[str]
    conflicts: Sequence[Conflict]
    new: bool

    def output(self) -> dict[str, Any]:
        """Return what later steps read."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found


def compare(settings: Sync, known: Known | None) -> tuple[Synced, Known]:
    """Compare both sides with what is known; returns what to write to the other side, and what to remember.

    A side has changed a field when it says neither what it said last nor what was agreed: a write of ours that has
    arrived is no change there, nor is one that failed. Where neither changed and they differ, the agreed value goes on.
    """
    there = None if settings.there is None else _mapped(settings)
    before = known or Known()
    ours, theirs = (before.left, before.right) if settings.side == "left" else (before.right, before.left)
    fields: dict[str, Any] = {}
    conflicts: list[Conflict] = []
    for name, value in settings.here.items():
        if there is None:
            fields[name] = value
            continue
        kept_here, in_conflict = _decide(settings, name, there[name], before, (ours, theirs))
        fields[name] = value if kept_here else there[name]
        if in_conflict:
            kept: Side = settings.side if kept_here else _other(settings.side)
            conflicts.append(Conflict(field=name, here=value, there=there[name], kept=kept))
    changes = [name for name, value in fields.items() if there is None or not _same(value, there[name])]
    said = {name: digest(value) for name, value in settings.here.items()}
    heard = {} if there is None else {name: digest(value) for name, value in there.items()}
    left, right = (said, heard) if settings.side == "left" else (heard, said)
    agreed = {name: digest(value) for name, value in fields.items()}
    synced = Synced(fields=fields, changes=changes, conflicts=conflicts, new=there is None)
    return synced, Known(left=left, right=right, agreed=agreed)


def digest(value: Any) -> str:
    """Return a short digest of a value, the same for values that mean the same in two systems."""
    return hashlib.blake2b(meaning(value).encode(errors="surrogatepass"), digest_size=_DIGEST).hexdigest()


def meaning(value: Any) -> str:
    """Return a value as text: 118, 118.00 and "118.0" are one, as are nothing and empty, and a moment in any zone."""
    match value:
        case None:
            found = ""
        case bool():
            found = "true" if value else "false"
        case datetime():
            found = _moment(value)
        case int() | float() | Decimal():
            found = _number(str(value))
        case str():
            found = _text(value.strip())
        case _:
            found = msgspec.json.encode(value, order="deterministic").decode()
    return found


def _text(text: str) -> str:
    if _NUMBER.fullmatch(text):
        return _number(text)
    read = moment(text) if _MOMENT.fullmatch(text) else None
    return text if read is None else _moment(read)


def _decide(
    settings: Sync, name: str, there: Any, before: Known, sides: tuple[Mapping[str, str], Mapping[str, str]]
) -> tuple[bool, bool]:
    """Tell whether this side's value is kept, and whether both had changed it."""
    here = settings.here[name]
    if _same(here, there):
        return True, False
    agreed = before.agreed.get(name)
    ours, theirs = (
        digest(value) not in {side.get(name), agreed} for value, side in zip((here, there), sides, strict=True)
    )
    if ours != theirs:
        return ours, False
    if not ours and agreed in {digest(here), digest(there)}:
        return agreed == digest(here), False
    return _wins(settings), True


def _wins(settings: Sync) -> bool:
    if settings.conflict != "newest":
        return settings.conflict == settings.side
    return _at(settings.here_at) >= _at(settings.there_at)


def _at(value: Any) -> datetime:
    """Return a moment; one that is not told is the oldest."""
    found = None if value in (None, "") else moment(value)
    return found if found is not None else datetime.min.replace(tzinfo=UTC)


def _mapped(settings: Sync) -> dict[str, Any]:
    if not isinstance(settings.there, Mapping):
        raise TypeError("The record on the other side must be a map of names and values, or nothing.")
    return {name: settings.there.get(settings.names.get(name, name)) for name in settings.here}


def _same(first: Any, second: Any) -> bool:
    return meaning(first) == meaning(second)


def _number(text: str) -> str:
    number = Decimal(text)
    return f"number {number.normalize():f}" if number.is_finite() else text


def _moment(value: datetime) -> str:
    zoned = value if value.tzinfo else value.replace(tzinfo=UTC)
    try:
        return f"moment {zoned.astimezone(UTC).isoformat()}"
    except OverflowError:
        return f"moment {zoned.isoformat()}"  # the first and the last day there are, in another zone


def _other(side: Side) -> Side:
    return "right" if side == "left" else "left"
