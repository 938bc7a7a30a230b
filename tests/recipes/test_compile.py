from typing import Any

import pytest

from hub.errors import InvalidError
from hub.recipes import (
    DONE,
    FAILED,
    SKIPPED,
    Decision,
    OnError,
    TemplateError,
    Verdict,
    Work,
    compile_recipe,
    parse,
    state_of,
)
from tests.recipes.texts import WHOLE, recipe

BODY = {"total": "120", "rows": [{"n": 1}, {"n": 2}], "name": "Ann"}


def compiled(steps, **rest):
    return compile_recipe(parse(recipe(steps, **rest)))


def walk(made, body=BODY, failing=()):
    """Do what the engine does for one item, effects left out; returns what is known and how steps ended."""
    scope: dict[str, Any] = {"trigger": {"body": body}, "vars": made.variables}
    states: dict[str, str] = {}
    for step in made.steps:
        states[step.id], scope[step.id] = outcome(step, scope, states, failing)
    return scope, states


def outcome(step, scope, states, failing):
    if not step.reached(states) or not step.when.test(scope):
        return SKIPPED, None
    if step.id in failing:
        return FAILED, None
    decision = step.evaluate(scope) if step.work is Work.LOCAL else Decision("sent")
    return state_of(decision), decision.output


def stages(made):
    return [[step.id for step in stage.steps] for stage in made.stages]


def test_fuses_steps_in_process_with_the_effect_after_them():
    made = compiled("""
    - {id: a, uses: filter, with: {left: 1, is: equals, right: 1}}
    - {id: b, uses: set, with: {fields: {x: 1}}}
    - {id: c, uses: http.send, with: {url: 'https://a.example/'}}
    - {id: d, uses: http.request, with: {url: 'https://a.example/'}}
    - {id: e, uses: template, with: {text: a}}
    - {id: f, uses: extract, with: {schema: invoice, source: a}}
    - {id: g, uses: template, with: {text: a}}
    - {id: h, uses: wait, with: {duration: 1h}}
    - {id: i, uses: dedupe, with: {key: a}}
    - {id: j, uses: stop}
    """)
    assert stages(made) == [["a", "b", "c"], ["d"], ["e"], ["f"], ["g", "h"], ["i"], ["j"]]
    assert [stage.work for stage in made.stages] == [
        Work.TARGET, Work.LOOKUP, Work.LOCAL, Work.EXTRACT, Work.PAUSE, Work.STORE, Work.LOCAL,
    ]  # fmt: skip
    assert made.stage_of("h") == 4


def test_puts_each_step_after_all_that_lead_to_it():
    made = compiled("""
    - {id: late, uses: template, after: [early], with: {text: a}}
    - {id: early, uses: template, after: trigger, with: {text: a}}
    """)
    assert [step.id for step in made.steps] == ["early", "late"]


def test_takes_one_case_of_a_branch_and_skips_the_followers_of_the_others():
    made = compiled("""
    - id: kind
      uses: branch
      with:
        cases:
          big: {left: "{{ trigger.body.total }}", is: at_least, right: 100}
          huge: {left: "{{ trigger.body.total }}", is: at_least, right: 50}
        else: small
    - {id: big, uses: template, after: [{step: kind, case: big}], with: {text: "big"}}
    - {id: more, uses: template, after: [big], with: {text: "{{ big }} more"}}
    - {id: small, uses: template, after: [{step: kind, case: small}], with: {text: "small"}}
    - {id: less, uses: template, after: [small], with: {text: "less"}}
    - {id: both, uses: join, after: [more, less]}
    - {id: any, uses: template, after: [kind], with: {text: "{{ kind.case }}"}}
    """)
    scope, states = walk(made)
    small, _ = walk(made, {"total": 5})
    assert scope["both"] == {"more": "big more", "less": None}
    assert (states["small"], states["less"], scope["any"]) == (SKIPPED, SKIPPED, "big")
    assert small["both"] == {"more": None, "less": "less"}


def test_a_branch_without_a_matching_case_leads_only_to_steps_without_one():
    made = compiled("""
    - {id: kind, uses: branch, with: {cases: {a: {left: 1, is: equals, right: 2}}}}
    - {id: in, uses: template, after: [{step: kind, case: a}], with: {text: x}}
    - {id: on, uses: template, after: [kind], with: {text: x}}
    """)
    _, states = walk(made)
    assert (states["in"], states["on"]) == (SKIPPED, DONE)


