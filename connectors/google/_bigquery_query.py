"""Questions to BigQuery: only ones that read, with a limit on what they cost, and their rows as plain values."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import msgspec

from connectors.google._calls import ask
from connectors.google._connection import SERVICES, Connection
from connectors.sdk import Choice, Context, Settings, SettingsError, field

BIGQUERY = SERVICES["bigquery"]
PAGE = 1_000
MOST_ROWS = 10_000
# Milliseconds that BigQuery may take before it answers that it is not done
AT_ONCE = 20_000
PATIENCE = 240.0
_GIGABYTE = 1024**3
_MICROSECONDS = {"formatOptions": {"useInt64Timestamp": True}}


class _Id(msgspec.Struct, frozen=True, rename="camel"):
    project_id: str = ""


class _Project(msgspec.Struct, frozen=True, rename="camel"):
    friendly_name: str = ""
    project_reference: _Id = msgspec.field(default_factory=_Id)


class _Projects(msgspec.Struct, frozen=True):
    projects: Sequence[_Project] = ()


class Column(msgspec.Struct, frozen=True):
    """A column of a table or an answer."""

    name: str
    type: str = ""
    mode: str = ""
    fields: Sequence[Column] = ()


class Schema(msgspec.Struct, frozen=True):
    """The columns of an answer, in the order of its cells."""

    fields: Sequence[Column] = ()


class _Job(msgspec.Struct, frozen=True, rename="camel"):
    job_id: str = ""
    location: str = ""


class _Cell(msgspec.Struct, frozen=True):
    v: Any = None


class _Row(msgspec.Struct, frozen=True):
    f: Sequence[_Cell] = ()


class _Answer(msgspec.Struct, frozen=True, rename="camel"):
    job_complete: bool = False
    job_reference: _Job = msgspec.field(default_factory=_Job)
    schema: Schema = msgspec.field(default_factory=Schema)
    rows: Sequence[_Row] = ()
    page_token: str = ""


class _Kind(msgspec.Struct, frozen=True, rename="camel"):
    statement_type: str = ""


class _Statistics(msgspec.Struct, frozen=True):
    query: _Kind = msgspec.field(default_factory=_Kind)


class _Tried(msgspec.Struct, frozen=True):
    statistics: _Statistics = msgspec.field(default_factory=_Statistics)


async def projects(context: Context[Connection, Any]) -> Sequence[Choice]:
    """Return the projects that the account may use."""
    found = await ask(context, BIGQUERY, "projects.list", _Projects, maxResults=1000)
    return [Choice(one.project_reference.project_id, one.friendly_name) for one in found.projects]


class Place(Settings):
    """Which project pays."""

    project: Annotated[str, field("Project", hint="It pays for what is asked.", example="acme-12345", choices=projects)]


class Question(Place):
    """What to ask."""

    sql: Annotated[
        str,
        field(
            "SQL",
            hint="Write values as @names.",
            example="select name from sales.customers where id = @id",
            multiline=True,
        ),
    ]
    params: Annotated[dict[str, Any], field("Values", hint="One for each @name.", templated=True)] = {}
    limit: Annotated[int, field("Most rows", hint="More than this is an error.", advanced=True)] = 1000
    most_gigabytes: Annotated[
        float, field("Most gigabytes", hint="A question that would read more is not asked.", advanced=True)
    ] = 10.0
    location: Annotated[
        str,
        field(
            "Location",
            hint="Where the data lies, unless it is the US or the EU.",
            example="europe-west3",
            advanced=True,
        ),
    ] = ""

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= MOST_ROWS:
            raise ValueError(f"The most rows can be 1 to {MOST_ROWS:,}.")
        if self.most_gigabytes <= 0:
            raise ValueError("Let a question read more than nothing.")


async def asked(context: Context[Connection, Question]) -> list[dict[str, Any]]:
    """Return all rows of a question that only reads."""
    settings, found = context.settings, list[dict[str, Any]]()
    await _require_reading(context, settings)
    async for rows in answered(context, settings):
        found += rows
        if len(found) > settings.limit:
            raise SettingsError(f"The query found more than {settings.limit} rows; ask for fewer or raise its limit.")
    return found


async def answered(context: Context[Connection, Any], question: Question) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield the rows of an answer, page by page."""
    body = {**_body(question), "maxResults": min(PAGE, question.limit + 1), "timeoutMs": AT_ONCE, **_MICROSECONDS}
    answer = await ask(context, BIGQUERY, "jobs.query", _Answer, projectId=question.project, body=body)
    job, started = answer.job_reference, asyncio.get_running_loop().time()
    while not answer.job_complete:
        if asyncio.get_running_loop().time() - started > PATIENCE:
            raise SettingsError(f"The query took longer than {PATIENCE:.0f} seconds.")
        answer = await _more(context, question, job, "")
    schema = answer.schema
    yield [_shown(schema.fields, row) for row in answer.rows]
    while answer.page_token:
        answer = await _more(context, question, job, answer.page_token)
        yield [_shown(schema.fields, row) for row in answer.rows]


