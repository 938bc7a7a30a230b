"""Inbound webhooks as the contract says: what is taken, what is answered, and when."""

import time
from collections.abc import Iterator

import pytest

from tests.spine.running_hub import RunningHub

LIMIT = 5 * 1024 * 1024


def test_answers_an_event_and_its_repeat(hub: RunningHub, address: str) -> None:
    first, second = (
        hub.http.post(address, json={"id": 1}, headers={"webhook-id": "contract-1"}).json() for _ in range(2)
    )
    assert (set(first), first["duplicate"]) == ({"item", "duplicate"}, False)
    assert second == {"item": first["item"], "duplicate": True}


@pytest.mark.parametrize("count", [0, 1, 2, 1000])
def test_answers_an_array_with_an_item_for_each_element(hub: RunningHub, address: str, count: int) -> None:
    answer = hub.http.post(address, json=[{"id": number} for number in range(count)])
    assert (answer.status_code, set(answer.json()), len(answer.json()["items"])) == (202, {"items"}, count)


def test_knows_an_element_by_the_header_and_its_place(hub: RunningHub, address: str) -> None:
    headers = {"idempotency-key": "contract-array"}
    first = hub.http.post(address, json=[{"id": 1}, {"id": 2}], headers=headers).json()["items"]
    again = hub.http.post(address, json=[{"id": 1}, {"id": 2}, {"id": 3}], headers=headers).json()["items"]
    assert [one["item"] for one in again[:2]] == [one["item"] for one in first]
    assert [one["duplicate"] for one in again] == [True, True, False]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b'{"id": 7}', "application/json"),
        (b'{"id": 7}', "application/x-www-form-urlencoded"),
        (b"id=7&total=3", "application/x-www-form-urlencoded"),
        (b"just words", "text/plain"),
        (b"[12:00] the door opened", "text/plain"),
        (b"\x00\x01", "application/octet-stream"),
        (b"[\x00\x01", "application/octet-stream"),
    ],
)
def test_takes_json_forms_and_raw_bodies_as_one_item(hub: RunningHub, address: str, content: bytes, kind: str) -> None:
    answer = hub.http.post(address, content=content, headers={"content-type": kind})
    assert (answer.status_code, set(answer.json())) == (202, {"item", "duplicate"})


def _in_pieces(size: int) -> Iterator[bytes]:
    yield from (b" " * 65536 for _ in range(size // 65536))


@pytest.mark.parametrize(("size", "status"), [(LIMIT, 202), (LIMIT + 65536, 413)])
def test_counts_a_body_that_does_not_say_its_length(hub: RunningHub, address: str, size: int, status: int) -> None:
    answer = hub.http.post(address, content=_in_pieces(size), headers={"content-type": "text/plain"})
    assert answer.status_code == status


def test_the_recipe_answers_the_call(hub: RunningHub, answering: str) -> None:
    answer = hub.http.post(answering, json={"go": "ann\r\nset-cookie: x=1"})
    assert (answer.status_code, answer.json()) == (201, {"hello": "ann\r\nset-cookie: x=1"})
    assert answer.headers["x-name"] == "ann  set-cookie: x=1"
    assert "set-cookie" not in answer.headers


def test_a_call_is_let_go_when_its_item_ends_without_an_answer(hub: RunningHub, answering: str) -> None:
    started = time.monotonic()
    answer = hub.http.post(answering, json=[{"id": 1}])
    assert (answer.status_code, set(answer.json())) == (202, {"items"})
    assert time.monotonic() - started < 25


def test_a_token_lets_callers_in(filled: RunningHub) -> None:
    text = {
        "apiVersion": "patchdeck/v1",
        "kind": "Recipe",
        "metadata": {"name": "signed"},
        "spec": {
            "trigger": {"uses": "webhook.received", "connection": "two"},
            "steps": [{"id": "end", "uses": "stop"}],
        },
    }
    filled.publish(text)
    place = filled.asked("recipe", "show", "signed")["hook_url"]
    statuses = [filled.http.post(place, json={}, headers={"x-token": word}).status_code for word in ("wrong", "s3cret")]
    assert statuses == [401, 202]
