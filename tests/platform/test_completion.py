"""Completion by the Tab key, as the shells ask for it."""

import os
import subprocess
import sys

import pytest

from tests.platform.commands import patchdeck


def _completed(words: str) -> list[str]:
    """Ask as bash does, with the cursor behind the last word."""
    asked = {"_PATCHDECK_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    command = [sys.executable, "-c", "from hub.__main__ import main; main(prog_name='patchdeck')"]
    said = subprocess.run(command, env={**os.environ, **asked}, capture_output=True, text=True, check=True).stdout
    return [line.partition(",")[2] for line in said.split()]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("patchdeck comp", ["completion"]),
        ("patchdeck run wa", ["watch"]),
        ("patchdeck run list --sta", ["--state"]),
        ("patchdeck run list --state can", ["cancelled"]),
        ("patchdeck _ser", []),
    ],
)
def test_completes_commands_verbs_options_and_choices(words: str, found: list[str]) -> None:
    assert _completed(words) == found


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_prints_what_the_shell_needs(shell: str) -> None:
    said = patchdeck("completion", shell).stdout
    assert f"_PATCHDECK_COMPLETE={shell}_complete" in said


def test_bash_takes_the_script() -> None:
    script = patchdeck("completion", "bash").stdout + "\ncomplete -p patchdeck\n"
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert "_patchdeck_completion" in said.stdout
    assert said.stderr == ""


def test_names_the_shells_there_are() -> None:
    assert "'bash', 'zsh', 'fish'" in patchdeck("completion", "tcsh", code=2).stderr
