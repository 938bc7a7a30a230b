"""What cannot be right is refused when it is saved; what cannot be stored now is not taken; work goes on afterwards."""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx2
import pytest

from tests.spine.running_hub import RunningHub, until

# parts are killed and come back
pytestmark = pytest.mark.timeout(900)

LIMIT = 5 * 1024 * 1024
WEBHOOK = {"uses": "webhook.received"}
SETTING = {"uses": "set", "with": {"fields": {"x": "{{ trigger.body.x }}"}}}


def recipe(trigger: Mapping[str, Any] = WEBHOOK, step: Mapping[str, Any] = SETTING) -> dict[str, Any]:
    """A recipe of one step."""
    steps = [{"id": "only", **step}]
    spec = {"trigger": dict(trigger), "steps": steps}
    return {"apiVersion": "patchdeck/v1", "kind": "Recipe", "metadata": {"name": "refused"}, "spec": spec}


REFUSED = {
    "an unknown trigger": (recipe({"uses": "mail.arrived"}), "spec.trigger.uses", "There is no trigger"),
    "an unknown step": (recipe(step={"uses": "postgres.put"}), "spec.steps[0].uses", "There is no step"),
    "an unknown connection": (
        recipe(step={"uses": "postgres.query", "connection": "nowhere", "with": {"sql": "select 1"}}),
        "spec.steps[0].connection",
        "There is no connection named 'nowhere'",
    ),
    "an unknown recipe": (
        recipe(step={"uses": "recipe", "with": {"recipe": "nowhere"}}),
        "spec.steps[0].with.recipe",
        "There is no recipe named 'nowhere'",
    ),
    "an unknown schema": (
        recipe(step={"uses": "extract", "with": {"schema": "nowhere", "source": "{{ trigger.body }}"}}),
        "spec.steps[0].with.schema",
        "There is no schema named 'nowhere'",
    ),
    "an unknown setting": (
        recipe(step={"uses": "http.send", "with": {"url": "https://shop.example/", "methd": "PUT"}}),
        "spec.steps[0].with.methd",
        "Did you mean 'method'?",
    ),
    "a broken template": (
        recipe(step={"uses": "set", "with": {"fields": {"x": "{{ trigger.body.x "}}}),
        "spec.steps[0].with.fields.x",
        "not a valid template",
    ),
    "an unknown name": (
        recipe(step={"uses": "set", "with": {"fields": {"x": "{{ nothing.x }}"}}}),
        "spec.steps[0].with.fields.x",
        "There is nothing named 'nothing' here",
    ),
    "a cron line": (
        recipe({"uses": "schedule.due", "with": {"cron": "61 * * * *"}}),
        "spec.trigger.with.cron",
        "This is not a cron line",
    ),
    "an address": (
        recipe(step={"uses": "http.send", "with": {"url": "ht!tp:/x"}}),
        "spec.steps[0].with.url",
        "Begin the address with http:// or https://",
    ),
    "an address of a feed": (
        recipe({"uses": "rss.new_entry", "with": {"url": "file:///etc/passwd"}}),
        "spec.trigger.with.url",
        "Begin the address with http:// or https://",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_a_recipe_with_path_and_sentence_and_stores_nothing(hub: RunningHub, case: str) -> None:
    document, path, sentence = REFUSED[case]
    refused = hub.http.post("/api/v1/recipes", json=document)
    (problem,) = refused.json()["errors"]
    assert (refused.status_code, problem["path"]) == (422, path)
    assert sentence in problem["message"]
    assert hub.http.get("/api/v1/recipes/refused").status_code == 404


def test_refuses_a_schema_with_path_and_sentence_and_stores_nothing(hub: RunningHub) -> None:
    spec = {"fields": [{"name": "colour", "type": "rainbow"}]}
    document = {"apiVersion": "patchdeck/v1", "kind": "Schema", "metadata": {"name": "refused"}, "spec": spec}
    refused = hub.http.post("/api/v1/schemas", json=document)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "spec.fields[0].type")
    assert hub.http.get("/api/v1/schemas/refused").status_code == 404


def test_refuses_a_connection_with_path_and_sentence_and_stores_nothing(hub: RunningHub) -> None:
    settings = {"host": "db.example.com", "database": "ledger", "user": "ada", "password": "x", "port": "many"}
    document = {"name": "refused", "connector": "postgres", "settings": settings}
    refused = hub.http.post("/api/v1/connections", json=document)
    assert (refused.status_code, refused.json()["errors"][0]["path"]) == (422, "settings.port")
    assert "refused" not in [connection["name"] for connection in hub.get("connections")["items"]]


class Hook:
    """A published webhook, and what it has taken."""

    def __init__(self, hub: RunningHub) -> None:
        self.hub = hub
        document = recipe(step={"uses": "dataset.write_rows", "with": {"dataset": "events", "mode": "insert"}})
        document["metadata"]["name"] = "events"
        document["spec"]["steps"][0]["with"]["columns"] = {"number": "{{ trigger.body.number }}"}
        self.recipe = hub.publish(document)
        self.address = str(hub.asked("recipe", "show", "events")["hook_url"])
        self.taken: list[int] = []
        self._number = 0

    def post(self) -> httpx2.Response:
        """Post the next event."""
        self._number += 1
        answer = self.hub.http.post(self.address, json={"number": self._number})
        self.taken += [self._number] if answer.status_code == 202 else []
        return answer

    def kept(self) -> list[int]:
        """Return the events of all items, once as many as were taken have been delivered."""
        items = self.hub.settled(self.recipe, len(self.taken))
        assert {item["state"] for item in items} == {"delivered"}
        rows = self.hub.asked("dataset", "show", "events", "--limit", "500")["records"]
        return sorted(row["number"] for row in rows)


@pytest.fixture(scope="module")
def hook(hub: RunningHub) -> Hook:
    return Hook(hub)


def in_pieces(size: int) -> Iterator[bytes]:
    """Send a body whose length nobody announces."""
    yield from (bytes(65536) for _ in range(0, size + 65536, 65536))


@pytest.mark.parametrize("body", [bytes(LIMIT + 1), in_pieces(LIMIT)], ids=["announced", "in pieces"])
def test_does_not_take_an_event_over_the_limit(hub: RunningHub, hook: Hook, body: Any) -> None:
    refused = hub.http.post(hook.address, content=body)
    assert (refused.status_code, refused.json()["status"]) == (413, 413)
    assert "5 MB at most" in refused.json()["detail"]
    assert len(hub.items(hook.recipe)) == len(hook.taken)


def test_takes_nothing_while_the_database_is_lost_and_goes_on_afterwards(hub: RunningHub, hook: Hook) -> None:
    assert hook.post().status_code == 202
    with hub.without("postgres"):
        refused = until(hook.post, lambda answer: answer.status_code == 503)
    assert int(refused.headers["retry-after"]) > 0
    assert "nothing was stored" in refused.json()["detail"]
    until(hook.post, lambda answer: answer.status_code == 202)
    assert hook.kept() == hook.taken


def test_loses_nothing_while_temporal_is_lost(hub: RunningHub, hook: Hook) -> None:
    hub.kill("start-dev")
    assert hook.post().status_code == 202
    hub.ready()
    assert hook.post().status_code == 202
    assert hook.kept() == hook.taken
