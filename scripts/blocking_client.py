"""The blocking client, made of the asynchronous one by leaving out what waits."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE, MADE = ROOT / "hub/client/asynchronous", Path("hub/client/blocking")
# In this order; each is a word of the asynchronous client and what it is called in the blocking one.
WORDS = (
    (r"hub\.client\.asynchronous", "hub.client.blocking"),
    (r"The asynchronous client; the blocking one is made of it", "The blocking client; made of the asynchronous one"),
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\basyncio\b", "time"),
    (r"\bAsync(Patchdeck|Iterator|Client|BaseTransport)\b", r"\1"),
    (r"\b__a(enter|exit)__\b", r"__\1__"),
    (r"\ba(close|read|iter_lines)\(", r"\1("),
)


def made() -> Mapping[Path, str]:
    """Return every file of the blocking client with its content."""
    return {MADE / path.name: _formatted(_blocking(path.read_text())) for path in sorted(SOURCE.glob("*.py"))}


def _blocking(text: str) -> str:
    for pattern, word in WORDS:
        text = re.sub(pattern, word, text)
    return text


def _formatted(text: str) -> str:
    ruff = [sys.executable, "-m", "ruff"]
    sorted_imports = [
        *ruff,
        "check",
        "--quiet",
        "--select",
        "I",
        "--fix",
        "--stdin-filename",
        "hub/client/blocking/made.py",
        "-",
    ]
    for command in (sorted_imports, [*ruff, "format", "--quiet", "-"]):
        text = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    return text
