"""Write the evaluation set: python -m scripts.evaluation DIR [--half tuning|heldout].

DIR/tuning and DIR/heldout hold the documents with NAME.expected.json beside each, for `patchdeck eval run`.
Rules are tuned on the tuning half alone; failures of the held-out half are counted, never looked at one by one.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from scripts.evaluation.catalogue import Half, catalogue

_SCHEMAS = Path(__file__).parent / "schemas"


def main() -> None:
    """Write one half or both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", choices=["tuning", "heldout"])
    options = parser.parse_args()
    halves: list[Half] = [options.half] if options.half else ["tuning", "heldout"]
    for half in halves:
        print(f"{write(options.folder / half, half)} documents in {options.folder / half}")


def write(folder: Path, half: Half) -> int:
    """Write the documents of a half with what is expected of them, and return how many there are."""
    folder.mkdir(parents=True, exist_ok=True)
    entries = catalogue(half)
    for entry in entries:
        content, record = entry.make()
        (folder / entry.name).write_bytes(content)
        expected = json.dumps({"schema": entry.schema, "record": record}, indent=2, ensure_ascii=False)
        (folder / f"{entry.name}.expected.json").write_text(expected + "\n", "utf-8")
    for schema in _SCHEMAS.glob("*.yaml"):
        shutil.copyfile(schema, folder / schema.name)
    return len(entries)


if __name__ == "__main__":
    main()
