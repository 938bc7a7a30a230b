"""What differs between two versions of a schema, said attribute by attribute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from hub.documents import Difference, DifferenceKind
from hub.text import MESSAGES, say
from ui.pieces import div, words
from ui.values import brief


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One difference: where, what happened there, and the values before and after."""

    place: str
    sentence: str
    before: str = ""
    after: str = ""


def in_words(one: Difference) -> Said:
    """Say a difference in words."""
    place, attribute = _parted(one.path)
    if not attribute:
        return _whole(one, place)
    if attribute.startswith(("sums", "orders")):
        return Said(
            place=say("schema.rules"), sentence=say("schema.differs_rule"), before=_rule(one.before),
            after=_rule(one.after),
        )  # fmt: skip
    name = attribute.partition("[")[0]
    key = f"schema.{'about_' if not place else ''}{name}"
    title = say(key) if key in MESSAGES else name
    before, after = _value(name, one.before), _value(name, one.after)
    return Said(
        place=place or say("schema.about"), sentence=say("schema.differs", attribute=title), before=before, after=after
    )


def differences_in_words(differences: Sequence[Difference]) -> None:
    """Draw what differs; nothing is a sentence, too."""
    with div("pd-stack").mark("differences").props("data-testid=differences"):
        if not differences:
            words(say("schema.same"), "pd-muted")
        for one in differences:
            said = in_words(one)
            with div("pd-stack").style("gap: 2px"):
                with div("pd-line pd-tight"):
                    words(said.place, "pd-strong", "span")
                    words(said.sentence, "pd-soft", "span")
                with div("pd-line pd-tight"):
                    if said.before:
                        words(said.before, "pd-old", "span")
                    if said.before and said.after:
                        words("→", "pd-muted", "span").props("aria-hidden=true")
                    if said.after:
                        words(said.after, "pd-new", "span")


def _parted(path: str) -> tuple[str, str]:
    """Part `spec.fields.lines.fields.amount.type` into `lines › amount` and `type`."""
    parts = path.split(".")
    if parts[0] != "spec" or len(parts) < 3 or parts[1] != "fields":
        return "", ".".join(parts[1:])
    names, rest = [], parts[1:]
    while len(rest) > 1 and rest[0] == "fields":
        names.append(rest[1])
        rest = rest[2:]
    return " › ".join(names), ".".join(rest)


def _whole(one: Difference, place: str) -> Said:
    """Say that a field came or went."""
    if one.kind is DifferenceKind.ADDED:
        return Said(place=place, sentence=say("schema.differs_added"), after=_field(one.after))
    return Said(place=place, sentence=say("schema.differs_removed"), before=_field(one.before))


def _field(value: Any) -> str:
    if not isinstance(value, Mapping):
        return brief(value)
    kind = say(f"schemas.type_{value.get('type', 'string')}")
    return f"{kind}, {say('schemas.required')}" if value.get("required") else kind


def _value(name: str, value: Any) -> str:
    if name in {"type", "of"}:
        return say(f"schemas.type_{value or 'string'}")
    if name == "required":
        return say("values.yes" if value else "values.no")
    if value is None:
        return say("schema.nothing")
    if isinstance(value, list | tuple):
        return ", ".join(brief(one) for one in value)
    return brief(value, 400)


def _rule(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping) and "parts" in value:
        return say("schema.rule_sum", parts=" + ".join(value["parts"]), equals=", ".join(value["equals"]))
    if isinstance(value, Mapping) and "first" in value:
        return say("schema.rule_order", first=value["first"], then=value["then"])
    return "; ".join(map(_rule, value)) if isinstance(value, list | tuple) else brief(value)
