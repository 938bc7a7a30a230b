"""Text from elsewhere, before it is kept."""

import pytest

from connectors.sdk.texts import character_set, storable, storable_json


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("text/html; charset=ISO-8859-2", "iso8859-2"),
        ('text/html; charset="windows-1252"; boundary=x', "cp1252"),
        ("text/html; charset=Shift_JIS", "shift_jis"),
        ("text/html; charset=utf-16le", "utf-16-le"),
        ("text/html", ""),
        ("text/html; charset=nonsense", ""),
        ("text/html; charset=", ""),
        ("text/html; charset=a\0b", ""),
        # These unpack what may be a bomb.
        ("text/html; charset=zlib", ""),
        ("text/html; charset=bz2", ""),
        # A megabyte of this takes minutes.
        ("text/html; charset=punycode", ""),
        ("text/html; charset=unicode_escape", ""),
    ],
)
def test_takes_a_server_s_word_for_a_character_set_and_for_no_other_codec(kind, name):
    assert character_set(kind) == name


def test_leaves_out_what_no_database_takes():
    assert storable("a\0b\ud800") == "ab?"


@pytest.mark.parametrize(
    ("encoded", "kept"),
    [
        (rb'{"a": "x\u0000y\u0000\u0000"}', rb'{"a": "xy"}'),
        (rb'{"a": "\\u0000 \\\u0000"}', rb'{"a": "\\u0000 \\"}'),
        (rb'{"a": "\\u00\u000000"}', rb'{"a": "\\u0000"}'),
    ],
)
def test_takes_escaped_nul_characters_out_of_json(encoded, kept):
    assert storable_json(encoded) == kept


def test_makes_no_json_of_what_is_none():
    nested = b'"' + rb"\u0" * 200_000 + rb"\u0000" + b"000" * 200_000 + b'"'
    assert storable_json(nested) == nested
