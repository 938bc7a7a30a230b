"""The command line as the contract says: JSON on stdout and nothing else, lists bare, single things as objects."""

import json

import pytest

from tests.spine.running_hub import RunningHub

SHAPES = [
    (list, "schema list"),
    (dict, "schema show invoice"),
    (dict, "schema export invoice"),
    (list, "recipe list"),
    (dict, "recipe show events"),
    (dict, "recipe export events"),
    (dict, "recipe publish events"),
    (list, "run list"),
    (list, "connector list"),
    (dict, "connector show http"),
    (list, "connection list"),
    (list, "dataset list"),
    (dict, "dataset show events"),
    (list, "key list"),
    (dict, "key revoke one"),
]


@pytest.mark.parametrize(("shape", "words"), SHAPES, ids=[words for _, words in SHAPES])
def test_prints_one_json_document(filled: RunningHub, shape: type, words: str) -> None:
    assert isinstance(json.loads(filled.command(*words.split(), "-o", "json").stdout), shape)


def test_says_in_two_lines_what_a_refusal_is(hub: RunningHub) -> None:
    done = hub.command("recipe", "show", "nothing", "-o", "json", code=1)
    assert (done.stdout, done.stderr) == ("", "Error: There is no recipe 'nothing' here.\n")
