"""The state of a BigQuery on loopback: tables in SQLite, which understands the queries that are asked here."""

import re
import sqlite3
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.peers.google import Call, GooglePeer
from tests.peers.google_description import RefusalError

PROJECT = "acme-12345"
REMEMBERED = 60.0
_TYPES: Mapping[str, tuple[type, ...]] = {
    "STRING": (str,),
    "INTEGER": (int,),
    "FLOAT": (int, float),
    "BOOLEAN": (bool,),
    "TIMESTAMP": (str,),
}
_READS = re.compile(r"\s*(select|with)\b", re.IGNORECASE)


class BigQuery:
    """One project with tables; `slow` questions are not done at once, and each reads `size` bytes."""

    def __init__(self, peer: GooglePeer) -> None:
        self.tables: dict[str, dict[str, str]] = {}
        self.slow = False
        self.size = 1000
        self._known: dict[str, float] = {}
        self._answers: list[tuple[Sequence[Any], list[dict[str, Any]]]] = []
        self._held = sqlite3.connect(":memory:", check_same_thread=False)
        peer.serve(
            "bigquery.v2",
            {
                "bigquery.projects.list": lambda _: {
                    "projects": [{"friendlyName": "Acme", "projectReference": {"projectId": PROJECT}}]
                },
                "bigquery.datasets.list": self._datasets,
                "bigquery.tables.list": self._list,
                "bigquery.tables.get": self._get,
                "bigquery.tabledata.insertAll": self._insert,
                "bigquery.jobs.insert": self._try,
                "bigquery.jobs.query": self._query,
                "bigquery.jobs.getQueryResults": self._results,
            },
        )

    def close(self) -> None:
        """Forget the tables."""
        self._held.close()

    def table(self, name: str, **columns: str) -> None:
        """Make a table of columns and types."""
        self.tables[name] = columns
        self._held.execute(f"create table `{PROJECT}.{name}` ({', '.join(f'`{column}`' for column in columns)})")

    def drop(self, name: str, column: str) -> None:
        """Take a column away."""
        del self.tables[name][column]
        self._held.execute(f"alter table `{PROJECT}.{name}` drop column `{column}`")

    def put(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows."""
        columns = list(self.tables[name])
        self._held.executemany(
            f"insert into `{PROJECT}.{name}` values ({', '.join('?' * len(columns))})",
            [[row.get(column) for column in columns] for row in rows],
        )

    def rows(self, name: str) -> list[tuple[Any, ...]]:
        """Return all rows of a table."""
        return self._held.execute(f"select * from `{PROJECT}.{name}`").fetchall()

    def _datasets(self, call: Call) -> dict[str, Any]:
        names = sorted({name.partition(".")[0] for name in self.tables})
        return {"datasets": [{"datasetReference": {"datasetId": name, "projectId": PROJECT}} for name in names]}

    def _list(self, call: Call) -> dict[str, Any]:
        names = [name.split(".") for name in self.tables]
        held = [table for dataset, table in names if dataset == call.parameters["datasetId"]]
        return {"tables": [{"tableReference": {"tableId": table}} for table in held]}

    def _named(self, call: Call) -> str:
        name = f"{call.parameters['datasetId']}.{call.parameters['tableId']}"
        if name not in self.tables or call.parameters["projectId"] != PROJECT:
            raise RefusalError(404, "notFound", f"Not found: Table {call.parameters['projectId']}:{name}")
        return name

    def _get(self, call: Call) -> dict[str, Any]:
        columns = self.tables[self._named(call)]
        return {"schema": {"fields": [{"name": name, "type": kind} for name, kind in columns.items()]}}

    def _insert(self, call: Call) -> dict[str, Any]:
        name, rows = self._named(call), call.body["rows"]
        if len(rows) > 50_000:
            raise RefusalError(400, "invalid", "Too many rows present in the request.")
        wrong = [(place, _wrong(self.tables[name], row["json"])) for place, row in enumerate(rows)]
        errors = [{"index": place, "errors": [error]} for place, error in wrong if error]
        if errors and not call.body.get("skipInvalidRows"):
            return {"insertErrors": errors}
        bad = {error["index"] for error in errors}
        for place, row in enumerate(rows):
            seen = self._known.get(row["insertId"], -REMEMBERED) > time.monotonic() - REMEMBERED
            if place not in bad and not seen:
                self._known[row["insertId"]] = time.monotonic()
                self.put(name, [row["json"]])
        return {"insertErrors": errors} if errors else {}

    def _try(self, call: Call) -> dict[str, Any]:
        said = call.body["configuration"]
        if not said.get("dryRun"):
            raise RefusalError(400, "notImplemented", "This peer only tries jobs.")
        sql = said["query"]["query"]
        kind = "SELECT" if _READS.match(sql) else sql.split()[0].upper()
        if kind == "SELECT":
            self._run(sql, said["query"].get("queryParameters", []), f"explain {sql}")
        return {"statistics": {"query": {"statementType": kind}}}

    def _query(self, call: Call) -> dict[str, Any]:
        body = call.body
        if body.get("useLegacySql", True) or not body.get("formatOptions", {}).get("useInt64Timestamp"):
            raise RefusalError(400, "badRequest", "Ask in today's SQL and with whole numbers for times.")
        if int(body.get("maximumBytesBilled", 1 << 60)) < self.size:
            raise RefusalError(400, "bytesBilledLimitExceeded", f"Query exceeded limit for bytes billed: {self.size}.")
        self._answers.append(self._run(body["query"], body.get("queryParameters", [])))
        job = len(self._answers) - 1
        if self.slow:
            return {"jobComplete": False, "jobReference": _job(job)}
        return self._page(job, 0, int(body["maxResults"]))

    def _results(self, call: Call) -> dict[str, Any]:
        start = int(call.parameters.get("pageToken", 0))
        return self._page(int(call.parameters["jobId"]), start, int(call.parameters["maxResults"]))

    def _page(self, job: int, start: int, size: int) -> dict[str, Any]:
        rows, columns = self._answers[job]
        shown = [{"f": [{"v": _cell(value)} for value in row]} for row in rows[start : start + size]]
        more = {"pageToken": str(start + size)} if start + size < len(rows) else {}
        return {"jobComplete": True, "jobReference": _job(job), "schema": {"fields": columns}, "rows": shown, **more}

    def _run(
        self, sql: str, parameters: Sequence[Mapping[str, Any]], instead: str = ""
    ) -> tuple[Sequence[Any], list[dict[str, Any]]]:
        given = {one["name"]: _given(one) for one in parameters}
        try:
            found = self._held.execute(instead or sql, given)
        except sqlite3.Error as error:
            raise RefusalError(400, "invalidQuery", f"Syntax error: {error}") from error
        kinds = {name: kind for columns in self.tables.values() for name, kind in columns.items()}
        columns = [{"name": one[0], "type": kinds.get(one[0], "STRING")} for one in found.description or ()]
        return found.fetchall(), columns


def _given(parameter: Mapping[str, Any]) -> Any:
    kind, text = parameter["parameterType"]["type"], parameter["parameterValue"].get("value")
    return int(text) if kind == "INT64" and text is not None else text


def _wrong(columns: Mapping[str, str], row: Mapping[str, Any]) -> dict[str, str] | None:
    for name, value in row.items():
        if name not in columns:
            return {"reason": "invalid", "location": name, "message": f"no such field: {name}."}
        if not isinstance(value, _TYPES[columns[name]]):
            return {
                "reason": "invalid",
                "location": name,
                "message": f"Cannot convert value to {columns[name].lower()}.",
            }
    return None


def _job(number: int) -> dict[str, str]:
    return {"projectId": PROJECT, "jobId": str(number), "location": "EU"}


def _timestamp(text: str) -> str:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


def _cell(value: Any) -> Any:
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value):
        return str(int(datetime.fromisoformat(_timestamp(value)).timestamp() * 1_000_000))
    return None if value is None else str(value)
