import pytest

from hub.errors import Problem
from hub.recipes import parse
from hub.recipes.validate import Known, validate
from tests.recipes.texts import WHOLE, recipe

SEND = "- {id: send, uses: http.send, with: {url: 'https://a.example/', json: 1}}"
POLL = "trigger: {uses: schedule.due, with: %s}"


def test_finds_nothing_wrong_with_a_whole_recipe():
    assert validate(parse(WHOLE), Known(connections={}, schemas={"invoice"}, recipes=set())) == []


@pytest.mark.parametrize(
    ("steps", "path", "said"),
    [
        ("- {id: a, uses: http.sent}", "spec.steps[0].uses", "Did you mean 'http.send'?"),
        ("- {id: a, uses: filtr, with: {}}", "spec.steps[0].uses", "Did you mean 'filter'?"),
        ("- {id: a, uses: webhook.received}", "spec.steps[0].uses", "is a trigger, not a step"),
        ("- {id: a, uses: review, with: {below: 0.9}}", "spec.steps[0].uses", "needs an extract step"),
        ("- {id: a, uses: approve}", "spec.steps[0].with.question", "missing"),
        ("- {id: a, uses: http.send, with: {url: 'https://a.example/', jsn: 1}}", "spec.steps[0].with.jsn", "'json'?"),
        ("- {id: a, uses: http.send, with: {json: 1}}", "spec.steps[0].with.url", "missing"),
        ("- {id: a, uses: http.send, with: {url: 'ftp://a.example'}}", "spec.steps[0].with.url", "http"),
        ("- {id: a, uses: http.send, with: {url: '{{ trigger.body.url }}'}}", "spec.steps[0].with.url", "fixed host"),
        (
            "- {id: a, uses: http.send, with: {url: 'https://a.example/', method: POKE}}",
            "spec.steps[0].with.method",
            "POST",
        ),
        (
            "- {id: a, uses: http.send, with: {url: 'https://a.example/', timeout: '{{ trigger.x }}'}}",
            "spec.steps[0].with.timeout",
            "literally",
        ),
        (
            "- {id: a, uses: http.send, with: {url: 'https://a.example/', json: {rows: [{n: '{{ reed.n }}'}]}}}",
            "spec.steps[0].with.json.rows[0].n",
            "nothing named 'reed'",
        ),
        ("- {id: a, uses: template, with: {text: '{{ trigger.body | mony }}'}}", "spec.steps[0].with.text", "'money'?"),
        ("- {id: a, uses: template, with: {text: '{{ trigger.body '}}", "spec.steps[0].with.text", "valid template"),
        ("- {id: a, uses: template, with: {text: '{{ vars.x }}'}}", "spec.steps[0].with.text", "no variable 'x'"),
        ("- {id: a, uses: template, with: {text: '{{ row.x }}'}}", "spec.steps[0].with.text", "columns"),
        ("- {id: a, uses: template, with: {text: '{{ error.kind }}'}}", "spec.steps[0].with.text", "on_error"),
        ("- {id: trigger, uses: template, with: {text: a}}", "spec.steps[0].id", "meaning"),
        ("- {id: a, uses: postgres.query, with: {sql: select 1}}", "spec.steps[0].connection", "needs a connection"),
        (
            "- {id: a, uses: template, connection: x, with: {text: a}}",
            "spec.steps[0].connection",
            "needs no connection",
        ),
        (
            "- {id: a, uses: http.send, connection: x, with: {url: 'https://a.example/'}}",
            "spec.steps[0].connection",
            "named 'x'",
        ),
        (
            "- {id: a, uses: http.send, connection: '{{ vars.c }}', with: {url: 'https://a.example/'}}",
            "spec.steps[0].connection",
            "literally",
        ),
        ("- {id: a, uses: template, timeout: 0s, with: {text: a}}", "spec.steps[0].timeout", "some time"),
        (
            "- {id: a, uses: http.send, connection: ledger, with: {url: 'https://a.example/'}}",
            "spec.steps[0].connection",
            "is for postgres",
        ),
        (
            "- {id: a, uses: extract, with: {schema: invoise, source: '{{ trigger.body }}'}}",
            "spec.steps[0].with.schema",
            "Did you mean 'invoice'?",
        ),
        ("- {id: a, uses: recipe, with: {recipe: orders}}", "spec.steps[0].with.recipe", "cannot call itself"),
        ("- {id: a, uses: recipe, with: {recipe: nobody}}", "spec.steps[0].with.recipe", "named 'nobody'"),
        ("- {id: a, uses: filter, with: {left: 1, is: at_lest, right: 2}}", "spec.steps[0].with.is", "'at_least'?"),
        ("- {id: a, uses: filter, with: {}}", "spec.steps[0].with", "left, is and right"),
        (
            "- {id: a, uses: filter, with: {any: [{left: '{{ trigger.a }}', is: matches, right: '(a'}]}}",
            "spec.steps[0].with.any[0].right",
            "regular expression",
        ),
        (
            "- {id: a, uses: branch, with: {case: {}, cases: {a: {left: 1, is: is_set}}}}",
            "spec.steps[0].with.case",
            "'cases'?",
        ),
        (
            "- {id: a, uses: branch, with: {cases: {big: {left: 1, is: less}}}}",
            "spec.steps[0].with.cases.big.right",
            "missing",
        ),
        ("- {id: a, uses: wait, with: {duration: soon}}", "spec.steps[0].with.duration", "such as"),
        ("- {id: a, uses: wait, with: {}}", "spec.steps[0].with", "duration or until"),
        ("- {id: a, uses: aggregate, with: {count: 0}}", "spec.steps[0].with.count", "1 to 10,000"),
        ("- {id: a, uses: respond, with: {status: 99}}", "spec.steps[0].with.status", "200 to 599"),
        ("- {id: a, uses: wait, each: '{{ trigger.body }}', with: {duration: 1s}}", "spec.steps[0].each", "loop"),
        ("- {id: a, uses: template, each: lines, with: {text: a}}", "spec.steps[0].each", "Expected a list"),
        ("- {id: a, uses: template, as: line, with: {text: a}}", "spec.steps[0].as", "no each"),
        ("- {id: a, uses: template, each: [1], as: row, with: {text: a}}", "spec.steps[0].as", "already"),
        ("- {id: a, uses: template, when: {left: 1}, with: {text: a}}", "spec.steps[0].when.is", "missing"),
        ("- {id: a, uses: template, after: b, with: {text: a}}", "spec.steps[0].after", "no step 'b'"),
        (
            "- {id: a, uses: template, after: [{step: b}], with: {text: a}}",
            "spec.steps[0].after[0].step",
            "no step 'b'",
        ),
        ("- {id: a, uses: template, after: a, with: {text: a}}", "spec.steps[0].after", "itself"),
        ("- {id: a, uses: template, on_error: retry, with: {text: a}}", "spec.steps[0].on_error", "no step 'retry'"),
        (
            "- {id: a, uses: template, after: b, with: {text: a}}\n- {id: b, uses: template, with: {text: a}}",
            "spec.steps[0].after",
            "circle: a -> b -> a",
        ),
        (
            "- {id: a, uses: template, with: {text: a}}\n- {id: a, uses: template, with: {text: a}}",
            "spec.steps[1].id",
            "another step 'a'",
        ),
        (
            "- {id: a, uses: template, with: {text: '{{ b }}'}}\n- {id: b, uses: template, with: {text: a}}",
            "spec.steps[0].with.text",
            "does not come before",
        ),
        (
            "- {id: a, uses: template, with: {text: a}}\n- {id: b, uses: stop, after: [{step: a, case: x}]}",
            "spec.steps[1].after[0].case",
            "no case 'x'",
        ),
    ],
)
def test_says_where_and_what(steps, path, said):
    known = Known(connections={"ledger": "postgres"}, schemas={"invoice"}, recipes={"orders"})
    problems = validate(parse(recipe(steps)), known)
    assert [problem.path for problem in problems] == [path]
    assert said in problems[0].message


