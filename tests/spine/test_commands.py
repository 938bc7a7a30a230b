"""A document's way as a user takes it on the command line: look first, write, take it back, and for real."""

import pytest

from tests.spine.invoices import SAMPLES
from tests.spine.running_hub import RunningHub

DOCUMENT = SAMPLES / "invoice-timber-en.pdf"
ROW = {"number": "HT-20417", "total": 1011.6}


@pytest.fixture(scope="module")
def recipe(hub: RunningHub) -> str:
    table = {"dataset": "by-hand", "key": ["number"], "columns": {name: f"{{{{ read.{name} }}}}" for name in ROW}}
    steps = [
        {"id": "read", "uses": "extract", "with": {"schema": "invoice", "source": "{{ trigger.file }}"}},
        {"id": "keep", "uses": "dataset.write_rows", "with": table},
    ]
    spec = {"trigger": {"uses": "manual.submitted"}, "steps": steps}
    hub.publish({"apiVersion": "patchdeck/v1", "kind": "Recipe", "metadata": {"name": "by-hand"}, "spec": spec})
    return "by-hand"


def rows(hub: RunningHub) -> list[object]:
    return list(hub.asked("dataset", "show", "by-hand")["records"])


def test_plans_a_document_and_writes_nothing(hub: RunningHub, recipe: str) -> None:
    plan = hub.asked("recipe", "plan", recipe, "--document", DOCUMENT)
    (write,) = plan["writes"]
    assert (write["state"], write["changes"][0]["after"]) == ("planned", ROW)
    hub.command("dataset", "show", "by-hand", code=1)


def test_tries_one_step_and_pins_what_another_gave(hub: RunningHub, recipe: str) -> None:
    tried = hub.asked("recipe", "try", recipe, "--step", "keep", "--document", DOCUMENT)
    assert [(one["step"], one["state"]) for one in tried["steps"]] == [("read", "done"), ("keep", "done")]
    assert tried["steps"][-1]["changes"][0]["after"] == ROW
    assert hub.asked("recipe", "samples", recipe)[0]["id"] == tried["sample"]["id"]
    (pinned,) = hub.asked("recipe", "pin", recipe, "--step", "read")
    assert pinned["value"]["number"] == ROW["number"]
    hub.command("recipe", "unpin", recipe, "--step", "read")
    hub.command("recipe", "try", recipe, "--step", "nowhere", code=1)
    hub.command("dataset", "show", "by-hand", code=1)


def test_applies_the_plan_once_and_takes_it_back(hub: RunningHub, recipe: str) -> None:
    plan = hub.asked("recipe", "plan", recipe, "--document", DOCUMENT)["run"]["id"]
    applied = hub.asked("run", "apply", plan)
    assert rows(hub) == [ROW]
    assert "applied already" in hub.command("run", "apply", plan, code=1).stderr
    hub.command("run", "undo", applied["id"])
    assert rows(hub) == []
    assert "Nothing of this run can be undone" in hub.command("run", "undo", applied["id"], code=1).stderr


def test_runs_a_document_and_shows_where_it_went(hub: RunningHub, recipe: str) -> None:
    ended = hub.asked("recipe", "run", recipe, "--document", DOCUMENT, "--wait")
    assert (ended["item"]["title"], ended["item"]["state"]) == (DOCUMENT.name, "delivered")
    assert rows(hub) == [ROW]
    listed = hub.command("run", "list", "--recipe", recipe, "--kind", "live").stdout
    assert "1 delivered" in listed
    assert hub.command("dataset", "export", "by-hand").stdout == "number,total\nHT-20417,1011.6\n"


def test_a_document_that_cannot_be_read_ends_with_1_and_the_reason(hub: RunningHub, recipe: str) -> None:
    (hub.folder / "empty.pdf").write_bytes(b"%PDF-1.7\n")
    ended = hub.command("recipe", "run", recipe, "--document", hub.folder / "empty.pdf", "--wait", code=1)
    assert "The PDF is broken" in ended.stdout
