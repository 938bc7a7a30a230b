"""The jail: answers come through, every kind of bad end is told apart, and nothing outside can be reached."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hub.jail import Jail, JailError, Limits, RefusedError
from hub.jail.cell import ALONE

CODE = Path(__file__).parent / "inmates"
SMALL = Limits(seconds=20, memory=300 << 20, output=1 << 20)


@pytest.fixture(scope="module")
def jail() -> Iterator[Jail]:
    with Jail(children=2, code=[CODE]) as opened:
        yield opened


def test_answers_with_the_type_asked_for(jail: Jail) -> None:
    assert jail.run_now("acts:double", [1, 2], list[int]) == [2, 4]


async def test_carries_content_larger_than_a_pipe_both_ways(jail: Jail) -> None:
    content = os.urandom(3_000_000)
    assert await jail.run("acts:echo", content, bytes) == content


async def test_keeps_a_process_for_the_next_call() -> None:
    with Jail(children=1, code=[CODE]) as jail:
        first = await jail.run("acts:process", None, int)
        assert await jail.run("acts:process", None, int) == first


def test_lets_pages_and_the_api_go_first(jail: Jail) -> None:
    child = psutil.Process(jail.run_now("acts:process", None, int))
    assert child.nice() >= min(19, psutil.Process().nice() + 10)


async def test_replaces_a_process_after_so_many_calls() -> None:
    with Jail(children=1, calls_a_child=2, code=[CODE]) as jail:
        pids = [await jail.run("acts:process", None, int) for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


async def test_works_side_by_side(jail: Jail) -> None:
    busy = asyncio.ensure_future(jail.run("acts:sleep", 250.0, object, Limits(seconds=250)))
    assert await jail.run("acts:double", [4], list[int]) == [8]
    assert not busy.done()
    busy.cancel()
    await asyncio.gather(busy, return_exceptions=True)


def test_what_earlier_calls_left_behind_is_not_held_against_a_call() -> None:
    with Jail(children=1, code=[CODE]) as jail:
        first = jail.run_now("acts:leak", 120 << 20, int, SMALL)
        again = jail.run_now("acts:leak", 120 << 20, int, SMALL)
        third = jail.run_now("acts:leak", 120 << 20, int, SMALL)
        with pytest.raises(JailError, match="more memory than the limit of 300 MB"):
            jail.run_now("acts:leak", 320 << 20, int, SMALL)
    assert first != third
    assert again in {first, third}


def test_passes_on_the_words_of_a_refusal_and_lives_on() -> None:
    with Jail(children=1, code=[CODE]) as jail:
        before = jail.run_now("acts:process", None, int)
        with pytest.raises(RefusedError, match=r"It is encrypted\."):
            jail.run_now("acts:refuse", "It is encrypted.", object)
        assert jail.run_now("acts:process", None, int) == before


@pytest.mark.parametrize(
    ("act", "payload", "limits", "kind"),
    [
        ("sleep", 30.0, Limits(seconds=0.2), "time"),
        ("spin", None, Limits(cpu_seconds=1), "time"),
        ("hoard", None, SMALL, "memory"),
        ("flood", 2 << 20, SMALL, "output"),
        ("crash", None, SMALL, "crash"),
        ("stumble", None, SMALL, "crash"),
        ("absent", None, SMALL, "crash"),
    ],
)
async def test_names_the_end_and_serves_the_next_call(
    jail: Jail, act: str, payload: object, limits: Limits, kind: str
) -> None:
    with pytest.raises(JailError) as failure:
        await jail.run(f"acts:{act}", payload, object, limits)
    assert failure.value.kind == kind
    assert await jail.run("acts:double", [4], list[int]) == [8]


@pytest.fixture
def crowded() -> Iterator[int]:
    """A processor that others want as well; gives its number."""
    place = min(os.sched_getaffinity(0))
    busy = [sys.executable, "-uc", "print()\nwhile True: pass"]
    # A session each, as kernels deal out time by sessions
    others = [subprocess.Popen(busy, stdout=subprocess.PIPE, start_new_session=True) for _ in range(5)]
    for other in others:
        os.sched_setaffinity(other.pid, {place})
    assert [other.stdout.readline() for other in others if other.stdout] == [b"\n"] * 5
    yield place
    for other in others:
        other.kill()
        other.communicate()


def test_waiting_for_a_processor_is_not_held_against_a_call(crowded: int) -> None:
    with Jail(children=1, code=[CODE]) as jail:
        os.sched_setaffinity(jail.run_now("acts:process", None, int), {crowded})
        started = time.monotonic()
        jail.run_now("acts:work", 1.0, object, Limits(seconds=2.5))
        assert time.monotonic() - started > 2.5


def test_says_where_a_parser_broke_without_its_contents(jail: Jail) -> None:
    with pytest.raises(JailError) as failure:
        jail.run_now("acts:stumble", None, object)
    assert failure.value.__notes__ == ["ZeroDivisionError in stumble"]


def test_what_libraries_print_is_not_taken_for_an_answer(jail: Jail) -> None:
    assert jail.run_now("acts:chatter", None, str) == "done"


def test_sees_no_variable_of_ours(jail: Jail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATCHDECK_MASTER_KEY", "secret")
    with Jail(children=1, code=[CODE]) as fresh:
        assert set(fresh.run_now("acts:environment", None, list[str])) <= {"LC_CTYPE", *ALONE}


def test_threads_are_for_those_who_ask_and_open_nothing_else(jail: Jail) -> None:
    with Jail(children=1, code=[CODE], threads=True) as threaded:
        assert threaded.run_now("acts:double_beside", 21, int) == 42
        assert threaded.run_now("acts:most_threads", None, int) != 0
        assert threaded.run_now("acts:fork_below_python", None, int) != 0
        assert threaded.run_now("acts:connect_below_python", None, int) != 0
    assert jail.run_now("acts:most_threads", None, int) == 0


@pytest.mark.parametrize("act", ["connect", "run_program"])
def test_forbids_python_code_the_network_and_programs(jail: Jail, act: str) -> None:
    with pytest.raises(JailError) as failure:
        jail.run_now(f"acts:{act}", None, object)
    assert failure.value.__notes__ == ["PermissionError in _refuse"]


@pytest.mark.parametrize("act", ["connect_below_python", "fork_below_python"])
def test_forbids_native_code_the_same(jail: Jail, act: str) -> None:
    assert jail.run_now(f"acts:{act}", None, int) == 1  # EPERM


def test_cannot_read_our_files(jail: Jail, tmp_path: Path) -> None:
    (tmp_path / "master.key").write_bytes(b"secret")
    with pytest.raises(JailError) as failure:
        jail.run_now("acts:read_file", str(tmp_path / "master.key"), bytes)
    assert failure.value.__notes__ == ["PermissionError in open"]


def test_cannot_write_files(jail: Jail, tmp_path: Path) -> None:
    with pytest.raises(JailError):
        jail.run_now("acts:write_file", str(tmp_path / "left"), object)
    assert jail.run_now("acts:write_below_python", str(tmp_path / "left"), int) != 0
    assert not (tmp_path / "left").exists()


def test_leaves_no_process_behind() -> None:
    jail = Jail(children=1, code=[CODE])
    child = jail.run_now("acts:process", None, int)
    jail.close()
    assert not psutil.pid_exists(child)


async def test_closing_ends_a_call_that_is_under_way() -> None:
    jail = Jail(children=1, code=[CODE])
    await jail.run("acts:process", None, int)
    call = asyncio.ensure_future(jail.run("acts:sleep", 60.0, object))
    await asyncio.sleep(0)
    jail.close()
    with pytest.raises((JailError, asyncio.CancelledError)):
        await call


async def test_cancelling_ends_the_child_and_frees_its_place() -> None:
    with Jail(children=1, code=[CODE]) as jail:
        child = await jail.run("acts:process", None, int)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await jail.run("acts:sleep", 60.0, object)
        assert await jail.run("acts:process", None, int) != child
