"""Logs and crash reports: what they carry and what they must never carry."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Literal

import pytest

from hub import logs

log = logging.getLogger("hub.test")
Configured = Callable[[Literal["text", "json"]], io.StringIO]


@pytest.fixture
def configured() -> Iterator[Configured]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level

    def configure(form: Literal["text", "json"]) -> io.StringIO:
        stream = io.StringIO()
        logs.configure("info", form, ["the-llm-key"], stream)
        for handler in root.handlers:
            handler.addFilter(logging.Filter(log.name))  # what is left over from other tests may still tell something
        return stream

    yield configure
    root.handlers[:] = before
    root.setLevel(level)


def test_json_carries_the_ids_of_what_it_is_about(configured: Configured) -> None:
    stream = configured("json")
    with logs.correlate(request="req_1"), logs.correlate(run="run_2"):
        log.info("started %s", "x")
    log.info("outside")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert {"request": "req_1", "run": "run_2", "message": "started x", "level": "info"}.items() <= first.items()
    assert "request" not in second


def test_text_is_one_line_with_ids(configured: Configured) -> None:
    stream = configured("text")
    with logs.correlate(item="itm_1"):
        log.warning("late")
    assert stream.getvalue().endswith("warning late item=itm_1\n")


@pytest.mark.parametrize(
    "secret",
    [
        "pd_live_abcDEF123",
        "Authorization: Bearer abcdefgh.ijk",
        "postgresql://hub:hunter2hunter2@host/db",
        "password=hunter2hunter2",
        '{"api_key": "sk-abcdef"}',
        "the-llm-key",
        "http://localhost:8080/setup/abcdefghijkl",
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_masks_secrets(configured: Configured, form: Literal["text", "json"], secret: str) -> None:
    stream = configured(form)
    log.error("calling with %s failed", secret, exc_info=ValueError(secret))
    assert secret not in stream.getvalue()
    assert "********" in stream.getvalue()
    assert "failed" in stream.getvalue()
