"""`patchdeck doctor`: names what is broken and how to mend it, and nothing else."""

import json
from pathlib import Path

from hub.supervisor.ports import free_port
from tests.platform.commands import patchdeck


def states(output: str) -> dict[str, str]:
    return {finding["part"]: finding["state"] for finding in json.loads(output)}


def test_finds_nothing_broken_before_the_first_start(tmp_path: Path) -> None:
    done = patchdeck("doctor", "--data-dir", tmp_path / "none", "-o", "json")
    found = states(done.stdout)
    assert set(found.values()) == {"ok", "off"}
    assert found["PostgreSQL programs"] == "ok"


def test_names_each_part_that_is_broken(tmp_path: Path, database: str) -> None:
    (tmp_path / "master.key").write_text("x")
    (tmp_path / "master.key").chmod(0o644)
    done = patchdeck(
        "doctor",
        "--data-dir",
        tmp_path,
        "-o",
        "json",
        code=1,
        DATABASE_URL=database,
        TEMPORAL_ADDRESS=f"127.0.0.1:{free_port()}",
        LLM_BASE_URL=f"http://127.0.0.1:{free_port()}/v1",
        LLM_MODEL="any",
    )
    found = states(done.stdout)
    assert found["database"] == "ok"
    assert {part for part, state in found.items() if state == "broken"} == {"master key", "temporal", "language model"}
    assert f"master key: chmod 600 {tmp_path / 'master.key'}" in done.stderr


def test_tells_of_a_database_without_tables(postgres: object, database_url: str, tmp_path: Path) -> None:
    empty = database_url.rpartition("/test_")[0] + "/template1" + database_url[database_url.index("?") :]
    done = patchdeck("doctor", "--data-dir", tmp_path, code=1, DATABASE_URL=empty)
    assert "database: patchdeck db migrate" in done.stderr


def test_refuses_a_config_that_cannot_be_used() -> None:
    refused = patchdeck("doctor", PORTS="1", LOG_LEVEL="loud", code=2)
    assert "PATCHDECK_PORTS: There is no such setting. Did you mean PATCHDECK_PORT?" in refused.stderr
    assert "PATCHDECK_LOG_LEVEL: Expected one of debug, info, warning, error" in refused.stderr
