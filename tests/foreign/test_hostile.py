"""Exports are hostile input: whatever comes is refused with a sentence or becomes a draft, and never more."""

import io
import zipfile

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as any_

from hub.errors import InvalidError
from hub.foreign.translate import Export, translate
from hub.recipes.document import from_plain
from tests.foreign.reading import content, node, translated, workflow

_JSON = any_.recursive(
    any_.none() | any_.booleans() | any_.integers(-5, 5) | any_.text(max_size=12),
    lambda inner: any_.lists(inner, max_size=4) | any_.dictionaries(any_.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("given_content", "said"),
    [
        (b"<html>", "not JSON"),
        (b"{}", "no export"),
        (b"[]", "no export"),
        (b'{"nodes": 3, "connections": {}}', "no export"),
        (b'{"nodes": [1], "connections": {}}', "not a workflow"),
        (b'{"zaps": [{"title": 1}]}', "not an export of Zapier"),
        (b'{"zaps": []}', "nothing in this export"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"nodes": [], "connections": ' + b'{"a":' * 80 + b"1" + b"}" * 80 + b"}", "nested too deeply"),
        (b"PK\x03\x04 not an archive", "cannot be opened"),
        (b'{"nodes": ["' + b"x" * 5_000_001 + b'"]}', "larger than"),
    ],
)
def test_refuses_with_a_sentence(given_content, said):
    with pytest.raises(InvalidError, match=said):
        translate(Export(given_content))


def test_refuses_more_nodes_than_can_be_looked_at():
    with pytest.raises(InvalidError, match="401 nodes"):
        translated(workflow(*(node(f"n{number}", "noOp") for number in range(401))))


def test_an_archive_that_unpacks_to_very_much_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zapfile.json", b" " * 50_000_000)
    with pytest.raises(InvalidError, match="too large"):
        translate(Export(packed.getvalue()))


def test_reads_the_file_of_zaps_out_of_an_account_archive():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("export/Zapfile.json", content("zapfile.json"))
    assert len(translate(Export(packed.getvalue())).recipes) == 2


@settings(max_examples=60)
@given(_JSON, _JSON, any_.sampled_from(["if", "set", "switch", "httpRequest", "postgres", "webhook", "cron", "wait"]))
def test_any_parameters_give_a_document_that_parses(parameters, other, kind):
    made = {"name": "B", "type": f"n8n-nodes-base.{kind}", "parameters": parameters, "credentials": other}
    flow = {
        "nodes": [{"name": "A", "type": "n8n-nodes-base.webhook"}, made],
        "connections": {"A": {"main": [[{"node": "B"}]]}},
    }
    (recipe,) = translate(Export(msgspec.json.encode(flow))).recipes[:1]
    assert from_plain(recipe.document).metadata.name == "imported"


@settings(max_examples=60)
@given(_JSON, any_.sampled_from(["switch", "change", "http request", "template", "inject", "join", "delay", "file"]))
def test_any_node_of_node_red_gives_a_document_that_parses(value, kind):
    fields = {"rules": value, "url": value, "template": value, "property": value, "headers": value, "props": value}
    nodes = [
        {"id": "a", "type": "http in", "z": "t", "wires": [["b"]]},
        {"id": "b", "type": kind, "z": "t", "wires": [["b"]], **fields},
    ]
    assert all(from_plain(recipe.document) for recipe in translate(Export(msgspec.json.encode(nodes))).recipes)


@settings(max_examples=40)
@given(_JSON, any_.sampled_from(["FilterAPI", "WebHookCLIAPI", "DelayAPI", "BranchingAPI", "SlackAPI", "EmailAPI"]))
def test_any_params_of_zapier_give_a_document_that_parses(value, app):
    nodes = {
        "1": {"id": 1, "selected_api": "ScheduleAPI", "action": "every_day", "params": value},
        "2": {"id": 2, "parent_id": 1, "selected_api": app, "action": "filter", "params": value, "meta": value},
    }
    (recipe,) = translate(Export(msgspec.json.encode({"zaps": [{"nodes": nodes}]}))).recipes
    assert from_plain(recipe.document).spec.trigger.uses
