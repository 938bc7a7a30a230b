"""Run the command line in a process of its own, without any config of the machine's."""

import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

_CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("PATCHDECK_")}


def environment(**values: str) -> Mapping[str, str]:
    """Return an environment with these names behind our prefix and no others."""
    paths = {
        "PYTHONPATH": os.pathsep.join((str(Path(__file__).parents[2]), sysconfig.get_path("purelib"))),
        "PATH": os.pathsep.join((sysconfig.get_path("scripts"), _CLEAN.get("PATH", os.defpath))),
    }
    return {**_CLEAN, **paths} | {f"PATCHDECK_{name}": value for name, value in values.items()}


def patchdeck(
    *arguments: str | Path, code: int = 0, config: Mapping[str, str] | None = None, **values: str
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and check its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "hub", *map(str, arguments)],
        env=environment(**(config or {}), **values),
        cwd="/",
        capture_output=True,
        check=False,
        text=True,
        timeout=180,
    )
    assert done.returncode == code, done.stderr + done.stdout
    return done
