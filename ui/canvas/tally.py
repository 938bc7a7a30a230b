"""What the latest run did at each step, as the canvas shows it."""

from __future__ import annotations

from collections.abc import Sequence

from hub.runs import StepCount
from hub.text import say
from ui.canvas.view import Tally
from ui.pieces import TONES

_PASSED = frozenset({"done", "skipped", "planned"})


def tallies(counts: Sequence[StepCount]) -> dict[str, Tally]:
    """Return what to show at each step that the run has reached."""
    steps = dict.fromkeys(one.step for one in counts)
    return {step: _tally([one for one in counts if one.step == step]) for step in steps}


def _tally(counts: Sequence[StepCount]) -> Tally:
    done = sum(one.items for one in counts if one.state in _PASSED)
    bad = sum(one.items for one in counts if TONES.get(one.state) == "bad")
    opened = sum(one.items for one in counts) - done - bad
    numbers = {"done": f"{done:,}", "bad": f"{bad:,}", "open": f"{opened:,}"}
    tone = "bad" if bad else "run" if opened else "ok"
    return Tally(
        text=say("canvas.step_bad" if bad else "canvas.step_ok", **numbers),
        title=say("canvas.step_title", **numbers),
        tone=tone,
    )
