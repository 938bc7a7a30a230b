"""Make the description of GitLab's API out of gitbeaker, a client whose types say what each call takes and gives.

GitLab publishes an OpenAPI document of version 4 in its repository, but in no package.
python -m tests.peers.descriptions.from_gitbeaker
"""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.peers.descriptions.from_types import HERE, READER, _operation, _run, _travelling
from tests.peers.descriptions.trimming import without_words

PACKAGE = "@gitbeaker/core@43.8.0"
ANSWERED = ["ExpandedUserSchema", "IssueSchema", "MergeRequestSchema", "NoteSchema"]
ASKED = ["AllIssuesOptions", "AllMergeRequestsOptions", "CreateIssueOptions", "EditIssueOptions"]
# What the client's methods take beside their options: pages of lists, and what stands in their signatures
_TEXT = {"type": "string"}
_PAGED = {"page": {"type": "integer"}, "per_page": {"type": "integer", "maximum": 100}}
_NOTED = {"sort": {"enum": ["asc", "desc"]}, "order_by": {"enum": ["created_at", "updated_at"]}, **_PAGED}
_PROJECT = "/api/v4/projects/{id}"
OPERATIONS: dict[str, tuple[str, dict[str, Any], str]] = {
    "GET /api/v4/user": ("", {}, "ExpandedUserSchema"),
    f"GET {_PROJECT}/issues": ("AllIssuesOptions", _PAGED, "IssueSchema[]"),
    f"POST {_PROJECT}/issues": ("CreateIssueOptions", {"title": _TEXT}, "IssueSchema"),
    f"GET {_PROJECT}/issues/{{iid}}": ("", {}, "IssueSchema"),
    f"PUT {_PROJECT}/issues/{{iid}}": ("EditIssueOptions", {}, "IssueSchema"),
    f"GET {_PROJECT}/merge_requests": ("AllMergeRequestsOptions", _PAGED, "MergeRequestSchema[]"),
    f"GET {_PROJECT}/merge_requests/{{iid}}": ("", {}, "MergeRequestSchema"),
    f"GET {_PROJECT}/{{kind}}/{{iid}}/notes": ("", _NOTED, "NoteSchema[]"),
    f"POST {_PROJECT}/{{kind}}/{{iid}}/notes": ("", {"body": _TEXT, "internal": {"type": "boolean"}}, "NoteSchema"),
    f"GET {_PROJECT}/{{kind}}/{{iid}}/notes/{{note_id}}": ("", {}, "NoteSchema"),
    f"DELETE {_PROJECT}/{{kind}}/{{iid}}/notes/{{note_id}}": ("", {}, ""),
}


def main() -> None:
    """Write gitlab.json."""
    with TemporaryDirectory() as directory:
        schemas = _schemas(Path(directory))
    paths: dict[str, Any] = {}
    for operation, (asked, more, answered) in OPERATIONS.items():
        verb, _, path = operation.partition(" ")
        known = {**schemas.get(asked, {}).get("properties", {}), **more}
        given = {"type": "object", "properties": known, "additionalProperties": False}
        made = _operation(path, verb, given, answered or "NoteSchema")
        if verb == "POST":
            made["responses"] = {"201": made["responses"]["200"]}
        if not answered:
            made["responses"] = {"204": {}}
        paths.setdefault(path, {})[verb.lower()] = made
    source = {
        "package": PACKAGE,
        "package_licence": "MIT",
        "title": "GitLab REST API v4",
        "made_by": "from_gitbeaker.py",
        "operations": sorted(OPERATIONS),
    }
    kept = without_words({name: one for name, one in schemas.items() if name not in ASKED}, named=True)
    written = {"x-source": source, "openapi": "3.1.0", "paths": without_words(paths, named=True)}
    written["components"] = {"schemas": kept}
    (HERE / "gitlab.json").write_text(json.dumps(written, indent=1, sort_keys=True) + "\n")


def _schemas(directory: Path) -> dict[str, Any]:
    """Return the types as JSON Schema, under the names that travel."""
    _run(directory, "npm", "pack", "--silent", PACKAGE)
    with tarfile.open(next(directory.glob("*.tgz"))) as packed:
        packed.extractall(directory, filter="data")
    _run(directory, "npm", "install", "--silent", "--no-save", "--prefix", ".", *READER)
    entry = directory / "package/dist/peer.ts"
    names = [*ANSWERED, *ASKED]
    fields = " ".join(f"{name}: {name};" for name in names)
    entry.write_text(f'import {{ {", ".join(names)} }} from "./index.js";\nexport interface Peer {{ {fields} }}')
    program = directory / "node_modules/.bin/ts-json-schema-generator"
    arguments = ["--path", str(entry), "--type", "Peer", "--no-type-check", "--expose", "none"]
    made = json.loads(_run(directory, str(program), *arguments))["definitions"]
    return {name: _travelling(schema) for name, schema in {**made.pop("Peer")["properties"], **made}.items()}


if __name__ == "__main__":
    main()