def test_a_step_whose_condition_fails_is_skipped_with_its_followers():
    made = compiled("""
    - {id: a, uses: template, when: {left: "{{ trigger.body.name }}", is: equals, right: Bob}, with: {text: x}}
    - {id: b, uses: template, with: {text: x}}
    - {id: c, uses: template, after: [b, trigger], with: {text: x}}
    """)
    _, states = walk(made)
    assert states == {"a": SKIPPED, "b": SKIPPED, "c": SKIPPED}


def test_a_failure_leads_to_its_error_step_only():
    made = compiled("""
    - {id: a, uses: template, with: {text: x}, on_error: alert}
    - {id: b, uses: template, with: {text: x}}
    - {id: alert, uses: template, with: {text: x}}
    """)
    assert walk(made)[1] == {"a": DONE, "b": DONE, "alert": SKIPPED}
    assert walk(made, failing={"a"})[1] == {"a": FAILED, "b": SKIPPED, "alert": DONE}
    assert (made.by_id["a"].on_error, made.by_id["a"].error_step) == (OnError.STEP, "alert")


@pytest.mark.parametrize(
    ("body", "decision"),
    [
        ({"total": 100}, Decision(True)),
        ({"total": 99}, Decision(False, None, Verdict.FILTERED, "The filter's condition does not hold.")),
    ],
)
def test_a_filter_lets_pass_or_ends(body, decision):
    made = compiled("- {id: a, uses: filter, with: {left: '{{ trigger.body.total }}', is: at_least, right: 100}}")
    assert made.steps[0].evaluate({"trigger": {"body": body}}) == decision


def test_a_stop_ends_with_its_reason():
    made = compiled("- {id: a, uses: stop, with: {outcome: dead, reason: 'no {{ trigger.body.name }}'}}")
    assert made.steps[0].evaluate({"trigger": {"body": BODY}}) == Decision(None, None, Verdict.DEAD, "no Ann")


def test_set_starts_from_a_base_renames_removes_and_computes():
    made = compiled("""
    - id: a
      uses: set
      with:
        base: "{{ trigger.body }}"
        rename: {name: customer}
        remove: [rows]
        fields: {double: "{{ trigger.body.total | times: 2 }}", total: 1}
    """)
    assert walk(made)[0]["a"] == {"total": 1, "customer": "Ann", "double": 240}


def test_loops_over_a_list():
    made = compiled("""
    - {id: a, uses: set, each: "{{ trigger.body.rows }}", as: one, with: {fields: {n: "{{ one.n }}/{{ loop.number }}"}}}
    - {id: b, uses: filter, each: "{{ trigger.body.rows }}", with: {left: "{{ element.n }}", is: greater, right: 1}}
    - {id: c, uses: template, each: "{{ trigger.body.none }}", with: {text: x}}
    """)
    scope, _ = walk(made)
    assert (scope["a"], scope["b"], scope["c"]) == ([{"n": "1/1"}, {"n": "2/2"}], [{"n": 2}], [])


DIVIDE = "- {id: a, uses: template, each: [2, 0, 1], on_error: %s, with: {text: '{{ 4 | divided_by: element }}'}}"


def test_a_failed_element_leaves_null_when_the_step_goes_on():
    assert walk(compiled(DIVIDE % "continue"))[0]["a"] == ["2", None, "4"]


def test_a_failed_element_fails_the_step_otherwise():
    with pytest.raises(TemplateError, match="divide"):
        walk(compiled(DIVIDE % "dead_letter"))


@pytest.mark.parametrize("value", ["text", {"a": 1}, 7, [0] * 10_001])
def test_refuses_to_loop_over_what_is_no_list_or_too_long(value):
    made = compiled("- {id: a, uses: template, each: '{{ trigger.body }}', with: {text: x}}")
    with pytest.raises(TemplateError, match=r"spec\.steps\[0\]\.each"):
        made.steps[0].evaluate({"trigger": {"body": value}})


ROWS = """
- id: a
  uses: postgres.write_rows
  connection: db
  with: {table: t, columns: {n: "{{ row.n }}", who: "{{ trigger.body.name }}"}%s}
"""