@pytest.mark.parametrize(
    ("trigger", "path", "said"),
    [
        ("trigger: {uses: webhook.receved}", "spec.trigger.uses", "Did you mean 'webhook.received'?"),
        ("trigger: {uses: http.send}", "spec.trigger.uses", "is a step, not a trigger"),
        (POLL % "{cron: '61 * * * *'}", "spec.trigger.with.cron", "cron line"),
        (POLL % "{cron: '0 9 * * *', time_zone: Mars/Base}", "spec.trigger.with.time_zone", "time zone"),
        (POLL % "{every: 5 parsecs}", "spec.trigger.with.every", "interval"),
        (POLL % "{every: '{{ vars.often }}'}", "spec.trigger.with.every", "literally"),
        (POLL % "{evry: 5m}", "spec.trigger.with.evry", "'every'?"),
        (POLL % "{}", "spec.trigger.with", "interval or a cron line"),
    ],
)
def test_says_what_is_wrong_with_a_trigger(trigger, path, said):
    problems = validate(parse(recipe(SEND, trigger=trigger)))
    assert [problem.path for problem in problems] == [path]
    assert said in problems[0].message


@pytest.mark.parametrize(
    ("rest", "path", "said"),
    [
        ("settings: {time_zone: Europe/Pariss}", "spec.settings.time_zone", "no time zone"),
        ("settings: {subject: {key: '{{ triger.id }}'}}", "spec.settings.subject.key", "'trigger'?"),
        ("vars: {greeting: '{{ trigger.x }}'}", "spec.vars.greeting", "literally"),
    ],
)
def test_says_what_is_wrong_with_the_settings(rest, path, said):
    problems = validate(parse(recipe(SEND, rest=rest)))
    assert [problem.path for problem in problems] == [path]
    assert said in problems[0].message


