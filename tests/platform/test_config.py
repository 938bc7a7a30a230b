"""The config: everything wrong is told at once, nothing secret is shown."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from hub.config import Config, load, reference
from hub.errors import InvalidError


def problems(environment: dict[str, str], dotenv: Path | None = None) -> dict[str, str]:
    with pytest.raises(InvalidError) as caught:
        load(environment, dotenv)
    return {problem.path: problem.message for problem in caught.value.errors}


def test_has_defaults_for_everything() -> None:
    config = load({}, None)
    assert (config.host, config.port, config.url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert config.is_loopback
    assert config.files == str(config.data_dir / "files")


def test_converts_numbers_lists_networks_and_paths() -> None:
    config = load(
        {
            "PATCHDECK_PORT": "9000",
            "PATCHDECK_ALLOW_NETWORKS": "10.0.0.0/8, fd00::/8",
            "PATCHDECK_FOLDER_ROOTS": "/srv/in,/srv/out",
            "PATCHDECK_LLM_INPUT_PRICE": "0.15",
        },
        None,
    )
    assert config.port == 9000
    assert config.allow_networks == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert config.folder_roots == (Path("/srv/in"), Path("/srv/out"))
    assert config.llm_input_price == 0.15


def test_tells_everything_that_is_wrong_at_once() -> None:
    assert problems(
        {
            "PATCHDECK_PORT": "70000",
            "PATCHDECK_ALLOW_NETWORKS": "10.0.0.1/8",
            "PATCHDECK_LOG_LEVEL": "loud",
            "PATCHDECK_DATABASE_URL": "mysql://a:secret@b/c",
            "PATCHDECK_TEMPORAL_ADDRESS": "temporal",
            "PATCHDECK_LLM_BASE_URL": "http://localhost:11434/v1",
            "PATCHDECK_POTR": "1",
            "PATCHDECK_ZZZZZZ": "1",
        }
    ) == {
        "PATCHDECK_PORT": "Expected a whole number <= 65535 (found '70000').",
        "PATCHDECK_ALLOW_NETWORKS": "10.0.0.1/8 has host bits set (found '10.0.0.1/8').",
        "PATCHDECK_LOG_LEVEL": "Expected one of debug, info, warning, error (found 'loud').",
        "PATCHDECK_DATABASE_URL": "Expected an address that begins with postgres or postgresql://.",
        "PATCHDECK_TEMPORAL_ADDRESS": "Expected host:port (found 'temporal').",
        "PATCHDECK_LLM_BASE_URL": "This needs PATCHDECK_LLM_MODEL as well.",
        "PATCHDECK_POTR": "There is no such setting. Did you mean PATCHDECK_PORT?",
        "PATCHDECK_ZZZZZZ": "There is no such setting.",
    }


def test_accepts_what_belongs_to_the_client() -> None:
    assert load({"PATCHDECK_URL": "http://hub", "PATCHDECK_API_KEY": "pd_live_x"}, None).port == 8080


def test_reads_secrets_from_files_but_not_other_values(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sesame\n")
    config = load({"PATCHDECK_LLM_API_KEY_FILE": str(tmp_path / "key")}, None)
    assert config.llm_api_key == "sesame"
    assert "sesame" not in repr(config)
    assert problems(
        {
            "PATCHDECK_PORT_FILE": str(tmp_path / "key"),
            "PATCHDECK_MASTER_KEY_FILE": str(tmp_path / "none"),
            "PATCHDECK_LLM_API_KEY": "a",
            "PATCHDECK_LLM_API_KEY_FILE": str(tmp_path / "key"),
        }
    ) == {
        "PATCHDECK_PORT_FILE": "There is no such setting. Did you mean PATCHDECK_PORT?",
        "PATCHDECK_MASTER_KEY_FILE": f"{tmp_path / 'none'} cannot be read: No such file or directory.",
        "PATCHDECK_LLM_API_KEY_FILE": "Set this or PATCHDECK_LLM_API_KEY, not both.",
    }


def test_reads_dotenv_below_the_environment(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text(
        "# ours\nexport PATCHDECK_PORT=9001\nPATCHDECK_HOST='::1' \nPATCHDECK_LOG_LEVEL=debug # all\nOTHER=1\n"
    )
    config = load({"PATCHDECK_LOG_LEVEL": "error"}, dotenv)
    assert (config.port, config.host, config.log_level, config.url) == (9001, "::1", "error", "http://[::1]:9001")
    dotenv.write_text("PATCHDECK_PORT 9001\n")
    assert problems({}, dotenv) == {f"{dotenv} line 1": "Expected NAME=value."}


def test_documents_every_value() -> None:
    page = reference()
    assert all(f"`PATCHDECK_{name.upper()}`" in page for name in Config.__struct_fields__)
    assert Path("docs/config.md").read_text(encoding="utf-8") == page
