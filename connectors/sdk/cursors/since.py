"""How far a trigger has read in what a service lists by time: the newest moment, and what was seen about then."""

from __future__ import annotations

import base64
import hashlib
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

# Each thing that was seen: a digest of its identity and moment, and how many seconds before the newest moment it was
_SEEN = struct.Struct(">8sI")
MOST_REMEMBERED = 100_000
# Ages are kept in whole seconds
_A_SECOND = timedelta(seconds=1)
_FIRST = datetime.min.replace(tzinfo=UTC)


class Since:
    """A position in a list by time that survives equal moments, late arrivals and repeats.

    Ask the service for what changed at or after `start`, give everything that comes to `is_new`, and keep `dump()` as
    the cursor: once the whole list was read, or with each page where the service lists the oldest first. What comes
    later than its own moment by less than `overlap` seconds is still found; a thing with a new moment counts as new.
    """

    def __init__(self, newest: datetime | None = None, *, overlap: float = 300.0) -> None:
        self._newest = None if newest is None else _in_utc(newest)
        self._overlap = timedelta(seconds=overlap)
        self._seen: dict[bytes, datetime] = {}
        self._page: set[bytes] = set()

    @classmethod
    def load(cls, text: str | None, *, overlap: float = 300.0) -> Since:
        """Read what `dump` wrote; None begins anew."""
        moment, _, packed = (text or "").partition(" ")
        found = cls(datetime.fromisoformat(moment) if moment else None, overlap=overlap)
        for digest, age in _SEEN.iter_unpack(base64.b85decode(packed)):
            found._seen[digest] = datetime.fromisoformat(moment) - timedelta(seconds=age)
        return found

    @property
    def start(self) -> datetime | None:
        """From which moment on to ask; None: from the beginning."""
        return None if self._newest is None else _before(self._newest, self._overlap)

    def is_new(self, identity: str, moment: datetime) -> bool:
        """Note a thing and tell whether it had not been seen at this moment; moments without a zone are UTC."""
        moment = _in_utc(moment)
        digest = hashlib.blake2b(
            f"{moment.timestamp()} {identity}".encode(errors="surrogatepass"), digest_size=8
        ).digest()
        if digest in self._seen:
            return False
        self._seen[digest] = moment
        self._page.add(digest)
        self._newest = moment if self._newest is None else max(self._newest, moment)
        return True

    def dump(self) -> str:
        """Return the position as text; things that lie before the overlap are forgotten."""
        if self._newest is None:
            return ""
        self._forget(self._newest)
        recent = b"".join(list(self._packed(self._newest))[-MOST_REMEMBERED:])
        return f"{self._newest.isoformat()} {base64.b85encode(recent).decode()}"

    def _forget(self, newest: datetime) -> None:
        """Let go of what lies before the overlap, so that a long list read page by page takes no more room or time.

        What came since the last time stays for one page more: a list that shifts shows its end once again.
        """
        first = _before(newest, self._overlap + _A_SECOND)
        self._seen = {digest: at for digest, at in self._seen.items() if at >= first or digest in self._page}
        self._page.clear()

    def _packed(self, newest: datetime) -> Iterator[bytes]:
        for digest, moment in self._seen.items():
            age = int((newest - moment).total_seconds())
            if age <= self._overlap.total_seconds():
                yield _SEEN.pack(digest, age)


def _before(moment: datetime, time: timedelta) -> datetime:
    """Return what lies so long before a moment, or the first moment there is."""
    return moment - min(time, moment - _FIRST)


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return moment.replace(tzinfo=UTC)  # at the ends of time a zone makes no difference to anybody
