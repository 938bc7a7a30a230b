"""What a trigger has read already, small enough for a cursor: eight bytes for each thing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

_SIZE = 8


class Seen:
    """An ordered set of keys, kept as digests; the newest `most` stay."""

    def __init__(self, digests: Iterable[bytes] = (), most: int = 100_000) -> None:
        self._digests = dict.fromkeys(digests)
        self._most = most

    @classmethod
    def load(cls, text: str, most: int = 100_000) -> Seen:
        """Read what `dump` wrote."""
        packed = base64.b85decode(text)
        return cls((packed[start : start + _SIZE] for start in range(0, len(packed), _SIZE)), most)

    def dump(self) -> str:
        """Return the set as text."""
        return base64.b85encode(b"".join(list(self._digests)[-self._most :])).decode()

    def add(self, key: str) -> None:
        """Note a key as the newest."""
        digest = _digest(key)
        self._digests.pop(digest, None)
        self._digests[digest] = None

    def __len__(self) -> int:
        return len(self._digests)

    def __contains__(self, key: str) -> bool:
        return _digest(key) in self._digests


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode(errors="surrogatepass"), digest_size=_SIZE).digest()
