"""Bringing flows along and comparing a draft with the past, on the command line."""

import json
from pathlib import Path

from tests.spine.running_hub import RunningHub

EXPORTS = Path(__file__).parents[1] / "foreign/exports"


def _document(value: str) -> dict[str, object]:
    settings = {"dataset": "carried", "key": ["n"], "columns": {"n": "{{ trigger.n }}", "said": value}}
    spec = {
        "trigger": {"uses": "manual.submitted"},
        "steps": [{"id": "keep", "uses": "dataset.write_rows", "with": settings}],
    }
    return {"apiVersion": "patchdeck/v1", "kind": "Recipe", "metadata": {"name": "carried"}, "spec": spec}


def test_imports_drafts_and_lists_what_did_not_come_along(hub: RunningHub) -> None:
    shown = hub.asked("recipe", "import", EXPORTS / "zapfile.json", "--dry-run")
    assert [one["name"] for one in shown["recipes"]] == ["lead-to-crm", "every-monday"]
    hub.command("recipe", "show", "lead-to-crm", code=1)
    told = hub.command("recipe", "import", EXPORTS / "zapfile.json")
    assert "not_translated" in told.stdout
    assert "These are drafts" in told.stderr
    assert hub.asked("recipe", "show", "lead-to-crm")["state"] == "draft"
    hub.command("recipe", "import", EXPORTS / "README.md", code=1)


def test_compares_a_draft_with_the_past(hub: RunningHub) -> None:
    hub.publish(_document("old"))
    content = hub.folder / "item.json"
    content.write_text(json.dumps({"n": 7}))
    hub.command("recipe", "run", "carried", "--content", content, "--wait")
    draft = hub.folder / "draft.json"
    draft.write_text(json.dumps(_document("new")))
    hub.command("recipe", "apply", "-f", draft)
    compared = hub.asked("recipe", "compare-past", "carried", "--items", "5")
    assert (compared["state"], compared["counts"]["changed"]) == ("done", 1)
    (record,) = compared["items"][0]["records"]
    assert record["fields"] == [{"path": "said", "before": "old", "after": "new"}]
    assert "Rows: 0 the same, 0 added, 0 missing, 1 changed." in hub.command("recipe", "compare-past", "carried").stderr
