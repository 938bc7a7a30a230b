"""Replies as Block Kit: within every limit, and foreign words are only words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bots.replies import Button, Reply, Table
from bots.slack.rendering import fallback, render, settled
from bots.slack.words import spoken
from bots.telegram.rendering import pressable
from tests.bots.dialog import BASE
from tests.peers.slack_checks import limits
from tests.peers.slack_people import labels, words

HOSTILE = "<!channel> <@U1|ann> <https://evil.test|bank> &amp; *bold* `code` @here #general :bomb: https://evil.test"


def wrong(reply: Reply) -> list[str]:
    """What Slack would refuse of a reply."""
    blocks = render(reply, BASE, [f"id{place}" for place, _ in enumerate(reply.buttons)])
    return limits({"channel": "C1", "text": fallback(reply.text), "blocks": blocks})


def test_foreign_words_are_only_words():
    blocks = render(Reply(text=HOSTILE, table=Table(("a", "b"), [(HOSTILE, HOSTILE)])), BASE)
    elements = [element for block in blocks for part in block["elements"] for element in part["elements"]]
    assert {element["type"] for element in elements} == {"text"}
    assert words(blocks).count(HOSTILE) == 3
    assert fallback(HOSTILE) == (
        "&lt;!channel&gt; &lt;@U1|ann&gt; &lt;https://evil.test|bank&gt; &amp;amp; *bold* `code` @here #general :bomb: "
        "https://evil.test"
    )


def test_only_the_hubs_own_addresses_are_links():
    blocks = render(Reply(text=f"{BASE}/runs/1\n{BASE}.evil.test/x\n{BASE}/a b\n{BASE}"), BASE)
    links = [one["url"] for one in blocks[0]["elements"][0]["elements"] if one["type"] == "link"]
    assert links == [f"{BASE}/runs/1", BASE]


def test_a_long_answer_is_cut_with_a_link_to_the_rest():
    rows = [(f"field {number}", "x" * 200) for number in range(500)]
    reply = Reply(text=f"Found.\n{BASE}/extractions/ext_1", table=Table(("Field", "Value"), rows))
    blocks = render(reply, BASE)
    assert words(blocks).endswith(f"The rest is in Patchdeck: {BASE}/extractions/ext_1")
    assert len(words(blocks)) < 9000
    assert wrong(reply) == []


def test_what_turns_words_around_or_is_not_seen_is_left_out():
    assert words(render(Reply(text="a\u202eb\u0000c\nd"), BASE)) == "abc\nd"


@pytest.mark.parametrize(
    ("number", "once", "kind"), [(2, False, "button"), (6, False, "static_select"), (7, True, "button")]
)
def test_few_choices_are_buttons_and_many_a_menu(number, once, kind):
    reply = Reply(text="x", buttons=[Button(f"B{place}", "help", once) for place in range(number)])
    blocks = render(reply, BASE, [f"id{place}" for place in range(number)])
    assert blocks[-1]["elements"][0]["type"] == kind
    assert labels(blocks) == [one.label for one in reply.buttons]


def test_of_too_many_choices_the_way_back_stays():
    buttons = [*(Button(f"B{place}", "help") for place in range(140)), Button("Back", "back", apart=True)]
    blocks = render(Reply(text="x", buttons=buttons), BASE, [f"id{place}" for place in range(141)])
    assert (len(labels(blocks)), labels(blocks)[-1], wrong(Reply(text="x", buttons=buttons))) == (101, "Back", [])
    assert [len(pressable(buttons)), pressable(buttons)[-1].label] == [100, "Back"]


def test_a_question_that_was_decided_keeps_its_words_and_loses_its_buttons():
    blocks = render(Reply(text="Pay it?", buttons=[Button("Yes", "approve x", once=True)]), BASE, ["id"])
    after = settled(blocks, "Invoice <17>: approved by ann@example.test")
    assert words(after) == "Pay it?\nInvoice <17>: approved by ann@example.test"
    assert labels(after) == []


@settings(max_examples=150)
@given(
    text=st.text(max_size=4000), cells=st.lists(st.tuples(st.text(max_size=90), st.text(max_size=4000)), max_size=12),
    label=st.text(max_size=200), number=st.integers(0, 140),
)  # fmt: skip
def test_no_reply_is_beyond_what_slack_takes(text, cells, label, number):
    buttons = [Button(label, "help") for _ in range(number)]
    assert wrong(Reply(text=text, table=Table(("a", "b"), cells) if cells else None, buttons=buttons)) == []


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("<@U0BOT> run orders", "run orders"),
        ("run orders <@U0BOT>", "run orders"),
        ("ask <@U5|ann> in <#C1|general>", "ask @ann in #general"),
        ("<!channel> look", "@channel look"),
        ("extract <https://x.test/a?b=1&amp;c=2|x.test/a>", "extract https://x.test/a?b=1&c=2"),
        ("to <mailto:a@b.org|a@b.org>", "to a@b.org"),
        ("a &lt;b&gt; &amp;lt;", "a <b> &lt;"),
    ],
)
def test_what_slack_marks_up_is_read_as_it_was_meant(sent, meant):
    assert spoken(sent, frozenset({"U0BOT"})) == meant
