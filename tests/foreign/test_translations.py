"""What exports become: triggers, steps, conditions, values and the shape of the flow."""

import pytest

from hub.foreign.secrets import PUT_FOR, clean_text
from tests.foreign.reading import node, problems, steps, told, translated, workflow


@pytest.fixture(scope="module")
def orders():
    return translated("n8n-orders.json")[0]


@pytest.fixture(scope="module")
def older():
    return translated("n8n-older.json")[0]


@pytest.fixture(scope="module")
def zaps():
    return translated("zapfile.json")


@pytest.fixture(scope="module")
def tabs():
    return translated("node-red.json")


def test_n8n_keeps_trigger_time_zone_and_values(orders):
    spec = orders.document["spec"]
    assert (spec["trigger"]["uses"], spec["settings"]) == ("webhook.received", {"time_zone": "Europe/Paris"})
    fields = steps(orders)["normalise"]["with"]["fields"]
    assert fields["number"] == "{{ trigger.body.number | strip | upcase }}"
    assert fields["customer"] == {"name": '{{ trigger.body.customer.name | default: "unknown" }}'}
    assert fields["greeting"] == ("Dear {{ trigger.body.customer.name }}, {{ trigger.body.lines | size }} lines")


def test_n8n_keeps_branches_and_their_cases(orders):
    found = steps(orders)
    assert found["big"]["with"]["cases"]["yes"] == {
        "any": [
            {"left": "{{ normalise.total }}", "is": "at_least", "right": 1000},
            {"left": "{{ ask_the_customer_file.body.vip }}", "is": "equals", "right": True},
        ]
    }
    assert found["tell_sales"]["after"] == [{"step": "big", "case": "yes"}]
    assert found["kind"]["after"] == [{"step": "big", "case": "no"}]
    assert list(found["kind"]["with"]["cases"]) == ["A orders", "B orders"]
    assert found["give_up"]["after"] == [{"step": "kind", "case": "otherwise"}]
    assert found["give_up"]["with"]["outcome"] == "dead"


def test_n8n_goes_through_lists_by_each_and_takes_them_together(orders):
    found = steps(orders)
    assert found["only_dear_ones"]["each"] == "{{ lines.items }}"
    assert found["only_dear_ones"]["with"]["left"] == "{{ element.price }}"
    assert found["line"]["each"] == "{{ only_dear_ones }}"
    assert "each" not in found["all_lines"]
    assert found["all_lines"]["with"]["fields"] == {"lines": "{{ line }}"}


def test_n8n_writes_rows_and_answers_the_caller(orders):
    found = steps(orders)
    assert (found["book"]["uses"], found["book"]["connection"]) == ("postgres.write_rows", "Ledger")
    assert found["book"]["with"]["columns"]["lines"] == "{{ all_lines.lines }}"
    assert found["answer"]["with"]["body"]["lines"] == "{{ all_lines.lines }}"
    assert found["answer"]["with"]["status"] == 201


def test_what_does_not_translate_stands_disabled_in_its_place_and_is_told(orders):
    code = steps(orders)["compute"]
    assert (code["uses"], code["disabled"], code["after"]) == ("n8n.code", True, [{"step": "kind", "case": "B orders"}])
    assert told(orders, "not_translated") == ["Compute", "Unused"]
    finding = next(one for one in orders.findings if one.step == "compute")
    assert (finding.path, finding.did) == ("nodes[9]", "Ran a program.")
    assert "" not in {finding.why, finding.instead}
    assert problems(orders)["spec.steps[6].uses"] == (
        "This step of n8n has no counterpart. Put steps that do its work in its place, or delete it."
    )


def test_an_expression_beyond_liquid_is_a_problem_of_its_setting(orders):
    assert "could not be translated" in problems(orders)["spec.steps[0].with.fields.odd"]
    finding = next(one for one in orders.findings if one.kind == "expression")
    assert (finding.step, "reduce" in finding.did) == ("normalise", True)


def test_counts_what_came_along(orders, older):
    assert (orders.tally.parts, orders.tally.whole, orders.tally.partly, orders.tally.lost) == (17, 13, 2, 2)
    assert (older.tally.parts, older.tally.lost) == (8, 0)


