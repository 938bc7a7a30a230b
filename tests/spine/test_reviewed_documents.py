"""A document waits for a person while everything around it is killed, and goes on with what the person corrected."""

from typing import Any

import httpx2
import pytest

from tests.spine.invoices import generated
from tests.spine.running_hub import RunningHub, until

INVOICE = generated(7)
RECIPE = {
    "apiVersion": "patchdeck/v1",
    "kind": "Recipe",
    "metadata": {"name": "reviewed"},
    "spec": {
        "trigger": {"uses": "manual.submitted"},
        "steps": [
            {"id": "read", "uses": "extract", "with": {"schema": "invoice", "source": "{{ trigger.file }}"}},
            {"id": "check", "uses": "review", "with": {"always": True, "due": "1d"}},
            {"id": "ask", "uses": "approve", "with": {"question": "Pay {{ read.number }}?", "approvers": ["owner"]}},
            {
                "id": "keep",
                "uses": "dataset.write_rows",
                "with": {
                    "dataset": "reviewed",
                    "mode": "insert",
                    "columns": {"number": "{{ read.number }}", "by": "{{ check.review.decided_by }}"},
                },
            },
        ],
    },
}


@pytest.fixture(scope="module")
def recipe(hub: RunningHub) -> str:
    """The recipe, with one document on its way."""
    recipe_id = hub.publish(RECIPE)
    stored = hub.http.post("/api/v1/files", files={"file": ("a.pdf", INVOICE.content, "application/pdf")}).json()
    hub.http.post(f"/api/v1/recipes/{recipe_id}/runs", json={"content": {"file": stored["id"]}}).raise_for_status()
    return recipe_id


def waiting(hub: RunningHub, kind: str, recipe: str) -> dict[str, Any]:
    """Wait for the only question of a recipe."""
    found = until(lambda: hub.get(kind, recipe=recipe)["items"], bool)
    assert len(found) == 1
    return dict(found[0])


def answer(hub: RunningHub, kind: str, asked: dict[str, Any], **answer: Any) -> httpx2.Response:
    """Answer by REST."""
    return hub.http.post(f"/api/v1/{kind}/{asked['id']}/answer", json=answer)


@pytest.mark.timeout(900)
def test_waits_through_deaths_and_goes_on_corrected_once(hub: RunningHub, recipe: str) -> None:
    asked = waiting(hub, "reviews", recipe)
    hub.kill("_serve")
    hub.kill("temporal")
    hub.ready()
    shown = hub.get(f"reviews/{asked['id']}")
    assert shown["records"][0]["record"]["number"] == INVOICE.number
    assert shown["records"][0]["fields"]["number"]["evidence"][0]["page"] == 1
    corrected = answer(hub, "reviews", asked, decision="accept", changes=[{"path": "number", "value": "CORRECTED-1"}])
    assert (corrected.status_code, corrected.json()["decision"]) == (200, "accepted")
    again = answer(hub, "reviews", asked, decision="reject")
    assert (again.status_code, "ada@example.test accepted this on" in again.json()["detail"]) == (409, True)
    approval = waiting(hub, "approvals", recipe)
    assert approval["question"] == "Pay CORRECTED-1?"
    hub.kill("_serve")
    hub.ready()
    assert answer(hub, "approvals", approval, decision="approve").status_code == 200
    (item,) = hub.settled(recipe, 1)
    assert item["state"] == "delivered"
    rows = hub.asked("dataset", "show", "reviewed")["records"]
    assert rows == [{"number": "CORRECTED-1", "by": "ada@example.test"}]
