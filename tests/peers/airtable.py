"""A base of Airtable with one table, after the documented requests and answers (airtable.com/developers/web/api).

It refuses what Airtable refuses, with its errors, and notes in `violations` what no client of ours may send: more than
ten records, a formula of another form than ours, more than five requests a second on average.
"""

import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from tests.peers.faults import Faults, json_answer

BASE, TABLE, TOKEN = "appTest1", "tblInvoices1", "pat-s3cret-s3cret"
NAMES = (TABLE, "Invoices / all")
TYPES = {
    "Number": "singleLineText",
    "Total": "number",
    "Paid": "checkbox",
    "Tags": "multipleSelects",
    "Last modified": "lastModifiedTime",
    "Odd } name": "singleLineText",
}
_TEXT = r'"(?:[^"\\]|\\.)*"'
_SAME = re.compile(rf'(\{{(?:[^}}\\]|\\.)*\}})&""=({_TEXT})')
_FORMS = {
    "keys": re.compile(
        rf"OR\(AND\({_SAME.pattern}(?:,{_SAME.pattern})*\)(?:,AND\({_SAME.pattern}(?:,{_SAME.pattern})*\))*\)"
    ),
    "since": re.compile(rf"NOT\(IS_BEFORE\((\{{.*\}}|CREATED_TIME\(\)),({_TEXT})\)\)"),
    "equals": re.compile(rf"(\{{(?:[^}}\\]|\\.)*\}}) ?= ?({_TEXT}|'[^']*'|[\d.]+)"),
}