def test_older_n8n_reads_alike(older):
    found = steps(older)
    assert older.document["spec"]["trigger"]["with"] == {"cron": "30 7 * * MON"}
    assert found["is_it_up"]["with"]["cases"]["yes"]["any"][1]["right"] == 90
    assert found["route"]["with"]["cases"]["down"]["is"] == "contains"
    assert found["merge"]["after"] == ["say_so", {"step": "route", "case": "slow"}]
    assert found["mail"]["with"]["subject"] == 'It is {{ "now" | date: "%Y-%m-%dT%H:%M:%SZ" }}'


def test_a_circle_is_cut_and_told(older):
    assert any("Went back to" in one.did for one in older.findings)
    assert problems(older) == {}


@pytest.mark.parametrize(
    ("expression", "liquid"),
    [
        ("={{ $json.a.b[0]['c d'] }}", '{{ trigger.a.b[0]["c d"] }}'),
        ("={{ $('Start').first().json.a }}", "{{ trigger.a }}"),
        ('={{ $node["Start"].json["a"] }}', "{{ trigger.a }}"),
        ("={{ $input.item.json.a.toLowerCase() }}", "{{ trigger.a | downcase }}"),
        ("={{ $json.a.split(',').first() }}", '{{ trigger.a | split: "," | first }}'),
        ("={{ $json.a.slice(2, 5) }}", "{{ trigger.a | slice: 2, 3 }}"),
        ("={{ Math.round($json.a) }}", "{{ trigger.a | round }}"),
        ("={{ 'Hi ' + $json.a + '!' }}", "Hi {{ trigger.a }}!"),
        ("={{ $json.a * 2 }}", "{{ trigger.a | times: 2 }}"),
        ("={{ $now.toFormat('yyyy-MM-dd') }}", '{{ "now" | date: "%Y-%m-%d" }}'),
        ("={{ JSON.stringify($json.a) }}", "{{ trigger.a | json }}"),
        ("={{ $workflow.name }}", "{{ recipe.title }}"),
        ("plain {{ braces }}", "{% raw %}plain {{ braces }}{% endraw %}"),
        ("={{ $json.a ? 1 : 2 }}", "{{ not_translated }}"),
        ("={{ $env.TOKEN }}", "{{ not_translated }}"),
        ("={{ $json.a.map(x => x) }}", "{{ not_translated }}"),
        ("={{ $json.a + $json.b }}", "{{ not_translated }}"),
        ("={{ $('Later').item.json.a }}", "{{ not_translated }}"),
    ],
)
def test_expressions_of_n8n_become_liquid_or_are_told(expression, liquid):
    fields = {"assignments": [{"name": "out", "value": expression}]}
    flow = workflow(node("Start", "manualTrigger"), node("Set", "set", assignments=fields), Start=[["Set"]])
    (recipe,) = translated(flow)
    assert steps(recipe)["set"]["with"]["fields"]["out"] == liquid
    assert bool(told(recipe, "expression")) == ("not_translated" in liquid)


def test_each_trigger_of_its_own_makes_a_recipe():
    flow = workflow(
        node("Hook", "webhook"), node("Timer", "scheduleTrigger"), node("A", "noOp"), node("B", "stopAndError"),
        Hook=[["A"]], Timer=[["B"]],
    )  # fmt: skip
    assert [recipe.document["spec"]["trigger"]["uses"] for recipe in translated(flow)] == [
        "webhook.received", "schedule.due",
    ]  # fmt: skip


def test_zapier_gives_a_recipe_for_each_zap(zaps):
    assert [recipe.title for recipe in zaps] == ["Lead to CRM", "Every Monday"]
    assert zaps[1].document["spec"]["trigger"]["with"] == {"cron": "30 8 * * MON"}


def test_zapier_filters_are_conditions_by_group(zaps):
    condition = steps(zaps[0])["only_good_ones"]["with"]
    assert condition["any"][0]["all"][1] == {"left": "{{ trigger.body.score }}", "is": "greater", "right": 45}
    assert condition["any"][0]["all"][0]["left"] == "{{ trigger.body.email | downcase }}"
    assert condition["any"][1] == {"left": "{{ trigger.body.vip }}", "is": "is_set"}


