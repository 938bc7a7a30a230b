"""n8n's nodes that speak to services: HTTP, mail, Slack, PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec

from hub.foreign.n8n.expressions import Values, pairs, secret_remark
from hub.foreign.n8n.kinds import short
from hub.foreign.secrets import PUT_FOR
from hub.foreign.shapes import Given, Loss, Part, Remark, Turned, lost

# Nodes that become steps about the whole item
ABOUT_ONE = frozenset({"if", "switch", "wait", "respondToWebhook", "stopAndError", "merge", "executeWorkflow"})
LOOKING = frozenset({"GET", "HEAD"})
SLACK = "https://slack.com/api/chat.postMessage"
_EXPRESSION = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_PLACE = re.compile(r"\$([1-9][0-9]?)")
_READS = re.compile(r"(?is)^\s*(?:--[^\n]*\n\s*)*(?:select|with|values|table)\b")
# What is sent as JSON need not be made a text first
_STRINGIFIED = re.compile(r"^\{\{\s*JSON\.stringify\(([^(){}]*)\)\s*\}\}$")
_HOLE = re.compile(r'"(\{\{.*?\}\})"|(\{\{.*?\}\})', re.DOTALL)


def json_of(text: Any, values: Values, name: str) -> Any:
    """Return JSON that was written as a text with expressions as a value; the text as it is when that cannot be."""
    if not isinstance(text, str):
        return values.value(text, name)
    body = _STRINGIFIED.sub(r"{{ \1 }}", text.removeprefix("=").strip())
    if body.startswith("{{") and body.endswith("}}") and body.count("{{") == 1:
        return values.value(f"={body}", name)
    holes: list[str] = []

    def keep(found: re.Match[str]) -> str:
        holes.append(found[1] or found[2])
        inside = body[: found.start()].count('"') % 2 == 1 and not found[1]
        return f"<<{len(holes) - 1}>>" if inside else f'"<<{len(holes) - 1}>>"'

    try:
        plain = msgspec.json.decode(_HOLE.sub(keep, body)) if text.startswith("=") else msgspec.json.decode(body)
    except msgspec.DecodeError:
        return values.value(text, name)
    return _filled(plain, holes, values, name)


def _filled(plain: Any, holes: list[str], values: Values, name: str) -> Any:
    """Put the expressions back into the places they had in the JSON."""
    if isinstance(plain, dict):
        return {key: _filled(inner, holes, values, f"{name}.{key}") for key, inner in plain.items()}
    if isinstance(plain, list):
        return [_filled(inner, holes, values, name) for inner in plain]
    if isinstance(plain, str) and "<<" in plain:
        whole = re.sub(r"<<(\d+)>>", lambda found: holes[int(found[1])] if int(found[1]) < len(holes) else "", plain)
        return values.value(f"={whole}", name)
    return values.value(plain, name) if isinstance(plain, str) else plain


def headers_of(given: Any, values: Values) -> dict[str, str]:
    """Return headers without those that hold a credential, which is told."""
    listed = {"parameters": given} if isinstance(given, list) else given
    kept: dict[str, str] = {}
    for name, value in pairs(listed).items():
        if PUT_FOR in str(value):
            values.remarks.append(secret_remark(f"The header {name}"))
        else:
            kept[name] = values.text(value, name)
    return kept


def request(part: Part, given: Given) -> Turned:
    """Ask a service, or send to one: a GET is a lookup, all else a delivery."""
    settings, values = part.settings, Values(given)
    method = str(settings.get("method") or settings.get("requestMethod") or "GET").upper()
    url = values.text(settings.get("url"), "url").strip()
    made: dict[str, Any] = {"url": url, "method": method}
    headers = headers_of(settings.get("headerParameters") or settings.get("headerParametersUi") or {}, values)
    if headers:
        made["headers"] = headers
    query = pairs(settings.get("queryParameters") or settings.get("queryParametersUi") or {})
    shown = {name: values.value(value, name) for name, value in query.items() if PUT_FOR not in str(value)}
    values.remarks.extend(secret_remark(f"The parameter {name}") for name in query if name not in shown)
    if PUT_FOR in url:
        made["url"] = url.replace(PUT_FOR, "")
    looking = method in LOOKING
    if looking and shown:
        made["params"] = shown
    elif shown:
        made["url"] += ("&" if "?" in url else "?") + urlencode(shown, safe="{}| .:'\"[]_")
    body = _body(settings, values) if not looking else None
    if body is not None:
        made["text" if isinstance(body, str) and "{{" not in body else "json"] = body
    uses = "http.request" if looking else "http.send"
    signed = part.credential or (settings.get("authentication") not in {None, "", "none"} and "service") or None
    remarks = [*values.remarks, *_about_request(settings, method)]
    return Turned(uses=uses, settings=made, connection=signed or None, out="body", remarks=remarks)


def _body(settings: Mapping[str, Any], values: Values) -> Any:
    if settings.get("jsonBody") is not None and settings.get("specifyBody") == "json":
        return json_of(settings["jsonBody"], values, "jsonBody")
    if settings.get("bodyParametersJson"):
        return json_of(settings["bodyParametersJson"], values, "body")
    if settings.get("contentType") == "raw" or settings.get("specifyBody") == "string":
        return values.text(settings.get("body"), "body")
    listed = pairs(settings.get("bodyParameters") or settings.get("bodyParametersUi") or {})
    return {name: values.value(value, name) for name, value in listed.items()} or None


def _about_request(settings: Mapping[str, Any], method: str) -> list[Remark]:
    remarks = []
    options = settings.get("options")
    if isinstance(options, dict) and isinstance(options.get("pagination"), dict):
        why = "How pages follow one another is said in other words here."
        remarks.append(Remark(kind=Loss.PARTLY, did="Read all pages.", why=why, instead="Set paging at the step."))
    if (
        settings.get("contentType") in {"multipart-form-data", "form-urlencoded", "binaryData"}
        and method not in LOOKING
    ):
        why = "http.send sends JSON or text."
        remarks.append(
            Remark(
                kind=Loss.PARTLY,
                did=f"Sent {settings['contentType']}.",
                why=why,
                instead="Send JSON if the service takes it.",
            )
        )
    return remarks


def mail(part: Part, given: Given) -> Turned:
    """Send a mail."""
    settings, values = part.settings, Values(given)
    made = {
        "to": values.text(settings.get("toEmail"), "toEmail"),
        "subject": values.text(settings.get("subject"), "subject"),
    }
    for ours, theirs in (("text", "text"), ("html", "html"), ("cc", "ccEmail"), ("bcc", "bccEmail")):
        if settings.get(theirs):
            made[ours] = values.text(settings[theirs], theirs)
    connection = part.credential or "mail"
    return Turned(uses="email.send", settings=made, connection=connection, out="", remarks=values.remarks)


def gmail(part: Part, given: Given) -> Turned:
    """Send a mail over SMTP instead of Gmail's own interface; other operations have no counterpart."""
    settings, values = part.settings, Values(given)
    if settings.get("resource", "message") != "message" or settings.get("operation", "send") != "send":
        return lost("Read or sorted mails of Gmail.", "Mails are read by the trigger email.message_received.")
    html = settings.get("emailType", "html") == "html"
    message = values.text(settings.get("message"), "message")
    made = {
        "to": values.text(settings.get("sendTo"), "sendTo"),
        "subject": values.text(settings.get("subject"), "subject"),
        "html" if html else "text": message,
    }
    remark = Remark(
        kind=Loss.PARTLY,
        did="Sent over Gmail's own interface.",
        why="Mails are sent over SMTP here.",
        instead="Make a connection to smtp.gmail.com with an app password.",
    )
    connection = part.credential or "mail"
    return Turned(uses="email.send", settings=made, connection=connection, out="", remarks=[*values.remarks, remark])


