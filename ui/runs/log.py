"""What a step did, try by try: when, how it ended, how long it was left alone before it was tried again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from hub.runs import Attempt, Delivery, ItemSummary
from hub.text import MESSAGES, count, say
from ui.pieces import div, duration, exact, pill, words
from ui.runs.naming import failure_title, target_title

# A pause that is shorter is part of the work.
SHORTEST_PAUSE = 0.2
WAITING = frozenset({"waiting_until", "waiting_for"})


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line: when, what happened, and what more there is to say."""

    at: datetime
    text: str
    more: str = ""
    tone: str = ""


def log(item: ItemSummary, step: str, attempts: Sequence[Attempt], deliveries: Sequence[Delivery]) -> None:
    """Draw the log of one step for one item."""
    entries = entries_of(item, step, attempts, deliveries)
    with div("pd-log", "ol").mark("log").props("data-testid=log"):
        for entry in entries:
            with div(tag="li"):
                time = words(
                    f"{entry.at:%H:%M:%S}.{entry.at.microsecond // 1000:03}", "pd-mono pd-muted pd-small", "time"
                )
                time.props["title"] = exact(entry.at)
                with div("pd-grow"):
                    words(entry.text, f"pd-tone-text-{entry.tone}" if entry.tone else "")
                    if entry.more:
                        words(entry.more, "pd-small pd-bad" if entry.tone == "bad" else "pd-small pd-soft")


def entries_of(
    item: ItemSummary, step: str, attempts: Sequence[Attempt], deliveries: Sequence[Delivery]
) -> list[Entry]:
    """Return the lines of a step's log in the order of time."""
    found: list[Entry] = []
    ended: dict[str, datetime] = {}
    for one in sorted(attempts, key=lambda one: (one.started_at, one.attempt)):
        before = ended.get(one.path)
        if before is not None and (pause := (one.started_at - before).total_seconds()) > SHORTEST_PAUSE:
            found.append(Entry(at=before, text=say("log.paused", time=duration(pause * 1000))))
        ended[one.path] = one.started_at + timedelta(milliseconds=one.took_ms)
        found.append(_tried(one))
    found += [_delivered(one) for one in deliveries]
    if item.step == step and item.state in WAITING:
        due = exact(item.due_at) if item.due_at else ""
        text = say("log.again", at=due) if due else say("log.waits")
        found.append(Entry(at=max(ended.values(), default=item.accepted_at), text=text, more=item.reason or ""))
    return sorted(found, key=lambda one: one.at)


def sums(attempts: Sequence[Attempt], *, tries: bool = True) -> None:
    """Draw what all attempts took together: how many `tries`, how long, tokens, cost."""
    done = [one for one in attempts if one.state != "skipped"]
    if not done:
        return
    tokens, cost = sum(one.tokens for one in done), sum(one.cost_usd for one in done)
    with div("pd-line pd-tight").mark("sums").props("data-testid=sums"):
        if tries:
            pill(count("log.tries", len(done)))
        pill(duration(sum(one.took_ms for one in done)))
        if tokens:
            pill(say("item.tokens", tokens=f"{tokens:,}", cost=f"{cost:.4f}"))


def _tried(one: Attempt) -> Entry:
    key = f"log.{one.state}"
    place = say("log.place", path=one.path) if one.path else ""
    text = say(key if key in MESSAGES else "log.other", number=one.attempt, state=one.state, time=duration(one.took_ms))
    more = f"{failure_title(one.error_kind)}: {one.message}" if one.error_kind and one.message else one.message or ""
    bad = one.state in {"failed", "caught", "ignored"}
    return Entry(at=one.started_at, text=f"{place}{text}", more=more, tone="bad" if bad else "")


def _delivered(one: Delivery) -> Entry:
    key = f"state.{one.state}"
    state = say(key) if key in MESSAGES else one.state
    proof = one.reference or one.url or ""
    return Entry(
        at=one.settled_at or one.written_at,
        text=say("log.delivery", target=target_title(one.target), state=state.lower(), proof=proof),
        more=one.message or "",
        tone="bad" if one.state in {"failed", "unknown", "refused"} else "",
    )