def test_zapier_references_lead_to_steps_and_nested_fields(zaps):
    found = steps(zaps[0])
    assert found["send_lead"]["with"]["json"] == {
        "mail": "{{ trigger.body.email }}", "city": "{{ trigger.body.address.city }}",
    }  # fmt: skip
    assert found["tell"]["with"]["json"]["text"] == "Lead {{ send_lead.body.id }} of {{ not_translated }}"
    assert found["wait"]["with"] == {"duration": "2h"}


def test_zapier_paths_become_cases(zaps):
    found = steps(zaps[1])
    assert list(found["split"]["with"]["cases"]) == ["Mondays", "Other days"]
    assert found["mail"]["after"] == [{"step": "split", "case": "Mondays"}]
    assert found["row_step"]["after"] == [{"step": "split", "case": "Other days"}]


def test_node_red_gives_a_recipe_for_each_beginning_and_follows_properties(tabs):
    assert [recipe.title for recipe in tabs] == ["Orders over HTTP", "Timer"]
    found = steps(tabs[0])
    assert found["how_much"]["with"]["cases"]["case 2"]["right"] == [10, 99]
    assert found["shape"]["with"]["fields"]["payload"] == "{{ trigger.body.order }}"
    assert found["book"]["with"]["json"] == "{{ shape.payload }}"
    assert found["page"]["with"]["text"] == "Booked {{ book.body.number }} for {{ shape.topic }}"
    assert found["http_response"]["with"] == {"body": "{{ page }}", "status": 201}


def test_node_red_follows_link_nodes_and_keeps_the_else(tabs):
    found = steps(tabs[0])
    assert "after" not in found["delay"]
    assert (found["delay"]["with"], list(found).index("delay")) == ({"duration": "5m"}, list(found).index("rework") + 1)
    assert found["mqtt_out"]["after"] == [{"step": "how_much", "case": "otherwise"}]


def test_node_red_splits_and_joins_lists(tabs):
    found = steps(tabs[1])
    assert found["name"]["each"] == "{{ each.items }}"
    assert found["join"]["with"]["fields"] == {"payload": "{{ name }}"}
    assert tabs[1].document["spec"]["trigger"]["with"] == {"cron": "*/5 8-18 * * 1-5"}


@pytest.mark.parametrize("name", ["n8n-orders.json", "n8n-older.json", "zapfile.json", "node-red.json"])
def test_no_credential_comes_along_and_each_is_told(name):
    recipes = translated(name)
    written = repr([(recipe.document, recipe.findings) for recipe in recipes])
    secrets = ("sk_live_51", "abcdef123456", "abcdefghijklmnop123", "secret-secret", "abcdefgh12345678", "xyzxyzxyz")
    assert [secret for secret in secrets if secret in written] == []
    assert bool([one for recipe in recipes for one in told(recipe, "secret")]) == (name != "n8n-older.json")


@pytest.mark.parametrize(
    "text",
    [
        '{"username": "x", "password": "hunter2"}', "={{ {'apiKey': 'hunter2'} }}", "const userPassword = 'hunter2';",
        "password=hunter2&user=x", "https://api.example.com/x?apikey=hunter2", "Authorization: Bearer hunter2",
        "Accept: text/plain\nX-Api-Key: hunter2", 'curl -u bob:hunter2 "https://api.example.com"',
        r'return {\"client_secret\": \"hunter2\"}', "Server=db;Password=hunter2;", "smtp://bob:hunter2@mail.example.com",
    ],
)  # fmt: skip
def test_credentials_in_the_middle_of_texts_stay_behind(text: str) -> None:
    cleaned = clean_text(text)
    assert "hunter2" not in cleaned
    assert cleaned.count(PUT_FOR) == 1


@pytest.mark.parametrize(
    "text",
    [
        '{"password": "{{ vars.given }}"}', "token: {{ $json.token }}", '{"type": "password", "name": "x"}',
        "Say the password to whoever asks: nobody.", "https://api.example.com/orders?state=open",
        '["password", "email"]',
    ],
)  # fmt: skip
def test_words_about_credentials_stay(text: str) -> None:
    assert clean_text(text) == text
