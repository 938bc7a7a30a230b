"""One hub for the public contract, as users run it, with a webhook recipe that writes into a dataset."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.spine.running_hub import RunningHub


def recipe(name: str, *steps: dict[str, Any]) -> dict[str, Any]:
    """A recipe that a webhook starts."""
    spec = {"trigger": {"uses": "webhook.received"}, "steps": list(steps)}
    return {"apiVersion": "patchdeck/v1", "kind": "Recipe", "metadata": {"name": name}, "spec": spec}


WRITE = {
    "id": "keep",
    "uses": "dataset.write_rows",
    "with": {
        "dataset": "events",
        "mode": "upsert",
        "key": ["id"],
        "columns": {"id": "{{ trigger.body.id }}", "total": "{{ trigger.body.total }}"},
    },
}
GOES = {"id": "goes", "uses": "filter", "with": {"all": [{"left": "{{ trigger.body.go }}", "is": "is_set"}]}}
ANSWER = {
    "id": "answer",
    "uses": "respond",
    "with": {"status": 201, "headers": {"X-Name": "{{ trigger.body.go }}"}, "body": {"hello": "{{ trigger.body.go }}"}},
}


@pytest.fixture(scope="package")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """The hub, started once; only the last test harms it."""
    running = RunningHub(tmp_path_factory.mktemp("contract"), ALLOW_NETWORKS="127.0.0.0/8")
    running.publish(recipe("events", WRITE))
    running.publish(recipe("answers", GOES, ANSWER))
    yield running
    running.end()


@pytest.fixture(scope="package")
def address(hub: RunningHub) -> str:
    """Where events are taken."""
    return str(hub.asked("recipe", "show", "events")["hook_url"])


@pytest.fixture(scope="package")
def answering(hub: RunningHub) -> str:
    """Where calls are answered by the recipe."""
    return str(hub.asked("recipe", "show", "answers")["hook_url"])


@pytest.fixture(scope="package")
def filled(hub: RunningHub, address: str) -> RunningHub:
    """The hub with a few things of every kind in it."""
    hub.http.post(address, json=[{"id": number, "total": 1} for number in range(2)])
    hub.settled("events", 2)
    hub.http.post(address, json={"id": 2, "total": 1})
    hub.settled("events", 3)
    for name in ("one", "two"):
        hub.http.post("/api/v1/files", params={"name": f"{name}.txt"}, content=b"Invoice number: 17").raise_for_status()
        hub.http.post("/api/v1/extractions", json={"schema": "invoice", "text": "Total: 1 EUR"}).raise_for_status()
        hub.http.post("/api/v1/datasets", json={"name": name}).raise_for_status()
        hub.http.post("/api/v1/keys", json={"name": name}).raise_for_status()
        settings = {"scheme": "token", "secret": "s3cret"}
        given = {"name": name, "connector": "webhook", "settings": settings}
        hub.http.post("/api/v1/connections", json=given).raise_for_status()
        hub.http.post("/api/v1/members/invitations", json={"email": f"{name}@example.test"}).raise_for_status()
    return hub
