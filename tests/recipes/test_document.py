import string

import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.errors import InvalidError
from hub.recipes import export, from_plain, parse, to_plain
from hub.source import MAX_BYTES, read, write
from tests.recipes.texts import HEAD, WHOLE, recipe

MANY_NOTES = ", ".join(f"n{number}: {{x: 0, y: 0}}" for number in range(101))
STEP = "- {id: a, uses: template, with: {text: b}}"


def drawn(canvas: str) -> str:
    """Return the whole recipe with something on its canvas."""
    return WHOLE.replace("metadata: {", f"metadata: {{canvas: {{{canvas}}}, ")


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
names = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)
durations = st.sampled_from(["500ms", "2s", "5m", "1h30m", "7d"])
steps = st.fixed_dictionaries(
    {"id": names.map(lambda name: f"s{name}"), "uses": st.sampled_from(["set", "http.send", "filter"])},
    optional={
        "with": st.dictionaries(texts, values, max_size=4),
        "when": st.dictionaries(texts, values, max_size=2),
        "each": texts | st.lists(values, max_size=3),
        "as": names.map(lambda name: f"a{name}"),
        "after": texts | st.lists(texts | st.fixed_dictionaries({"step": texts}, optional={"case": texts}), max_size=3),
        "retry": st.fixed_dictionaries(
            {},
            optional={
                "attempts": st.integers(1, 100),
                "first": durations,
                "factor": st.floats(1, 100),
                "max": durations,
            },
        ),
        "timeout": durations,
        "on_error": texts,
        "when_unknown": st.sampled_from(["ask", "resend"]),
        "disabled": st.booleans(),
        "title": texts,
        "connection": texts,
    },
)
triggers = st.fixed_dictionaries(
    {"uses": st.just("webhook.received")}, optional={"with": st.dictionaries(texts, values, max_size=4)}
)
specs = st.fixed_dictionaries(
    {"trigger": triggers},
    optional={
        "steps": st.lists(steps, max_size=3),
        "settings": st.fixed_dictionaries({}, optional={"concurrency": st.integers(1, 9), "time_zone": texts}),
        "vars": st.dictionaries(names.map(lambda name: f"v{name}"), values, max_size=3),
    },
)
coordinates = st.integers(-100_000, 100_000)
extents = st.integers(40, 4_000)
colors = st.sampled_from(["yellow", "green", "blue", "red", "plum", "grey"])
parts = names.map(lambda name: f"n{name}")
places = {"x": coordinates, "y": coordinates}
canvases = st.fixed_dictionaries(
    {},
    optional={
        "places": st.dictionaries(parts, st.fixed_dictionaries(places), max_size=4),
        "notes": st.dictionaries(
            parts,
            st.fixed_dictionaries(
                places, optional={"text": texts, "color": colors, "width": extents, "height": extents}
            ),
            max_size=4,
        ),
        "groups": st.dictionaries(
            parts,
            st.fixed_dictionaries(
                {"steps": st.lists(parts, max_size=3)},
                optional={"title": texts, "color": colors, "folded": st.booleans()},
            ),
            max_size=4,
        ),
    },
)
documents = st.fixed_dictionaries(
    {
        "apiVersion": st.just("patchdeck/v1"),
        "kind": st.just("Recipe"),
        "metadata": st.fixed_dictionaries(
            {"name": names}, optional={"title": texts, "note": texts, "canvas": canvases}
        ),
        "spec": specs,
    }
)
thorough = settings(max_examples=200, suppress_health_check=list(HealthCheck))


@thorough
@given(documents)
def test_reads_what_it_writes(plain):
    document = from_plain(plain)
    assert parse(export(document)) == document
    assert from_plain(to_plain(document)) == document


@thorough
@given(documents)
def test_writes_the_same_text_whatever_it_was_read_from(plain):
    text = export(from_plain(plain))
    assert export(parse(text)) == text


