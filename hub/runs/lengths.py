"""Names by which things are known again, short enough for an index of the database."""

from __future__ import annotations

import hashlib

from connectors.sdk.texts import storable

# In bytes; an index takes 2,700, and other columns stand beside the name
LONGEST = 2000
_KEPT = 1000


def indexable(name: str) -> str:
    """Return a name as a database can keep it; of a long one its beginning, and a digest that tells it from others."""
    kept = storable(name)
    encoded = kept.encode()
    if len(encoded) <= LONGEST:
        return kept
    return f"{encoded[:_KEPT].decode(errors='ignore')} {hashlib.sha256(encoded).hexdigest()}"