async def _more(context: Context[Connection, Any], question: Question, job: _Job, token: str) -> _Answer:
    named = {"formatOptions_useInt64Timestamp": True, "maxResults": PAGE, "timeoutMs": AT_ONCE}
    return await ask(
        context,
        BIGQUERY,
        "jobs.getQueryResults",
        _Answer,
        projectId=question.project,
        jobId=job.job_id,
        location=job.location or None,
        pageToken=token or None,
        **named,
    )


async def _require_reading(context: Context[Connection, Question], question: Question) -> None:
    """Let BigQuery itself say what kind of statement it is, which costs nothing."""
    query = {name: value for name, value in _body(question).items() if name not in {"location", "maximumBytesBilled"}}
    body: dict[str, Any] = {"configuration": {"dryRun": True, "query": query}}
    if question.location:
        body["jobReference"] = {"projectId": question.project, "location": question.location}
    tried = await ask(context, BIGQUERY, "jobs.insert", _Tried, projectId=question.project, body=body)
    kind = tried.statistics.query.statement_type
    if kind != "SELECT":
        raise SettingsError(f"A lookup only reads, and this is a statement of the kind {kind or 'unknown'}.")


def _body(question: Question) -> dict[str, Any]:
    body: dict[str, Any] = {
        "query": question.sql,
        "useLegacySql": False,
        "maximumBytesBilled": str(int(question.most_gigabytes * _GIGABYTE)),
    }
    if question.location:
        body["location"] = question.location
    if question.params:
        body["parameterMode"] = "NAMED"
        body["queryParameters"] = [{"name": name, **_parameter(value)} for name, value in question.params.items()]
    return body


def _parameter(value: Any) -> dict[str, Any]:
    if isinstance(value, (list, tuple)):
        inner = [_parameter(one) for one in value]
        kind = inner[0]["parameterType"] if inner else {"type": "STRING"}
        return {
            "parameterType": {"type": "ARRAY", "arrayType": kind},
            "parameterValue": {"arrayValues": [one["parameterValue"] for one in inner]},
        }
    kinds = {bool: "BOOL", int: "INT64", float: "FLOAT64", date: "DATE"}
    moment = "TIMESTAMP" if isinstance(value, datetime) and value.tzinfo else "DATETIME"
    kind = moment if isinstance(value, datetime) else kinds.get(type(value), "STRING")
    return {"parameterType": {"type": kind}, "parameterValue": {} if value is None else {"value": _text(value)}}


def _text(value: Any) -> str:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value if isinstance(value, str) else msgspec.json.encode(value, enc_hook=str).decode()


def _shown(columns: Sequence[Column], row: _Row) -> dict[str, Any]:
    return {column.name: _value(column, cell.v) for column, cell in zip(columns, row.f, strict=False)}


def _value(column: Column, value: Any) -> Any:
    if value is None:
        return None
    try:
        if column.mode == "REPEATED":
            single = msgspec.structs.replace(column, mode="")
            return [_value(single, one.v) for one in msgspec.convert(value, list[_Cell])]
        if column.fields:
            return _shown(column.fields, msgspec.convert(value, _Row))
        return _READ.get(column.type, str)(value)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return str(value)


def _moment(text: str) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(text))
    return moment.isoformat().replace("+00:00", "Z")


_READ: Mapping[str, Any] = {
    "INTEGER": int,
    "INT64": int,
    "FLOAT": float,
    "FLOAT64": float,
    "BOOLEAN": lambda text: text == "true",
    "BOOL": lambda text: text == "true",
    "TIMESTAMP": _moment,
    "JSON": msgspec.json.decode,
}
