"""Previews: what the values of a step give for samples, what fits, and what templates can use."""

import asyncio
import time

import pytest

from hub.errors import ForbiddenError, InvalidError, NotFoundError
from hub.members import Role
from hub.recipes import parse
from hub.runs.previews import Trial

SPEC = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: named, uses: set, with: {fields: {who: "{{ trigger.body.name | upcase }}"}}}
    - {id: keep, uses: dataset.write_rows, with: {dataset: kept, mode: insert, columns: {n: "{{ trigger.body.n }}"}}}
"""
EXTRACTING = """
spec:
  trigger: {uses: webhook.received}
  steps:
    - {id: named, uses: extract, with: {schema: invoice, source: "{{ trigger.body }}"}}
    - {id: keep, uses: dataset.write_rows, with: {dataset: kept, mode: insert, columns: {n: "{{ named.total }}"}}}
"""
EVENTS = (
    {"n": 1, "name": "ann", "lines": [{"amount": 5, "odd name": "x"}, {"amount": 7}]},
    {"n": "two", "name": "bob", "lines": []},
    {"n": 3, "name": "eve", "lines": [{"amount": 9, "tax": {"rate": 0.2}}]},
)


@pytest.fixture
async def recipe(hub, member):
    """A recipe with three samples, the last of EVENTS the newest."""
    made = await hub.publish(member, SPEC)
    for event in EVENTS:
        await hub.services.tries.keep(member, made.id, {"body": event}, event["name"])
    return made


async def preview(hub, recipe, step="keep", **place):
    return await hub.services.previews.preview(recipe.member, recipe.id, Trial(step=step, place=place))


def rows(columns, **more):
    return {"dataset": "kept", "mode": "insert", "columns": columns, **more}


def of(found, path):
    return next(one for one in found.fields if one.path == path)


def texts(found, path):
    return [cell.text for cell in of(found, path).cells]


def named(field, *names):
    for name in names:
        field = next(one for one in field.fields if one.name == name)
    return field


async def test_shows_what_a_value_gives_for_every_sample_the_newest_first(hub, recipe):
    found = await preview(hub, recipe, **{"with": rows({"n": "{{ trigger.body.n | plus: 1 }}"})})
    assert [one.title for one in found.samples] == ["eve", "bob", "ann"]
    assert texts(found, "with.columns.n") == ["4", "1", "2"]
    assert found.problems == []


async def test_counts_the_samples_for_which_a_value_fails(hub, recipe):
    found = await preview(hub, recipe, **{"with": rows({"n": "{{ 10 | divided_by: trigger.body.n }}"})})
    column = of(found, "with.columns.n")
    assert column.failing == 1
    assert "cannot be rendered" in column.cells[1].problem


async def test_what_is_put_into_html_is_shown_escaped_as_runs_write_it(hub, recipe):
    page = "<p>{{ trigger.body.name }}</p>"
    mail = f"{{id: send, uses: email.send, with: {{html: '{page}', text: '{page}'}}}}"
    head = "apiVersion: patchdeck/v1\nkind: Recipe\nmetadata: {name: orders}\n"
    document = parse(f"{head}spec: {{trigger: {{uses: webhook.received}}, steps: [{mail}]}}")
    await hub.services.tries.keep(recipe.member, recipe.id, {"body": {"name": "<b>Ann & co"}}, "ann")
    trial = Trial(step="send", limit=1)
    found = await hub.services.previews.preview(recipe.member, recipe.id, trial, document=document)
    assert texts(found, "with.html") == ["<p>&lt;b&gt;Ann &amp; co</p>"]
    assert texts(found, "with.text") == ["<p><b>Ann & co</p>"]


async def test_a_row_is_shown_for_the_first_element_of_the_list(hub, recipe):
    settings = rows({"a": "{{ row.amount }}"}, rows="{{ trigger.body.lines }}")
    found = await preview(hub, recipe, **{"with": settings})
    assert found.rows == [1, 0, 2]
    assert texts(found, "with.columns.a") == ["9", "The list is empty here.", "5"]


async def test_a_loop_is_shown_by_its_first_element(hub, recipe):
    place = {"each": "{{ trigger.body.lines }}", "as": "line", "with": rows({"a": "{{ line.amount }}"})}
    found = await preview(hub, recipe, **place)
    assert found.elements == [1, 0, 2]
    assert texts(found, "with.columns.a")[0] == "9"


@pytest.mark.parametrize(
    ("value", "warning"),
    [
        ("{{ trigger.body.nane }}", "trigger.body has no 'nane'. Did you mean 'name'?"),
        ("{{ trigger.body.lines.amount }}", "trigger.body.lines is a list: go through its elements, or take one"),
        ("{{ trigger.body.n.deep }}", "trigger.body.n is a number and has no 'deep'."),
    ],
)
async def test_warns_of_what_no_sample_has(hub, recipe, value, warning):
    found = await preview(hub, recipe, **{"with": rows({"a": value})})
    cells = of(found, "with.columns.a").cells
    assert warning in cells[0].absent


async def test_warns_of_a_name_that_is_missing_everywhere(hub, recipe):
    found = await preview(hub, recipe, **{"with": rows({"a": "{{ trigger.body.nane }}"})})
    assert of(found, "with.columns.a").warning == "trigger.body has no 'nane'. Did you mean 'name'?"


async def test_says_what_is_given_and_what_is_asked_for(hub, recipe):
    found = await preview(hub, recipe, **{"with": rows({"a": "{{ row }}"}, rows="{{ trigger.body.name }}")})
    assert of(found, "with.rows").warning == "This gives a text (eve); a list is asked for."
    odd = await preview(hub, recipe, each="{{ trigger.body.n }}", **{"with": rows({"a": "1"})})
    assert of(odd, "each").warning == "This gives no list; a list is asked for."


async def test_finds_the_problems_that_saving_would_find(hub, recipe):
    found = await preview(hub, recipe, **{"with": {"dataset": "{{ x }}", "columns": {"a": "{{ named.who | upcas }}"}}})
    told = {problem.path: problem.message for problem in found.problems}
    assert told["with.dataset"] == "This is taken literally and cannot be a template."
    assert told["with.columns.a"].startswith("There is no filter 'upcas'. Did you mean")


async def test_conditions_are_shown_side_by_side(hub, recipe):
    found = await preview(hub, recipe, when={"all": [{"left": "{{ trigger.body.n }}", "is": "at_least", "right": 2}]})
    assert texts(found, "when.all[0].left") == ["3", "two", "1"]


async def test_a_slow_template_is_cut_off_and_holds_nobody_up(hub, member):
    made = await hub.publish(member, SPEC)
    await hub.services.tries.keep(member, made.id, {"body": {"name": "ab" * 200_000}}, "large")
    slow = "{{ trigger.body.name | split: '' | sort | join: ',' | split: ',' | sort | uniq | size }}"
    columns = {f"c{number}": f"{slow}{number}" for number in range(40)}
    began = time.process_time()
    found, _ = await asyncio.gather(preview(hub, made, **{"with": rows(columns)}), asyncio.sleep(0))
    assert time.process_time() - began < 8
    assert of(found, "with.columns.c39").cells[0].problem.startswith("This takes too long")


async def test_a_slow_list_is_cut_off_and_its_fields_are_told_nonetheless(hub, member):
    made = await hub.publish(member, SPEC)
    for _ in range(20):
        await hub.services.tries.keep(member, made.id, {"body": {"name": "ab" * 50_000}}, "large")
    slow = "{% for i in (1..9999) %}{{ trigger.body.name | upcase | size }}{% endfor %}"
    began = time.process_time()
    found = await hub.services.previews.fields(member, made.id, Trial(step="keep", place={"each": slow}))
    assert time.process_time() - began < 5
    assert [one.name for one in found.sources][:1] == ["element"]


async def test_loops_without_end_are_refused(hub, recipe):
    hostile = "{% for i in (1..10000) %}{% for k in (1..10000) %}x{% endfor %}{% endfor %}"
    found = await preview(hub, recipe, **{"with": rows({"a": hostile})})
    assert of(found, "with.columns.a").failing == 3


async def test_fields_are_told_with_the_template_that_reads_them(hub, recipe):
    found = await hub.services.previews.fields(recipe.member, recipe.id, Trial(step="keep"))
    trigger = next(one for one in found.sources if one.name == "trigger").field
    assert named(trigger, "body", "n").template == "{{ trigger.body.n }}"
    assert named(trigger, "body", "n").text == "3"
    lines = named(trigger, "body", "lines")
    assert (lines.kind, lines.elements) == ("list", 1)
    amount = named(lines, "amount")
    assert (amount.within, amount.inner) == ("trigger.body.lines", "amount")
    assert amount.template == '{{ trigger.body.lines | map: "amount" }}'
    assert named(lines, "tax", "rate").template == '{{ trigger.body.lines | map: "tax" | map: "rate" }}'
    assert [one.name for one in found.sources] == ["named", "trigger", "item"]


async def test_fields_of_another_sample_and_of_a_loop(hub, recipe):
    place = {"each": "{{ trigger.body.lines }}", "as": "line"}
    found = await hub.services.previews.fields(recipe.member, recipe.id, Trial(step="keep", sample=2, place=place))
    line = next(one for one in found.sources if one.name == "line").field
    assert named(line, "amount").template == "{{ line.amount }}"
    assert named(line, "amount").text == "5"
    assert named(line, "odd name").template == '{{ line["odd name"] }}'


async def test_what_is_declared_is_told_before_anything_has_come(hub, member):
    text = SPEC.replace("uses: set, with: {fields: {", 'uses: extract, with: {schema: invoice, source: "x"}}\n').split(
        "who:"
    )[0]
    rest = '    - {id: keep, uses: dataset.write_rows, with: {dataset: kept, mode: insert, columns: {n: "1"}}}\n'
    made = await hub.publish(member, text + rest)
    found = await hub.services.previews.fields(member, made.id, Trial(step="keep"))
    assert found.samples == []
    invoice = next(one for one in found.sources if one.name == "named").field
    assert named(invoice, "supplier", "name").template == "{{ named.supplier.name }}"
    assert named(invoice, "lines", "amount").template == '{{ named.lines | map: "amount" }}'
    trigger = next(one for one in found.sources if one.name == "trigger").field
    assert {"body", "headers", "query"} <= {one.name for one in trigger.fields}


async def test_refuses_viewers_unknown_steps_and_what_is_no_step(hub, recipe):
    service = hub.services.previews
    with pytest.raises(NotFoundError):
        await service.preview(recipe.member, recipe.id, Trial(step="nowhere"))
    with pytest.raises(InvalidError):
        await service.preview(recipe.member, recipe.id, Trial(step="keep", place={"with": [1]}))
    looking = type(recipe.member)(user=recipe.member.user, workspace=recipe.member.workspace, role=Role.VIEWER)
    with pytest.raises(ForbiddenError):
        await service.preview(looking, recipe.id, Trial(step="keep"))
