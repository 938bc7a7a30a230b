"""The command line itself: quick, quiet and predictable."""

import json
from pathlib import Path

import yaml

from tests.platform.commands import patchdeck


def test_shows_the_version_in_every_form() -> None:
    as_json = json.loads(patchdeck("version", "-o", "json").stdout)
    assert as_json["patchdeck"]
    assert yaml.safe_load(patchdeck("version", "-o", "yaml").stdout) == as_json
    assert patchdeck("version").stdout.startswith("patchdeck ")


def test_lists_its_commands() -> None:
    shown = patchdeck("--help").stdout
    assert "Start everything on this machine." in shown
    assert "_serve" not in shown


def test_ends_with_two_on_wrong_usage() -> None:
    assert "No such command 'fly'" in patchdeck("fly", code=2).stderr
    assert "Set PATCHDECK_DATABASE_URL and PATCHDECK_TEMPORAL_ADDRESS" in patchdeck("worker", code=2).stderr


def test_tells_which_file_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = patchdeck("up", "--data-dir", tmp_path / "file" / "data", code=1)
    assert refused.stderr == f"Error: {tmp_path / 'file' / 'data'}: Not a directory\n"
