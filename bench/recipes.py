"""The recipes that are measured, as documents."""

from typing import Any

Document = dict[str, Any]


def recipe(name: str, trigger: Document, steps: list[Document]) -> Document:
    """Return a recipe document."""
    return {
        "apiVersion": "patchdeck/v1",
        "kind": "Recipe",
        "metadata": {"name": name, "title": name.replace("-", " ").capitalize()},
        "spec": {"trigger": trigger, "steps": steps},
    }


def to_sink(name: str, sink: str, extra_steps: int = 0) -> Document:
    """Return webhook -> filter -> set 3 fields -> HTTP POST, with more in-process steps between when asked."""
    return recipe(name, {"uses": "webhook.received"}, [*_shape(extra_steps), _post(sink)])


def to_sink_and_table(name: str, sink: str, connection: str) -> Document:
    """Return the same with a PostgreSQL insert after the request."""
    book = {
        "id": "book",
        "uses": "postgres.write_rows",
        "connection": connection,
        "with": {
            "table": "events",
            "mode": "insert",
            "columns": {"event": "{{ shape.id }}", "customer": "{{ shape.customer }}"},
        },
    }
    return recipe(name, {"uses": "webhook.received"}, [*_shape(0), _post(sink), book])


def rows_to_table(name: str, connection: str) -> Document:
    """Return webhook with a list of rows -> PostgreSQL."""
    columns = {"number": "{{ row.number }}", "customer": "{{ row.customer }}", "total": "{{ row.total }}"}
    book = {
        "id": "book",
        "uses": "postgres.write_rows",
        "connection": connection,
        "with": {"table": "lines", "mode": "insert", "rows": "{{ trigger.body.rows }}", "columns": columns},
    }
    return recipe(name, {"uses": "webhook.received"}, [book])


def polling(name: str, trigger: Document) -> Document:
    """Return a recipe that keeps the titles of what a trigger finds."""
    write = {
        "id": "keep",
        "uses": "dataset.write_rows",
        "with": {"dataset": "found", "mode": "insert", "columns": {"title": "{{ trigger.title }}"}},
    }
    return recipe(name, trigger, [write])


def _shape(extra_steps: int) -> list[Document]:
    keep = {
        "id": "keep",
        "uses": "filter",
        "with": {"all": [{"left": "{{ trigger.body.total }}", "is": "at_least", "right": 1}]},
    }
    fields = {
        "id": "{{ trigger.body.id }}",
        "sent": "{{ trigger.body.sent }}",
        "customer": "{{ trigger.body.customer | upcase }}",
    }
    shape = {"id": "shape", "uses": "set", "with": {"fields": fields}}
    extra = [
        {"id": f"extra{number}", "uses": "set", "with": {"fields": {"customer": "{{ shape.customer | downcase }}"}}}
        for number in range(extra_steps)
    ]
    return [keep, shape, *extra]


def _post(sink: str) -> Document:
    content = {"id": "{{ shape.id }}", "sent": "{{ shape.sent }}", "customer": "{{ shape.customer }}"}
    return {"id": "post", "uses": "http.send", "with": {"method": "POST", "url": sink, "json": content}}
