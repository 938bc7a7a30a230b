import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from liquid.exceptions import LiquidError

from hub.recipes import TemplateError, compile_value, references
from hub.recipes.liquid import ENVIRONMENT, evaluate

SCOPE = {
    "trigger": {
        "body": {"total": 12.5, "name": "Ann", "rows": [{"n": 1}, {"n": 2}], "none": None, "yes": True},
        "for": {"limit": 4, "as": 1},
        "amount": "1.234,56 €",
        "html": "<p>Hi <b>you</b><script>alert('<p>')</script> 1 < 2</p>",
    },
    "vars": {"limit": 10},
    "read-it": {"x": 1},
}


def render(value):
    return compile_value(value).render(SCOPE)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ trigger.body.total }}", 12.5),
        ("  {{ trigger.body.total }}  ", 12.5),
        ("{{- trigger.body.total -}}", 12.5),
        ("{{ trigger.body.yes }}", True),
        ("{{ trigger.body.rows }}", [{"n": 1}, {"n": 2}]),
        ("{{ trigger.body.rows[1].n }}", 2),
        ("{{ trigger.body.rows[9].n }}", None),
        ("{{ trigger.body.rows.first.n }}", 1),
        ("{{ trigger.body.rows.last.n }}", 2),
        ("{{ trigger.body.rows.size }}", 2),
        ("{{ trigger['body'].name }}", "Ann"),
        ("{{ read-it.x }}", 1),
        ("{{ nothing.at.all }}", None),
        ("{{ trigger.body.name.size }}", 3),
        ("{{ trigger.body.total | plus: 1 }}", 13.5),
        ("{{ trigger.body.rows | map: 'n' }}", [1, 2]),
        ("{{ trigger.body.none | default: 3 }}", 3),
        ("{{ nothing | default: 'x' }}", "x"),
        ("{{ nothing | json }}", "null"),
        ("{{ 'a' if trigger.body.yes else 'b' }}", "a"),
        ("{{ true }}", True),
        ("{{ null }}", None),
        ("{{ 5 }}", 5),
        ("Hi {{ trigger.body.name }}!", "Hi Ann!"),
        ("{{ trigger.body.name }}{{ trigger.body.total }}", "Ann12.5"),
        ("Hi {{ nothing }}.", "Hi ."),
        ("{{ trigger.body.yes }}!", "true!"),
        ("rows: {{ trigger.body.rows }}", 'rows: [{"n":1},{"n":2}]'),
        ("{% for row in trigger.body.rows %}{{ row.n }},{% endfor %}", "1,2,"),
        ("{% assign x = trigger.body.total %}{{ x }}", "12.5"),
        ("no template", "no template"),
        ("{{ trigger.for.limit }}", 4),
        ("x{{ trigger.for.limit }}", "x4"),
        ("{{ trigger.for.limit | plus: trigger.for.as }}", 5),
        ("{% if trigger.for.limit == 4 %}'.limit'{% endif %}", "'.limit'"),
        ("x{{ '.limit' }}", "x.limit"),
    ],
)
def test_renders(template, value):
    assert render(template) == value
    assert type(render(template)) is type(value)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ trigger.amount | number }}", 1234.56),
        ("{{ '1,234' | number }}", 1234),
        ("{{ '1.234' | number }}", 1.234),
        ("{{ '1.234' | number: ',' }}", 1234),
        ("{{ '1.234.567' | number }}", 1234567),
        ("{{ '1 234,5' | number }}", 1234.5),
        ("{{ '(12.00)' | number }}", -12.0),
        ("{{ '-3' | number }}", -3),
        ("{{ 'none' | number }}", None),
        ("{{ 7 | number }}", 7),
        ("{{ 1234.5 | money: 'EUR' }}", "€1,234.50"),
        ("{{ 1234.5 | money: 'EUR', 'de' }}", "1.234,50\xa0€"),
        ("{{ 1234.5 | money }}", "1,234.50"),
        ("{{ nothing | money: 'EUR' }}", ""),
        ("{{ '2026-03-05' | date: '%d.%m.%Y' }}", "05.03.2026"),
        ("{{ '2026-03-05T23:30:00Z' | date: '%d %H:%M', 'Europe/Paris' }}", "06 00:30"),
        ("{{ 'Thu, 05 Mar 2026 10:00:00 +0000' | date }}", "2026-03-05"),
        ("{{ 'March 5, 2026' | date }}", "2026-03-05"),
        ("{{ 0 | date }}", "1970-01-01"),
        ("{{ nothing | date }}", ""),
        ("{{ 'x' | hash }}", "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"),
        ("{{ trigger.body.rows | json }}", '[{"n":1},{"n":2}]'),
        ("{{ trigger.html | strip_html }}", "Hi you 1 < 2"),
        ("{{ 'İİ<B>fett</b> und <SCRIPT>x</script>Ende' | strip_html }}", "İİfett und Ende"),
        ("{{ 'a-b' | replace: '-', '+' }}", "a+b"),
        ("{{ trigger.body.rows | map: 'n' | join: '; ' }}", "1; 2"),
        ("{{ 'b,a,b' | split: ',' | uniq | join }}", "b a"),
        ("{{ 3 | times: 4 }}", 12),
        ("{{ 'Ann' | upcase | append: '!' }}", "ANN!"),
    ],
)
def test_filters(template, value):
    assert render(template) == value


