"""Characters that carry text, and those that do not."""

import re

# What XML and JSON cannot carry, and the marks that only steer a screen.
_EMPTY = re.compile("[\x00-\x08\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff\ud800-\udfff]")


def clean(text: str) -> str:
    """The text without characters that carry nothing."""
    return _EMPTY.sub("", text)