def slack(part: Part, given: Given) -> Turned:
    """Post a message over Slack's Web API; other operations have no counterpart."""
    settings, values = part.settings, Values(given)
    if settings.get("resource", "message") != "message" or settings.get("operation", "post") not in {"post", "create"}:
        return lost("Did something in Slack besides posting.", "Call Slack's Web API with http.send over a connection.")
    chosen = settings.get("channelId") or settings.get("channel") or settings.get("user")
    made = {"channel": values.value(chosen, "channel"), "text": values.text(settings.get("text"), "text")}
    remark = Remark(
        kind=Loss.PARTLY,
        did="Posted to Slack.",
        why="Messages are posted by Slack's Web API here, over an HTTP connection.",
        instead="The connection carries the bot's token as bearer token and allows slack.com.",
    )
    return Turned(
        uses="http.send",
        settings={"url": SLACK, "method": "POST", "json": made},
        connection=part.credential or "slack",
        out="body",
        remarks=[*values.remarks, remark],
    )


def postgres(part: Part, given: Given) -> Turned:
    """Ask a PostgreSQL database, or write rows."""
    settings, values = part.settings, Values(given)
    operation, connection = str(settings.get("operation") or "insert"), part.credential or "postgres"
    if operation == "executeQuery":
        return _query(settings, values, given, connection)
    if operation not in {"insert", "update", "upsert"}:
        return lost(
            f"Did {operation} in PostgreSQL.", "postgres.query asks with a select; postgres.write_rows writes rows."
        )
    columns = settings.get("columns")
    mapped = columns.get("value") if isinstance(columns, dict) else None
    names = [name.strip() for name in columns.split(",") if name.strip()] if isinstance(columns, str) else []
    found = {name: given.sight.find([name]) for name in names}
    written = {str(name): values.value(value, str(name)) for name, value in (mapped or {}).items()} or {
        name: f"{{{{ {path} }}}}" for name, path in found.items() if path
    }
    table, schema = (
        values.text(settings.get("table"), "table"),
        values.text(settings.get("schema") or "public", "schema"),
    )
    made: dict[str, Any] = {
        "table": table if schema == "public" else f"{schema}.{table}",
        "mode": operation,
        "columns": written,
    }
    keys = columns.get("matchingColumns") if isinstance(columns, dict) else settings.get("updateKey")
    if operation != "insert":
        made["key"] = keys if isinstance(keys, list) else [str(keys or "id")]
    remarks = [*values.remarks]
    if not written:
        why = "The node wrote whatever columns came in."
        remarks.append(
            Remark(kind=Loss.PARTLY, did="Wrote columns by their names.", why=why, instead="Name the columns.")
        )
    return Turned(uses="postgres.write_rows", settings=made, connection=connection, out="", remarks=remarks)