def test_renders_what_is_inside_maps_and_lists():
    assert render({"a": ["{{ vars.limit }}", 1], "b": {"c": "x{{ vars.limit }}"}}) == {"a": [10, 1], "b": {"c": "x10"}}


def test_keeps_the_order_of_names():
    assert list(render({"z": "{{ vars.limit }}", "a": 1})) == ["z", "a"]


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ a", "not a valid template"),
        ("{{ a b }}", "not a valid template"),
        ("{% if a %}", "not a valid template"),
        ("{% include 'x' %}", "unexpected tag 'include'"),
        ("{% render 'x' %}", "unexpected tag 'render'"),
        ("{{ a | mony: 'EUR' }}", "Did you mean 'money'?"),
        ("{{ (1..1000000000) | join }}", "only be looped over"),
        ("{% assign r = (1..1000000000) %}{{ r | join }}", "only be looped over"),
        ("{{ a | default: (1..9) }}", "only be looped over"),
        ("{{ a }}" + "x" * 60_000, "longer than"),
        ("{% if a %}" * 100 + "{% endif %}" * 100, "not a valid template"),
    ],
)
def test_refuses_when_compiled(template, said):
    with pytest.raises(TemplateError, match=said.replace("?", r"\?")):
        compile_value(template)


@pytest.mark.parametrize(
    "template",
    [
        "{% for i in (1..100000000) %}x{% endfor %}",
        "{% for i in (1..9000) %}{% for j in (1..9000) %}x{% endfor %}{% endfor %}",
        "{% for i in (1..9000) %}{{ big }}{% endfor %}",
        "{{ big | replace: 'x', big }}",
        "{% for i in (1..9000) %}{{ rows | map: 'n' | sort | join | size }}{% endfor %}",
        "{% assign a = 'xxxxxxxx' %}" + "{% assign a = a | append: a %}" * 40 + "{{ a }}",
        "{% assign a = 9 %}" + "{% assign a = a | times: a %}" * 40 + "{{ a }}",
        "{{ 1 | divided_by: 0 }}",
        "{{ '2026-01-01' | date: '%Y', 'Mars/Base' }}",
        "{{ 1 | money: 'EUR', 'klingon' }}",
        "{{ big }}{{ big }}{{ big }}",
    ],
)
def test_gives_up_on_what_costs_too_much(template):
    scope = {"big": "x" * 1_000_000, "rows": [{"n": n} for n in range(2000)]}
    with pytest.raises(TemplateError):
        compile_value(template).render(scope)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("{{ read.total }}", {"read"}),
        ("{{ read.total }} {{ trigger.body }}", {"read", "trigger"}),
        ("{% for line in read.lines %}{{ line.q }}{{ vars.x }}{% endfor %}", {"read", "vars"}),
        ("{% assign a = b.c %}{{ a }}", {"b"}),
        ("{{ a[b.c] | plus: d }}", {"a", "b", "d"}),
        ({"x": ["{{ a.b }}", {"y": "{{ c }}"}]}, {"a", "c"}),
        ("{{ true }}", set()),
        ("plain", set()),
        (7, set()),
    ],
)
def test_knows_what_a_value_reads(value, names):
    assert references(value) == names


def outcome(render):
    """Return what is rendered, or that it is refused."""
    try:
        return render()
    except (TemplateError, LiquidError):
        return TemplateError


def by_liquid(text, scope):
    return evaluate(ENVIRONMENT.from_string(text), scope, None, text)


@settings(max_examples=200)
@given(
    st.text("ab.{}[]0 \r", max_size=12).map(lambda text: f"<{{{{ a }}}}{text}>"),
    st.dictionaries(st.sampled_from("ab"), st.integers() | st.text(max_size=3)),
)
def test_plain_paths_and_texts_agree_with_liquid(text, scope):
    assert outcome(lambda: compile_value(text).render(scope)) == outcome(lambda: by_liquid(text, scope))
