"""A workspace of Notion with one database: held to Notion's OpenAPI description, and to its types of properties."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.peers.openapi import Call, OpenApiPeer, Refused

DATABASE, SOURCE = str(UUID(int=1 << 100)), str(UUID(int=2 << 100))
TYPES = {
    "Name": "title",
    "Note": "rich_text",
    "Total": "number",
    "Status": "status",
    "Tags": "multi_select",
    "Due": "date",
    "Paid": "checkbox",
    "Mail": "email",
    "Owner": "people",
    "Customer": "relation",
    "Files": "files",
    "Double": "formula",
}
_EMPTY: dict[str, Any] = {"title": [], "rich_text": [], "multi_select": [], "people": [], "relation": [], "files": []}
_EMPTY |= {"checkbox": False, "formula": {"type": "number", "number": 7}}
_FITTING: dict[str, Callable[[Any], bool]] = {
    "number": lambda value: value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)),
    "status": lambda value: value is None or (value.keys() == {"name"} and isinstance(value["name"], str)),
    "multi_select": lambda value: all(one.keys() == {"name"} and "," not in one["name"] for one in value),
    "date": lambda value: value is None or (value.keys() <= {"start", "end"} and _is_date(value["start"])),
    "checkbox": lambda value: isinstance(value, bool),
    "email": lambda value: value is None or isinstance(value, str),
    "people": lambda value: all(one.keys() == {"object", "id"} for one in value),
    "relation": lambda value: all(one.keys() == {"id"} for one in value),
    "files": lambda value: all(one.keys() == {"name", "external"} for one in value),
}


class NotionPeer(OpenApiPeer):
    """`pages` in the order in which they were made; a clock that stands still until it is moved."""

    def __init__(self) -> None:
        super().__init__("notion", error=_error)
        self.pages: list[dict[str, Any]] = []
        self.types = dict(TYPES)
        self.sources = [{"id": SOURCE, "name": "Invoices"}]
        # Now, as targets ask for what is newer than their own try
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.on("GET", "/v1/users/me")(lambda _: {"object": "user", "id": "u1", "type": "bot", "name": "Patchdeck"})
        self.on("POST", "/v1/search")(self._search)
        self.on("GET", "/v1/databases/{database_id}")(self._database)
        self.on("GET", "/v1/data_sources/{data_source_id}")(self._source)
        self.on("POST", "/v1/data_sources/{data_source_id}/query")(self._query)
        self.on("POST", "/v1/pages")(self._create)
        self.on("GET", "/v1/pages/{page_id}")(lambda call: self._page(call.arguments["page_id"]))
        self.on("PATCH", "/v1/pages/{page_id}")(self._change)

    @property
    def writes(self) -> int:
        """How many requests changed something."""
        return len(self.asked("POST", "/v1/pages")) + len(self.asked("PATCH", "/v1/pages/{page_id}"))

    @property
    def there(self) -> list[dict[str, Any]]:
        """The pages that are not in the trash."""
        return [page for page in self.pages if not page["in_trash"]]

    def add(self, name: str, **properties: Any) -> dict[str, Any]:
        """Make a page beside the connector, with properties as Notion writes them."""
        properties["Name"] = {"title": [{"text": {"content": name}}]}
        whole = {known: {kind: _EMPTY.get(kind)} for known, kind in self.types.items()} | properties
        moment = _minute(self.now)
        page = {
            "object": "page",
            "id": str(UUID(int=(3 << 100) + len(self.pages))),
            "created_time": moment,
            "last_edited_time": moment,
            "in_trash": False,
            "url": f"https://www.notion.so/{len(self.pages)}",
            "properties": {known: _read(self.types[known], whole[known]) for known in whole},
        }
        self.pages.append(page)
        return page

    def edit(self, page: dict[str, Any], **properties: Any) -> None:
        """Set properties of a page as Notion writes them."""
        page["properties"] |= {name: _read(self.types[name], value) for name, value in properties.items()}
        page["last_edited_time"] = _minute(self.now)

    def pass_time(self, seconds: float) -> None:
        """Move the clock."""
        self.now += timedelta(seconds=seconds)

    def _search(self, call: Call) -> Any:
        assert call.body["filter"] == {"property": "object", "value": "data_source"}
        title = [{"plain_text": "Invoices"}]
        return {
            "object": "list",
            "has_more": False,
            "results": [{"object": "data_source", "id": SOURCE, "title": title}],
        }

    def _database(self, call: Call) -> Any:
        return {"object": "database", "id": call.arguments["database_id"], "data_sources": self.sources}

    def _source(self, call: Call) -> Any:
        if call.arguments["data_source_id"] != SOURCE:
            raise Refused(404, "Could not find data_source. Make sure it is shared with your integration.")
        properties = {name: {"id": name, "name": name, "type": kind, kind: {}} for name, kind in self.types.items()}
        parent = {"type": "database_id", "database_id": DATABASE}
        return {"object": "data_source", "id": SOURCE, "properties": properties, "parent": parent}

    def _query(self, call: Call) -> Any:
        found = [page for page in self.there if self._fits(page, call.body.get("filter"))]
        for sort in reversed(call.body.get("sorts", [])):
            kind = self.types[sort["property"]]
            found.sort(
                key=lambda page: page["properties"][sort["property"]][kind], reverse=sort["direction"] != "ascending"
            )
        size = call.body.get("page_size", 100)
        start = int(call.body.get("start_cursor", "0"))
        more = start + size < len(found)
        following = str(start + size) if more else None
        return {"object": "list", "results": found[start : start + size], "has_more": more, "next_cursor": following}

    def _fits(self, page: dict[str, Any], condition: Any) -> bool:
        if not condition:
            return True
        if "timestamp" in condition:
            at = condition["timestamp"]
            return datetime.fromisoformat(page[at]) >= datetime.fromisoformat(condition[at]["on_or_after"])
        name = condition["property"]
        kind = self.types.get(name)
        if kind is None or kind not in condition:
            raise Refused(400, f"Could not find property with name or type: {name}")
        return bool(_plain(page["properties"][name]) == condition[kind]["equals"])

    def _create(self, call: Call) -> Any:
        parent = call.body["parent"]
        if parent.get("database_id") != DATABASE or len(self.sources) != 1:
            raise Refused(400, "Databases with multiple data sources are not supported in this API version.")
        self._require(call.body["properties"])
        name = call.body["properties"].pop("Name", {"title": []})
        page = self.add("", **call.body["properties"])
        self.edit(page, Name=name)
        return page

    def _change(self, call: Call) -> Any:
        page = self._page(call.arguments["page_id"])
        self._require(call.body.get("properties", {}))
        self.edit(page, **call.body.get("properties", {}))
        page["in_trash"] = call.body.get("in_trash", page["in_trash"])
        return page

    def _page(self, identity: str) -> dict[str, Any]:
        found = next((page for page in self.pages if page["id"] == identity), None)
        if found is None:
            raise Refused(404, "Could not find page.")
        return found

    def _require(self, properties: dict[str, Any]) -> None:
        """Refuse what Notion's types do not take."""
        for name, value in properties.items():
            kind = self.types.get(name)
            if kind is None:
                raise Refused(400, f"{name} is not a property that exists.")
            if kind in {"title", "rich_text"}:
                fits = all(len(piece["text"]["content"]) <= 2000 for piece in value[kind]) and len(value[kind]) <= 100
            else:
                fits = value.keys() == {kind} and kind in _FITTING and _FITTING[kind](value[kind])
            if not fits:
                raise Refused(400, f"body failed validation: {name} should be a {kind}.")


def _error(status: int, message: str) -> dict[str, Any]:
    return {"object": "error", "status": status, "code": "validation_error", "message": message}


def _minute(moment: datetime) -> str:
    return moment.replace(second=0, microsecond=0).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _is_date(text: str) -> bool:
    return bool(datetime.fromisoformat(text))


def _read(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    """Return a property as it is read: texts also come as plain text, files as external ones."""
    inner = value.get(kind)
    if kind in {"title", "rich_text"}:
        pieces = [{"type": "text", "text": one["text"], "plain_text": one["text"]["content"]} for one in inner or []]
        return {"id": kind, "type": kind, kind: pieces}
    return {"id": kind, "type": kind, kind: inner}


def _plain(value: dict[str, Any]) -> Any:
    inner = value[value["type"]]
    if value["type"] in {"title", "rich_text"}:
        return "".join(one["plain_text"] for one in inner)
    return inner.get("name") if isinstance(inner, dict) else inner