@thorough
@given(values)
def test_other_yaml_readers_see_the_same_values(value):
    assert yaml.safe_load(write({"v": value})) == {"v": value}


def test_sorts_names_but_not_columns():
    text = export(parse(recipe("- {uses: http.send, id: a, with: {url: x, json: {b: 1, a: 2}}}")))
    assert text.index("id: a") < text.index("uses: http.send")
    assert text.index("json:") < text.index("url:")
    assert text.index("b: 1") < text.index("a: 2")


def test_leaves_defaults_out():
    assert "keep_outputs" not in export(parse(WHOLE))
    assert export(parse(WHOLE)) == export(parse(WHOLE.replace(", keep_outputs: all", "")))


def test_writes_several_lines_as_lines():
    assert write({"text": "one\ntwo\n"}) == "text: |\n  one\n  two\n"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("2026-01-02", "2026-01-02"),
        ("010", "010"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("1e3", 1000.0),
        ("0x10", "0x10"),
        ("=", "="),
        ("<<", "<<"),
        ("true", True),
        ("~", None),
        ("-7", -7),
        ("1.50", 1.5),
    ],
)
def test_takes_values_as_people_mean_them(written, meant):
    assert read(f"v: {written}") == {"v": meant}


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        (WHOLE.replace("patchdeck/v1", "patchdeck/v2"), "apiVersion", "Use patchdeck/v1"),
        (WHOLE.replace("kind: Recipe", "kind: Recip"), "kind", "Use Recipe"),
        (WHOLE.replace("kind: Recipe\n", ""), "kind", "missing"),
        (WHOLE.replace("name: invoices-to-ledger", "name: ../x"), "metadata.name", "letters, digits"),
        (WHOLE.replace("name: invoices", "nam: x, name: invoices"), "metadata.nam", "Did you mean 'name'?"),
        (WHOLE.replace("labels: [finance]", "labels: finance"), "metadata.labels", "Expected a list, got a text"),
        (WHOLE.replace("labels: [finance]", "labels: [1]"), "metadata.labels[0]", "Expected a text"),
        (WHOLE.replace("with: {dedupe", "wiht: {dedupe"), "spec.trigger.wiht", "Did you mean 'with'?"),
        (WHOLE.replace("steps:", "stepz:"), "spec.stepz", "Did you mean 'steps'?"),
        (WHOLE.replace("id: read", "id: 5"), "spec.steps[0].id", "Expected a text, got a whole number"),
        (WHOLE.replace("id: read", "id: re ad"), "spec.steps[0].id", "letter first"),
        (WHOLE.replace("uses: extract", "uses: Extract!"), "spec.steps[0].uses", "connector.name"),
        (WHOLE.replace("attempts: 5", "attempts: 0"), "spec.steps[2].retry.attempts", "at least 1"),
        (WHOLE.replace("first: 2s", "first: 2 s"), "spec.steps[2].retry.first", "such as"),
        (WHOLE.replace("factor: 2", "facter: 2"), "spec.steps[2].retry.facter", "Did you mean 'factor'?"),
        (WHOLE.replace("on_error: alert", "on_error: [alert]"), "spec.steps[2].on_error", "Expected a text"),
        (WHOLE.replace("on_error: alert", "when_unknown: maybe"), "spec.steps[2].when_unknown", "Use ask or resend"),
        (WHOLE.replace("concurrency: 4", "concurrency: four"), "spec.settings.concurrency", "whole number"),
        (WHOLE.replace("keep_outputs: all", "keep_outputs: x"), "spec.settings.keep_outputs", "failed or none"),
        (WHOLE.replace("concurrency: 4", "subject: {key: a, live: x}"), "spec.settings.subject.live", "join"),
        (WHOLE.replace("settings: {", "vars: {a-b c: 1}\n  settings: {"), "spec.vars", "letter first"),
        (drawn("places: {read: {x: 1.5, y: 0}}"), "metadata.canvas.places.read.x", "Expected a whole number"),
        (drawn("places: {read: {x: 1000000, y: 0}}"), "metadata.canvas.places.read.x", "at most 100000"),
        (drawn("places: {a b: {x: 1, y: 0}}"), "metadata.canvas.places", "letter first"),
        (drawn("notes: {n: {x: 0, y: 0, color: pink}}"), "metadata.canvas.notes.n.color", "Use yellow"),
        (drawn(f"notes: {{n: {{x: 0, y: 0, text: {'a' * 4001}}}}}"), "metadata.canvas.notes.n.text", "4000 characters"),
        (drawn(f"notes: {{{MANY_NOTES}}}"), "metadata.canvas.notes", "at most 100"),
        (drawn("groups: {g: {steps: read}}"), "metadata.canvas.groups.g.steps", "Expected a list"),
        (drawn("groups: [g]"), "metadata.canvas.groups", "Expected a map"),
        ("- 1", "", "Expected a map"),
        ("", "", "Expected a map"),
        ("{kind: Recipe, metadata: {name: a}, spec: {trigger: {uses: manual.submitted}}}", "apiVersion", "missing"),
    ],
)  # fmt: skip
def test_says_where_a_document_has_the_wrong_shape(text, path, said):
    with pytest.raises(InvalidError) as caught:
        parse(text)
    assert [problem.path for problem in caught.value.errors] == [path]
    assert said in caught.value.errors[0].message


