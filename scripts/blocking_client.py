"""Make the blocking client of the asynchronous one: `python -m scripts.blocking_client`, `--check` only compares."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE, MADE = ROOT / "hub/client/asynchronous", ROOT / "hub/client/blocking"
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


def main() -> int:
    """Write the files, or with `--check` name the ones that differ."""
    written = made()
    if "--check" in sys.argv[1:]:
        differ = [path for path, text in written.items() if not path.exists() or path.read_text() != text]
        print("\n".join(f"{path.relative_to(ROOT)} is not as it would be made." for path in differ), end="")
        return bool(differ)
    MADE.mkdir(exist_ok=True)
    for path, text in written.items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
