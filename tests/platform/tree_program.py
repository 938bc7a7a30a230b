"""Run a small tree: a store that takes a moment, a worker that needs it and can be killed, a step between them.

The argument says what goes wrong: `steady`, `broken-step`, `broken-store`, `deaf` (the worker ignores SIGTERM);
`short` ends after a step that fails but is not required.
"""

import subprocess
import sys
import time
from pathlib import Path

from hub.supervisor.child import Program
from hub.supervisor.errors import StartError
from hub.supervisor.part import Part
from hub.supervisor.tree import Group, Tree

WORKERS = {
    "deaf": "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready: deaf', flush=True); time.sleep(60)",
}
WORKER = "import os, time; print('ready: worker', os.getpid(), flush=True); time.sleep(60)"


def program(code: str) -> subprocess.Popen[bytes]:
    return Program(command=[sys.executable, "-c", code], folder=Path("/")).start(subprocess.PIPE)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(case: str) -> int:
    store_code = "raise SystemExit(1)" if case == "broken-store" else "import time; time.sleep(60)"
    soon = time.monotonic() + 0.2
    store = Part(
        "The store", lambda: program(store_code), is_ready=lambda: case != "broken-store" and time.monotonic() > soon
    )
    store.last_words = lambda: "It said why."
    step = Part(
        "The step", lambda: program(f"raise SystemExit({int(case == 'broken-step')})"), needs=[store], once=True
    )
    worker = Part("The worker", lambda: program(WORKERS.get(case, WORKER)), needs=[store, step])
    tour = Part("The tour", lambda: program("raise SystemExit(3)"), needs=[worker], once=True)
    tour.required = False
    parts = [step, worker, tour] if case == "short" else [step, worker]
    tree = Tree([Group([store], 1), Group(parts, 1)], say)
    try:
        tree.run(lambda: case == "short" and tour.code is not None)
    except StartError as error:
        say(f"failed: {error}")
        return 1
    say("ended")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