def test_renders_columns_for_each_row():
    step = compiled(ROWS % ", rows: '{{ trigger.body.rows }}'").steps[0]
    assert step.written({"trigger": {"body": BODY}}) == [{"n": 1, "who": "Ann"}, {"n": 2, "who": "Ann"}]
    assert (step.settings.render({}), step.settings.constant) == ({"table": "t", "columns": {}}, True)
    assert step.reads == {"trigger"}


def test_renders_one_row_without_a_list():
    step = compiled(ROWS % "").steps[0]
    assert step.written({"trigger": {"body": BODY}}) == [{"n": None, "who": "Ann"}]


def test_takes_rows_that_are_a_single_map_or_nothing():
    step = compiled(ROWS % ", rows: '{{ trigger.body.rows }}'").steps[0]
    assert step.written({"trigger": {"body": {"rows": {"n": 5}}}}) == [{"n": 5, "who": None}]
    assert step.written({"trigger": {"body": {}}}) == []


def test_tells_what_a_step_reads():
    made = compiled("""
    - {id: a, uses: template, with: {text: x}}
    - id: b
      uses: http.send
      when: {left: "{{ trigger.body.total }}", is: is_set}
      each: "{{ vars.list }}"
      with: {url: 'https://a.example/', json: {a: "{{ a }}", e: "{{ element }}", i: "{{ item.id }}"}}
    """, rest="vars: {list: [1]}")  # fmt: skip
    assert made.by_id["b"].reads == {"a", "trigger", "vars", "item"}


def test_knows_retries_limits_and_settings():
    made = compile_recipe(parse(WHOLE))
    book = made.by_id["book"]
    assert [book.retrying.pause(tries) for tries in (1, 2, 3, 40)] == [2, 4, 8, 3600]
    assert (book.retrying.attempts, made.by_id["read"].retrying.attempts, made.concurrency) == (5, 3, 4)


def test_retries_as_the_recipe_says_unless_the_step_does():
    steps = """
    - {id: a, uses: template, with: {text: x}, timeout: 5m, when_unknown: resend}
    - {id: b, uses: template, with: {text: x}, retry: {attempts: 1}}
    """
    made = compiled(steps, rest="settings: {retry: {attempts: 9}}")
    assert [step.retrying.attempts for step in made.steps] == [9, 1]
    assert (made.steps[0].timeout, made.steps[0].resend, made.steps[1].timeout) == (300, True, None)


def test_knows_what_items_are_about():
    rest = "settings: {subject: {key: '{{ trigger.body.name }}', live: join}}"
    made = compiled("- {id: a, uses: respond, with: {body: 1}}", rest=rest)
    assert (made.subject.render({"trigger": {"body": BODY}}), made.live, made.responds) == ("Ann", "join", True)


@pytest.mark.parametrize(
    "steps",
    [
        "- {id: a, uses: nothing.there}",
        "- {id: a, uses: template, with: {text: '{{ x'}}",
        "- {id: a, uses: filter, with: {left: 1}}",
        "- {id: a, uses: set, with: {fields: 1}}",
        "- {id: a, uses: template, after: b, with: {text: x}}\n- {id: b, uses: template, with: {text: x}}",
    ],
)
def test_refuses_to_compile_what_cannot_run(steps):
    with pytest.raises(InvalidError) as caught:
        compiled(steps)
    assert caught.value.errors


@pytest.mark.parametrize(
    ("html", "made"),
    [
        ("{{ trigger.body.name }}", "&lt;b&gt; &amp; Ann"),
        ("<p title='{{ trigger.body.name | upcase }}'></p>", "<p title='&lt;B&gt; &amp; ANN'></p>"),
        (
            "{% for one in trigger.body.rows %}<li>{{ one }}</li>{% endfor %}",
            "<li>{&#34;n&#34;:&#34;&lt;b&gt;&#34;}</li>",
        ),
        ("<div>{{ trigger.body.page | safe }}</div>", "<div><b>bold</b></div>"),
        ("<b>no template</b>", "<b>no template</b>"),
    ],
)
def test_escapes_what_templates_put_into_a_page(html, made):
    steps = f'''
    - {{id: a, uses: email.send, with: {{to: a@b.example, subject: "{{{{ trigger.body.page }}}}", html: "{html}"}}}}
    '''
    body = {"name": "<b> & Ann", "rows": [{"n": "<b>"}], "page": "<b>bold</b>"}
    rendered = compiled(steps).steps[0].settings.render({"trigger": {"body": body}})
    assert (rendered["html"], rendered["subject"]) == (made, "<b>bold</b>")
