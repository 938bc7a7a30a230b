"""What judgements and corrections tell: accuracy over time, hints for schemas, examples for prompts."""

from __future__ import annotations

import asyncio
from datetime import date
from time import perf_counter

import msgspec
import pytest

from hub.database import execute, fetch_one, transaction
from hub.errors import ConflictError, ForbiddenError, NotFoundError
from hub.extraction import Extraction
from hub.extraction.assembly import ExtractionServices
from hub.extraction.learning.accuracy import Grouping
from hub.extraction.learning.amend import Change
from hub.extraction.learning.examples import LONGEST
from hub.extraction.learning.learnt import LearntField, LearntLayout, Mark
from hub.extraction.readers.inside import read
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading
from hub.extraction.schemas.fields import leaves
from hub.extraction.schemas.starter import starter
from hub.ids import new_id, show
from tests.conftest import Members
from tests.extraction.conftest import drawn
from tests.extraction.odd_layouts import draw_odd

INVOICE = starter("invoice")
MONDAY = date(2026, 3, 2)


async def judgement(members: Members, path: str, *, right: bool, day: int = 2, **fields: object) -> None:
    """Say of a value found in March 2026 whether it was right."""
    said = {"engine": "layout", "layout": "lay_1", "schema_name": "invoice", "schema_version": 1} | fields
    extraction = new_id()
    await execute(
        "insert into extractions (id, workspace, schema_name, engine, status, result) "
        "values ($1, $2, 'invoice', 'local', 'done', '{}')",
        extraction,
        members.workspace,
    )
    await execute(
        "insert into judgements (workspace, extraction, path, is_right, judged_at, engine, layout, schema_name, "
        "schema_version) values ($1, $2, $3, $4, make_timestamptz(2026, 3, $5, 12, 0, 0), $6, $7, $8, $9)",
        members.workspace,
        extraction,
        path,
        right,
        day,
        *said.values(),
    )


async def test_accuracy_is_the_share_of_right_values_by_week(services: ExtractionServices, members: Members):
    await judgement(members, "total", right=True, day=2)
    await judgement(members, "total", right=False, day=3)
    await judgement(members, "total", right=True, day=4)
    await judgement(members, "total", right=True, day=9)
    points = await services.accuracy.over_time(members.viewer)
    assert [(one.period, one.judged, one.right, one.accuracy) for one in points] == [
        (MONDAY, 3, 2, 0.6667),
        (date(2026, 3, 9), 1, 1, 1.0),
    ]


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("version", {"1": 2, "2": 1}),
        ("engine", {"layout": 1, "llm": 1, "": 1}),
        ("layout", {"lay_1": 2, "": 1}),
        ("field", {"total": 1, "lines[].amount": 2}),
    ],
)
async def test_accuracy_is_told_by_what_one_asks_for(
    services: ExtractionServices, members: Members, by: Grouping, keys: dict[str, int]
):
    await judgement(members, "total", right=True, schema_version=2)
    await judgement(members, "lines[0].amount", right=True, engine="llm", layout=None)
    await judgement(members, "lines[12].amount", right=False, engine=None)
    points = await services.accuracy.over_time(members.viewer, schema="Invoice", by=by, period="day")
    assert {one.key: one.judged for one in points} == keys


async def test_an_absent_value_that_nobody_missed_does_not_count(services: ExtractionServices, members: Members):
    await judgement(members, "iban", right=True, engine=None)
    await judgement(members, "iban", right=False, engine=None)
    (point,) = await services.accuracy.over_time(members.viewer, by="field")
    assert (point.judged, point.right, point.missing) == (1, 0, 1)


async def test_accuracy_of_another_workspace_is_not_told(services: ExtractionServices, members: Members):
    await judgement(members, "total", right=True)
    assert await services.accuracy.over_time(members.outsider) == []


async def corrected(
    services: ExtractionServices, members: Members, document: tuple[str, int], *paths: str
) -> Extraction:
    """Extract a drawn invoice and put the values at some paths right."""
    made, truth = await drawn(services.extractions, members, *document)
    changes = [Change(path=path, value=truth[path]) for path in paths]
    return await services.corrections.correct(members.editor, made.id, changes)