def _query(settings: Mapping[str, Any], values: Values, seen: Given, connection: str) -> Turned:
    sql, params = str(settings.get("query") or ""), dict[str, Any]()
    if not _READS.match(sql.removeprefix("=")):
        return lost("Ran SQL that changes the database.", "postgres.write_rows writes rows; postgres.query only reads.")

    def name(found: re.Match[str]) -> str:
        params[f"value{len(params) + 1}"] = values.value(f"={{{{{found[1]}}}}}", "query")
        return f":value{len(params)}"

    if sql.startswith("="):
        sql = _EXPRESSION.sub(name, sql[1:]).replace("':value", ":value")
    options = settings.get("options")
    given = str(options.get("queryReplacement") or "") if isinstance(options, dict) else ""
    for place, one in enumerate(given.removeprefix("=").split(",") if given else (), 1):
        params[f"value{place}"] = values.value(f"={one.strip()}", "queryReplacement")
    sql = _PLACE.sub(lambda found: f":value{found[1]}", sql)
    made = {"sql": sql.strip(), **({"params": params} if params else {})}
    if not any(short(one.kind) in ABOUT_ONE for one in seen.follows):
        return Turned(
            uses="postgres.query", settings=made, connection=connection, begins="rows", out="", remarks=values.remarks
        )
    remark = Remark(
        kind=Loss.PARTLY,
        did="Gave every row to the next node.",
        why="What follows is about the whole item, so that it sees the first row only.",
        instead="Look at all rows with .rows, or let a recipe of its own be called for each.",
    )
    remarks = [*values.remarks, remark]
    return Turned(uses="postgres.query", settings=made, connection=connection, out="first", remarks=remarks)
