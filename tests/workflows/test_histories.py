"""Histories of earlier releases go on under this one: each is replayed, in the sandbox."""

import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from temporal.converters import CONVERTER
from workflows.fire_triggers import FireTriggers
from workflows.run_recipe import RunRecipe

RECORDED = sorted((Path(__file__).parent / "histories").glob("*.json"))


@pytest.mark.parametrize("place", RECORDED, ids=lambda place: place.stem)
async def test_replays_what_was_recorded(place: Path) -> None:
    history = WorkflowHistory.from_json(place.stem, place.read_text())
    replayed = await Replayer(workflows=[RunRecipe, FireTriggers], data_converter=CONVERTER).replay_workflow(history)
    assert replayed.replay_failure is None


async def test_notices_a_history_that_would_go_another_way() -> None:
    recorded = json.loads(next(place for place in RECORDED if place.stem == "run-with-a-long-stage").read_text())
    text = json.dumps(recorded).replace("run_stage", "another_stage")
    replayer = Replayer(workflows=[RunRecipe], data_converter=CONVERTER)
    replayed = await replayer.replay_workflow(WorkflowHistory.from_json("changed", text), raise_on_replay_failure=False)
    assert replayed.replay_failure is not None