@pytest.mark.parametrize("name", ["Validate", "apply", "rcp_01jz0000000000000000000000"])
def test_keeps_names_free_that_have_a_meaning_in_addresses(name):
    problems = validate(parse(recipe(SEND).replace("name: orders", f"name: {name}")))
    assert [problem.path for problem in problems] == ["metadata.name"]


def test_wants_a_step():
    assert validate(parse(recipe("[]"))) == [Problem("spec.steps", "A recipe needs at least one step.")]


def test_lets_only_webhooks_be_answered():
    problems = validate(parse(recipe("- {id: a, uses: respond}", trigger=POLL % "{every: 5m}")))
    assert problems == [Problem("spec.steps[0].uses", "Only a recipe with a webhook trigger can respond.")]


def test_knows_error_in_all_steps_after_a_failure():
    steps = """
    - {id: a, uses: template, with: {text: a}, on_error: b}
    - {id: b, uses: template, with: {text: '{{ error.message }}'}}
    - {id: c, uses: template, with: {text: '{{ error.message }} {{ b }}'}}
    """
    assert validate(parse(recipe(steps))) == []


def test_knows_the_names_inside_a_loop():
    steps = """
    - id: a
      uses: set
      each: '{{ trigger.rows }}'
      as: line
      with: {fields: {n: '{{ line.n }}{{ loop.number }}'}}
    """
    assert validate(parse(recipe(steps))) == []


def test_names_every_problem_at_once():
    steps = """
    - {id: a, uses: nothing}
    - {id: b, uses: http.send, with: {}}
    - {id: c, uses: filter, with: {left: '{{ x }}', is: equals, right: 1}}
    """
    paths = [problem.path for problem in validate(parse(recipe(steps)))]
    assert paths == ["spec.steps[0].uses", "spec.steps[1].with.url", "spec.steps[2].with.left"]


READ = "- {id: read, uses: extract, with: {schema: invoice, source: a}}"


@pytest.mark.parametrize(
    ("step", "path", "said"),
    [
        ("uses: review, with: {below: 90}", "with.below", "a share from 0 to 1"),
        ("uses: review, with: {fields: {total: 2}}", "with.fields", "fields.total: Use a share"),
        ("uses: review, with: {fields: {total: high}}", "with.fields", "a number"),
        ("uses: review, with: {people: 3}", "with.people", "Use 1 or 2"),
        ("uses: review, with: {due: tomorrow}", "with.due", "with units"),
        ("uses: review, with: {assignee: admin}", "with.assignee", "not an e-mail address"),
        ("uses: review, with: {assignee: eve@example.test}", "with.assignee", "Did you mean 'eva@example.test'?"),
        ("uses: review, with: {escalate_to: [admin]}", "with.escalate_to", "Say when it is due"),
        ("uses: review, with: {on_reject: explode}", "with.on_reject", "dead_letter"),
        ("uses: review, with: {source: raed}", "with.source", "Did you mean 'read'?"),
        ("uses: review, with: {source: ask}", "with.source", "no extract step"),
        ("uses: review, each: [1]", "each", "cannot stand in a loop"),
        ("uses: approve", "with.question", "missing"),
        ("uses: approve, with: {question: x, approvers: [boss]}", "with.approvers", "'boss' is not"),
        ("uses: approve, with: {question: x, approvers: ['{{ trigger.body.who }}']}", "with.approvers[0]", "literally"),
        ("uses: approve, with: {question: x, approvers: [viewer]}", "with.approvers", "admin, editor, owner"),
        ("uses: approve, with: {question: x, quorum: 0}", "with.quorum", "Use 1 to 50"),
        ("uses: approve, with: {question: x, quorum: 2, approvers: [eva@example.test]}", "", "Fewer people"),
        ("uses: approve, with: {question: x, escalate_to: [owner]}", "with.escalate_to", "after how long"),
        ("uses: approve, with: {question: '{{ nothing.here }}'}", "with.question", "nothing named 'nothing'"),
    ],
)
def test_says_what_is_wrong_with_asking_people(step, path, said):
    document = parse(recipe(f"{READ}\n- {{id: ask, {step}}}"))
    known = Known(schemas={"invoice"}, members={"eva@example.test"})
    found = [one for one in validate(document, known) if one.path.startswith("spec.steps[1]")]
    assert any(one.path.endswith(path) and said in one.message for one in found), found


@pytest.mark.parametrize(
    "step",
    [
        "uses: review, with: {fields: {total: 1, lines: 0}, due: 1d, escalate_to: [admin, EVA@example.test]}",
        "uses: review, with: {people: 2, expires_in: 7d, on_expiry: accept, on_reject: stop, source: read}",
        "uses: approve, with: {question: 'Pay {{ read.total }}?', quorum: 2, approvers: [owner], details: {a: 1}}",
        "uses: approve, with: {question: x, escalate_after: 1d, escalate_to: [owner], expires_in: 2d}",
    ],
)
def test_takes_steps_that_ask_people(step):
    document = parse(recipe(f"{READ}\n- {{id: ask, {step}}}"))
    assert validate(document, Known(schemas={"invoice"}, members={"eva@example.test"})) == []