def test_names_one_mistake_in_every_part():
    text = WHOLE.replace("id: read", "id: 5").replace("attempts: 5", "attempts: x").replace("concurrency: 4", "conc: 4")
    with pytest.raises(InvalidError) as caught:
        parse(text)
    paths = [problem.path for problem in caught.value.errors]
    assert paths == ["spec.settings.conc", "spec.steps[0].id", "spec.steps[2].retry.attempts"]


def laughs() -> str:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        laughs(),
        "a: &a [*a]",
        "a: *b",
        "[" * 100_000,
        "{" * 100_000,
        "a: " * 100_000,
        "- " * 100_000,
        '{"a":' * 100_000,
        "x" * (MAX_BYTES + 1),
        "a: [" + "1," * 60_000 + "]",
        "a: !!python/object/apply:os.system [ls]",
        "a: !!python/name:os.system",
        "a: !!binary aGk=",
        "a: !!timestamp 2026-01-01",
        "a: !!set {b}",
        "a: !custom b",
        "a: 1\na: 2",
        "1: a",
        "? [a]\n: b",
        'a: "\\0"',
        "\x00",
        "a: \x07",
        b"\xff\xfe\x00",
        '{"a": "\ud800"}',
        "a: 99999999999999999999",
        "a: " + "9" * 5000,
        '{"a": 1e400}',
        "a: |\n" + "  x" * 100_000,
        "a: b\n---\nc: d",
        "%TAG ! tag:x,2000:\n--- !y z",
        "a: [1, 2",
        "\t- a",
    ],
)
def test_refuses_hostile_and_broken_text(text):
    with pytest.raises(InvalidError) as caught:
        parse(text)
    assert caught.value.errors
    assert len(caught.value.message) < 300


def test_lets_honest_aliases_be():
    text = HEAD + "  trigger: {uses: webhook.received}\n  vars: {a: &a {x: 1}, b: *a}\n  steps: []\n"
    assert parse(text).spec.vars == {"a": {"x": 1}, "b": {"x": 1}}
    assert "&" not in export(parse(text))


def test_reads_json():
    assert parse(msgspec.json.encode(to_plain(parse(WHOLE)))) == parse(WHOLE)


def test_reads_a_byte_order_mark():
    assert parse(("\ufeff" + WHOLE.strip()).encode()).metadata.name == "invoices-to-ledger"


def test_names_every_part_that_an_empty_document_lacks():
    with pytest.raises(InvalidError) as caught:
        parse("{}")
    assert [problem.path for problem in caught.value.errors] == ["apiVersion", "kind", "metadata", "spec"]