class AirtablePeer:
    """`records` as they stand; `writes` counts the requests that changed something."""

    def __init__(self) -> None:
        self.base = ""
        self.records: list[dict[str, Any]] = []
        self.types = dict(TYPES)
        # Now, as targets ask for what is newer than their own try
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.writes = 0
        self.violations: list[str] = []
        self.arrivals: list[float] = []
        self.faults = Faults(lambda status, message: {"error": {"type": f"TYPE_{status}", "message": message}})
        self._made = 0

    def add(self, **fields: Any) -> dict[str, Any]:
        """Make a record beside the connector."""
        self._made += 1
        record = {"id": f"rec{self._made:014}", "createdTime": _text(self.now), "fields": {}}
        self.records.append(record)
        self.edit(record, **fields)
        return record

    def edit(self, record: dict[str, Any], **fields: Any) -> None:
        """Change a record; what is empty is no longer there."""
        whole = {**record["fields"], **fields, "Last modified": _text(self.now)}
        record["fields"] = {name: value for name, value in whole.items() if value not in (None, "", False, [])}

    def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        self.now += timedelta(seconds=seconds)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        self.arrivals.append(time.monotonic())
        return await self.faults.answer(request, self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read() or b"{}")
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return _refusal(401, "AUTHENTICATION_REQUIRED", "Authentication required")
        path = request.raw_path.partition("?")[0].removeprefix("/v0/")
        if path.startswith("meta/"):
            return self._about(path)
        parts = [part.replace("%20", " ").replace("%2F", "/") for part in path.split("/")]
        if parts[0] != BASE or len(parts) < 2 or parts[1] not in NAMES:
            message = "Invalid permissions, or the requested model was not found."
            return _refusal(403, "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND", message)
        return self._in_table(request, parts[2:], body)

    def _in_table(self, request: web.Request, rest: list[str], body: dict[str, Any]) -> web.Response:
        if request.method == "POST" and rest == ["listRecords"]:
            return self._list(body)
        if request.method == "GET" and not rest:
            return self._list(_from_query(request))
        return self._single(request.method, rest[0], body) if rest else self._write(request.method, body)

    def _about(self, path: str) -> web.Response:
        fields = [{"id": f"fld{name}", "name": name, "type": kind} for name, kind in self.types.items()]
        table = {"id": TABLE, "name": NAMES[1], "primaryFieldId": "fldNumber", "fields": fields}
        table["views"] = [{"id": "viw1", "name": "Grid view", "type": "grid"}]
        found: dict[str, Any] = {
            "meta/whoami": {"id": "usr1"},
            "meta/bases": {"bases": [{"id": BASE, "name": "Shop", "permissionLevel": "create"}]},
            f"meta/bases/{BASE}/tables": {"tables": [table]},
        }
        return json_answer(200, found[path], {}) if path in found else _refusal(404, "NOT_FOUND", "")

    def _list(self, asked: dict[str, Any]) -> web.Response:
        self._require(asked.keys() <= {"pageSize", "offset", "filterByFormula", "sort", "fields", "view"}, str(asked))
        try:
            found = [one for one in self.records if self._fits(one, asked.get("filterByFormula", ""))]
        except ValueError:
            self.violations.append(f"formula: {asked['filterByFormula']}")
            return _refusal(422, "INVALID_FILTER_BY_FORMULA", "The formula for filtering records is invalid")
        for sort in reversed(asked.get("sort", [])):
            downwards = sort.get("direction") == "desc"
            found.sort(key=lambda one: one["fields"].get(sort["field"], ""), reverse=downwards)
        size, start = int(asked.get("pageSize", 100)), int(str(asked.get("offset", "itr/0")).removeprefix("itr/"))
        self._require(1 <= size <= 100, f"pageSize {size}")
        more = {"offset": f"itr/{start + size}"} if start + size < len(found) else {}
        return json_answer(200, {"records": found[start : start + size], **more}, {})

    def _fits(self, record: dict[str, Any], formula: str) -> bool:
        if not formula:
            return True
        if found := _FORMS["since"].fullmatch(formula):
            at = record["createdTime"] if found[1] == "CREATED_TIME()" else self._field(record, found[1])
            return bool(at) and datetime.fromisoformat(at) >= datetime.fromisoformat(json.loads(found[2]))
        if _FORMS["keys"].fullmatch(formula):
            groups = [_SAME.findall(group) for group in re.split(r"\),AND\(", formula)]
            return any(
                all(str(self._field(record, name)) == json.loads(text) for name, text in group) for group in groups
            )
        if found := _FORMS["equals"].fullmatch(formula):
            value = self._field(record, found[1])
            return bool(value == (json.loads(found[2]) if found[2][0] != "'" else found[2][1:-1]))
        raise ValueError(formula)

    def _field(self, record: dict[str, Any], name: str) -> Any:
        plain = name[1:-1].replace("\\}", "}").replace("\\\\", "\\")
        if plain not in self.types:
            raise ValueError(plain)
        return record["fields"].get(plain, "")

    def _single(self, method: str, identity: str, body: dict[str, Any]) -> web.Response:
        record = next((one for one in self.records if one["id"] == identity), None)
        if record is None:
            return _refusal(404, "NOT_FOUND", "Record not found")
        if method == "PATCH":
            self.writes += 1
            if wrong := self._wrong(body["fields"], typecast=False):
                return wrong
            self.edit(record, **body["fields"])
        if method == "DELETE":
            self.writes += 1
            self.records.remove(record)
            return json_answer(200, {"id": identity, "deleted": True}, {})
        return json_answer(200, record, {})

    def _write(self, method: str, body: dict[str, Any]) -> web.Response:
        self.writes += 1
        rows, typecast = body["records"], body.get("typecast", False)
        if len(rows) > 10:
            self.violations.append(f"{len(rows)} records in a request")
            return _refusal(422, "INVALID_RECORDS", "Too many records")
        for row in rows:
            if wrong := self._wrong(row["fields"], typecast=typecast):
                return wrong
        if method == "POST":
            made = [self.add(**self._cast(row["fields"])) for row in rows]
            return json_answer(200, {"records": made}, {})
        if "performUpsert" not in body:
            changed = [next(one for one in self.records if one["id"] == row["id"]) for row in rows]
            for record, row in zip(changed, rows, strict=True):
                self.edit(record, **self._cast(row["fields"]))
            return json_answer(200, {"records": changed}, {})
        return self._upsert(rows, body["performUpsert"]["fieldsToMergeOn"])

    def _upsert(self, rows: list[dict[str, Any]], keys: list[str]) -> web.Response:
        self._require(1 <= len(keys) <= 3, f"fieldsToMergeOn {keys}")
        created: list[str] = []
        updated: list[str] = []
        records = []
        for row in rows:
            fields = self._cast(row["fields"])
            same = [one for one in self.records if all(one["fields"].get(key) == fields.get(key) for key in keys)]
            if len(same) > 1:
                return _refusal(422, "INVALID_REQUEST_UNKNOWN", "More than one record matches fieldsToMergeOn")
            record = same[0] if same else self.add()
            self.edit(record, **fields)
            (updated if same else created).append(record["id"])
            records.append(record)
        return json_answer(200, {"records": records, "createdRecords": created, "updatedRecords": updated}, {})

    def _wrong(self, fields: dict[str, Any], *, typecast: bool) -> web.Response | None:
        for name, value in fields.items():
            kind = self.types.get(name)
            if kind is None:
                return _refusal(422, "UNKNOWN_FIELD_NAME", f'Unknown field name: "{name}"')
            fits = {
                "number": value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)),
                "checkbox": value is None or isinstance(value, bool),
                "multipleSelects": value is None or isinstance(value, list),
                "singleLineText": value is None or isinstance(value, str),
                "lastModifiedTime": False,
            }[kind]
            if not fits and not (typecast and kind != "lastModifiedTime"):
                message = f'Field "{name}" cannot accept the provided value'
                return _refusal(422, "INVALID_VALUE_FOR_COLUMN", message)
        return None

    def _cast(self, fields: dict[str, Any]) -> dict[str, Any]:
        return {
            name: float(value) if self.types[name] == "number" and isinstance(value, str) else value
            for name, value in fields.items()
        }

    def _require(self, fits: bool, what: str) -> None:
        if not fits:
            self.violations.append(what)


@asynccontextmanager
async def airtable_peer() -> AsyncIterator[AirtablePeer]:
    """Serve it on a free port of loopback until the block ends."""
    peer = AirtablePeer()
    runner = web.ServerRunner(web.Server(peer.answer), access_log=None, shutdown_timeout=0.1)  # type: ignore[arg-type]  # aiohttp takes a plain handler
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    peer.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield peer
    finally:
        await runner.cleanup()


def _refusal(status: int, kind: str, message: str) -> web.Response:
    return json_answer(status, {"error": {"type": kind, "message": message}}, {})


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _from_query(request: web.Request) -> dict[str, Any]:
    return {name: value for name, value in request.query.items() if name in {"pageSize", "offset", "filterByFormula"}}