async def corrected_twice(services: ExtractionServices, members: Members) -> None:
    await corrected(services, members, ("behind", 1), "customer.name")
    await corrected(services, members, ("behind", 2), "customer.name")


async def test_corrections_that_agree_propose_a_hint(services: ExtractionServices, members: Members):
    await corrected_twice(services, members)
    (hint,) = await services.hints.list(members.viewer, schema="invoice")
    assert (hint.path, hint.hint, hint.corrections) == ("customer.name", "usually stands above 'client'", 2)
    assert await services.hints.list(members.outsider) == []


async def test_one_correction_proposes_nothing(services: ExtractionServices, members: Members):
    await corrected(services, members, ("behind", 1), "total")
    assert await services.hints.list(members.viewer) == []


async def test_an_accepted_hint_makes_a_new_version_of_the_schema(services: ExtractionServices, members: Members):
    await corrected_twice(services, members)
    (hint,) = await services.hints.list(members.viewer)
    accepted = await services.hints.decide(members.editor, hint.id, "accepted")
    resolved = await services.schemas.resolve(members.workspace, "invoice")
    hints = {leaf.path: leaf.field.hint for leaf in leaves(resolved.schema.spec.fields)}
    assert accepted.state == "accepted"
    assert "sually stands above 'client'" in hints["customer.name"]
    assert await services.hints.list(members.viewer) == []


async def test_a_dismissed_hint_is_not_proposed_again(services: ExtractionServices, members: Members):
    await corrected_twice(services, members)
    (hint,) = await services.hints.list(members.viewer)
    await services.hints.decide(members.editor, hint.id, "dismissed")
    await corrected(services, members, ("behind", 3), "customer.name")
    assert await services.hints.list(members.viewer) == []
    with pytest.raises(ConflictError, match="already"):
        await services.hints.decide(members.editor, hint.id, "accepted")


async def test_who_may_not_edit_schemas_decides_no_hint(services: ExtractionServices, members: Members):
    await corrected_twice(services, members)
    (hint,) = await services.hints.list(members.viewer)
    with pytest.raises(ForbiddenError):
        await services.hints.decide(members.viewer, hint.id, "accepted")
    with pytest.raises(NotFoundError):
        await services.hints.decide(members.outsider, hint.id, "accepted")


async def test_examples_are_corrected_documents_the_nearest_layout_first(
    services: ExtractionServices, members: Members
):
    await corrected(services, members, ("behind", 1), "number")
    await corrected(services, members, ("unlabelled", 1), "number")
    await corrected(services, members, ("sentences", 1), "number")
    reading = read(Source(draw_odd("unlabelled", 2)[0], "a.pdf"))
    examples = await services.examples.for_prompt(members.workspace, INVOICE, reading, limit=2)
    assert len(examples) == 2
    assert "Vorgang" in examples[0].text
    assert examples[0].record["number"] == draw_odd("unlabelled", 1)[1]["number"]


async def test_an_example_writes_values_as_its_text_does(services: ExtractionServices, members: Members):
    truth = draw_odd("behind", 1)[1]
    await corrected(services, members, ("behind", 1), "issue_date", "total")
    reading = read(Source(b"another document", "a.txt"))
    (example,) = await services.examples.for_prompt(members.workspace, INVOICE, reading)
    assert example.record["issue_date"] in example.text
    assert "-" not in example.record["issue_date"]
    assert f"{truth['total']:,.2f}" == example.record["total"]


async def test_a_document_is_no_example_of_itself_nor_one_called_incorrect(
    services: ExtractionServices, members: Members
):
    await corrected(services, members, ("behind", 1), "number")
    refused = await corrected(services, members, ("behind", 2), "number")
    await services.corrections.confirm(members.editor, refused.id, "incorrect")
    reading = read(Source(draw_odd("behind", 1)[0], "a.pdf"))
    assert await services.examples.for_prompt(members.workspace, INVOICE, reading) == ()
    other = read(Source(b"another document", "a.txt"))
    assert await services.examples.for_prompt(members.outsider.workspace, INVOICE, other) == ()


async def test_a_long_example_is_cut_with_its_values(services: ExtractionServices, members: Members):
    rows = "\n".join(f"Row {number}   {number}.00" for number in range(900))
    text = f"Number: A-1\n{rows}\nThank you, the sum is 4711.00 in all"
    made = await services.extractions.extract_text(members.editor, text, "invoice")
    changes = [Change(path="number", value="A-1"), Change(path="total", value="4711.00")]
    await services.corrections.correct(members.editor, made.id, changes)
    reading = read(Source(b"another document", "a.txt"))
    (example,) = await services.examples.for_prompt(members.workspace, INVOICE, reading)
    assert len(example.text) == LONGEST
    assert (example.record["number"], example.record["total"]) == ("A-1", None)


@pytest.mark.xdist_group("alone")
async def test_two_hundred_layouts_cost_a_document_little(services: ExtractionServices, members: Members):
    await asyncio.gather(
        *(services.layouts.keep(members.workspace, "invoice", letter(number), new_id()) for number in range(200))
    )
    known = await corrected(services, members, ("finnish", 1), "total")
    reading = read(Source(draw_odd("finnish", 2)[0], "a.pdf"))
    near = await services.layouts.for_reading(members.workspace, "invoice", reading)
    took = [await seconds_to_look(services, members, reading) for _ in range(5)]
    row = await fetch_one("select count(*) as n from learnt_layouts where workspace = $1", members.workspace)
    assert row is not None
    assert (row["n"], near[0].id) == (201, known.layout)
    assert min(took) < 0.02


def letter(number: int) -> LearntLayout:
    """A layout of 120 words that no other letter has all of."""
    text = "dear madam we have the honour to send you what you ordered of us last month and hope that all is well"
    words = text.split()
    own = [f"{words[index % len(words)]}{'x' * (index * number % 7)}" for index in range(120)]
    return LearntLayout(
        marks=tuple(Mark(word, index % 9 * 90.0, index * 11.0) for index, word in enumerate(own)),
        samples=1,
        fields={"total": LearntField()},
    )


async def seconds_to_look(services: ExtractionServices, members: Members, reading: Reading) -> float:
    start = perf_counter()
    await services.layouts.for_reading(members.workspace, "invoice", reading)
    return perf_counter() - start


async def test_the_number_of_layouts_of_a_schema_is_bounded(services: ExtractionServices, members: Members):
    await execute(
        "insert into learnt_layouts (id, workspace, schema_name, words, content, changed_at) "
        "select gen_random_uuid(), $1, 'invoice', '{1}', '', now() - interval '1 day' * n "
        "from generate_series(1, 600) as n",
        members.workspace,
    )
    await corrected(services, members, ("finnish", 1), "total")
    row = await fetch_one("select count(*) as n from learnt_layouts where workspace = $1", members.workspace)
    assert row is not None
    assert row["n"] == 500


async def test_what_a_failed_caller_learnt_is_not_kept(services: ExtractionServices, members: Members):
    made, truth = await drawn(services.extractions, members, "finnish", 1)
    with pytest.raises(ConflictError):
        await taught_in_vain(services, members, made.id, Change(path="total", value=truth["total"]))
    assert (await services.layouts.list(members.viewer)).items == []


async def taught_in_vain(services: ExtractionServices, members: Members, extraction: str, change: Change) -> None:
    async with transaction():
        await services.corrections.apply(members.workspace, members.editor, extraction, [change])
        raise ConflictError("Somebody else was quicker.")


async def test_layouts_are_listed_in_pages(services: ExtractionServices, members: Members):
    await corrected(services, members, ("finnish", 1), "total")
    await corrected(services, members, ("behind", 1), "total")
    await corrected(services, members, ("sentences", 1), "total")
    first = await services.layouts.list(members.viewer, limit=2)
    rest = await services.layouts.list(members.viewer, limit=2, cursor=first.cursor)
    assert (len(first.items), len(rest.items), rest.cursor) == (2, 1, None)
    assert await services.layouts.find(members.viewer, rest.items[0].id) == rest.items[0]
    with pytest.raises(NotFoundError):
        await services.layouts.find(members.outsider, rest.items[0].id)
    with pytest.raises(NotFoundError):
        await services.layouts.find(members.viewer, show("lay", new_id()))
    assert msgspec.json.encode(first.items)
