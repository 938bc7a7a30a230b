"""The small pieces that every page is made of; all text that comes from outside is set as text, never as markup."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement

from hub.text import MESSAGES, count, say
from ui.visit import complain, in_browser, tell

_STATES = {
    "ok": "delivered done live ok sent applied add",
    "bad": "refused dead failed failing unknown remove CredentialsError SettingsError",
    "wait": "late waiting waiting_until waiting_for paused change changed caught ignored TemporaryError",
    "run": "running pending accepted applying send",
    "plum": "later planned plan undo undone",
}
BUSY = frozenset({"running", "pending", "applying"})
TONES = {name: tone for tone, names in _STATES.items() for name in names.split()}


def div(classes: str = "", tag: str = "div") -> Element:
    """Make an empty box."""
    return ui.element(tag).classes(classes)


def words(text: str, classes: str = "", tag: str = "div") -> TextElement:
    """Show a text as it is."""
    return TextElement(text=text, tag=tag).classes(classes)


@contextmanager
def heading(title: str, sub: str = "", *, tone: str = "", icon: str = "") -> Iterator[None]:
    """Begin a page: its title, what it is for, and its actions in the block."""
    with div("pd-heading"):
        if icon:
            symbol(icon, tone)
        with div("pd-heading-text"):
            words(title, tag="h1")
            if sub:
                words(sub, "pd-sub", "p")
        with div("pd-actions"):
            yield


@contextmanager
def card(title: str = "", *, pad: bool = True, classes: str = "") -> Iterator[Element]:
    """Draw a card; with a title it has a head of its own."""
    with div(f"pd-card {classes}", "section"):
        if title:
            with div("pd-card-head"):
                words(title, tag="h2")
        with div("pd-pad pd-stack" if pad else "") as body:
            yield body


@contextmanager
def card_with(title: str, link: str, target: str) -> Iterator[Element]:
    """Draw a card without padding whose head leads somewhere."""
    with div("pd-card", "section"):
        with div("pd-card-head"):
            words(title, tag="h2")
            ui.link(link, target).classes("pd-small").mark(f"link {target}")
        with div() as body:
            yield body


def symbol(icon: str, tone: str = "", *, small: bool = False) -> Element:
    """Draw an icon in a coloured square."""
    with div(f"pd-icon {'pd-icon-small' if small else ''} {f'pd-tone-{tone}' if tone else ''}") as box:
        ui.icon(icon).props("aria-hidden=true")
    return box


def state(name: str, label: str = "") -> Element:
    """Show a state in its colour and its word; one that will change soon pulses."""
    classes = f"pd-state pd-tone-{TONES.get(name, 'mute')} {'pd-busy' if name in BUSY else ''}"
    return words(label or _state_word(name), classes, "span").mark(f"state-{name}")


def _state_word(name: str) -> str:
    key = f"state.{name}"
    return say(key) if key in MESSAGES else name


def pill(text: str, *, alert: bool = False) -> Element:
    """Show a small count or label."""
    return words(text, "pd-pill pd-alert" if alert else "pd-pill", "span")


def empty(icon: str, title: str, sentence: str, actions: Callable[[], object] | None = None, tag: str = "h2") -> None:
    """Say that there is nothing yet, and what to do next; `tag` is `h1` where nothing else stands on the page."""
    with div("pd-empty"):
        symbol(icon, "accent")
        words(title, tag=tag)
        words(sentence, tag="p")
        if actions:
            with div("pd-actions"):
                actions()


@contextmanager
def note(tone: str, icon: str, title: str, sentence: str = "") -> Iterator[None]:
    """Draw a note over a page; actions stand in the block."""
    with div(f"pd-note pd-tone-{tone}").props("role=status"):
        ui.icon(icon).props("aria-hidden=true")
        with div("pd-grow"):
            words(title, "pd-strong")
            if sentence:
                words(sentence, "pd-soft")
        with div("pd-actions"):
            yield


def button(
    label: str, mark: str, click: Callable[..., Any] | None, *, kind: str = "second", icon: str = "", allowed: str = ""
) -> ui.button:
    """Draw a button; `allowed` is the reason why it cannot be used, empty when it can."""
    made = ui.button(label, on_click=click, icon=icon or None, color=None).props("no-caps unelevated")
    made.classes(f"pd-{kind}").mark(mark).props["data-testid"] = mark
    if allowed:
        made.disable()
        made.tooltip(allowed)
    return made


def round_button(icon: str, label: str, mark: str, click: Callable[..., Any] | None = None) -> ui.button:
    """Draw a button that is only an icon; the label is what is read out and shown on hover."""
    made = ui.button(icon=icon, on_click=click, color=None).props("flat round")
    made.props["aria-label"] = label
    made.props["data-testid"] = mark
    made.classes("pd-quiet pd-round").mark(mark).tooltip(label)
    return made


def link_button(label: str, target: str, mark: str, *, kind: str = "second", icon: str = "") -> Element:
    """Draw a link that looks like a button."""
    made = ui.button(label, icon=icon or None, color=None).props("no-caps unelevated").mark(mark)
    made.props["href"] = target
    made.props["data-testid"] = mark
    return made.classes(f"pd-{kind}")


def copy_button(text: str, mark: str) -> None:
    """Draw a button that copies a text."""

    def copied() -> None:
        in_browser("copy", text)
        tell(say("frame.copied"))

    round_button("content_copy", say("frame.copy"), mark, copied)


@contextmanager
def row(
    columns: str, target: str, label: str, mark: str, *, head: bool = False, classes: str = ""
) -> Iterator[Element]:
    """Draw one row of a list that leads to `target`; what must be clicked inside stands `pd-above`."""
    with div(
        f"pd-row pd-cols-{columns} {'pd-row-head' if head else ''} {classes} {'pd-row-link' if target else ''}"
    ) as made:
        if target:
            cover = ui.link("", target).classes("pd-cover").mark(mark)
            cover.props["aria-label"] = label
            cover.props["data-testid"] = mark
        yield made


def head_row(columns: str, titles: Sequence[str]) -> None:
    """Draw the names of a list's columns."""
    with row(columns, "", "", "", head=True):
        for title in titles:
            words(title)


def moment(at: datetime | None, classes: str = "pd-muted pd-small") -> Element:
    """Show when something was, in words; the exact time shows on hover."""
    if at is None:
        return words(say("time.never"), classes, "span")
    element = words(ago(at), classes, "time")
    element.props["title"] = exact(at)
    element.props["datetime"] = at.isoformat()
    return element


def exact(at: datetime) -> str:
    """Write a time in full."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def ago(at: datetime) -> str:
    """Say how long something is ago, or how soon it will be."""
    seconds = (datetime.now(UTC) - at).total_seconds()
    key = "time.in" if seconds < -1 else "time.ago"
    seconds = abs(seconds)
    if seconds < 5:
        return say("time.now")
    for unit, size, most in (("second", 1, 60), ("minute", 60, 60), ("hour", 3600, 24), ("day", 86400, 45)):
        if seconds < size * most:
            return say(key, amount=count(f"time.{unit}", int(seconds // size)))
    return f"{at:%Y-%m-%d}"


def duration(milliseconds: float | None) -> str:
    """Write how long something took."""
    if milliseconds is None:
        return ""
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms" if milliseconds >= 1 else "<1 ms"
    seconds = milliseconds / 1000
    return (
        f"{seconds:.1f} s"
        if seconds < 90
        else f"{seconds / 60:.1f} min"
        if seconds < 5400
        else f"{seconds / 3600:.1f} h"
    )


def file_field(label: str, taken: Callable[..., Any], *, mark: str, most: int) -> ui.upload:
    """Draw a field that takes one file at once, dropped or chosen; it has a name for those who cannot see it."""
    field = ui.upload(on_upload=taken, auto_upload=True, max_file_size=most, label=label).props("flat").mark(mark)
    field.on_rejected(lambda: complain(say("frame.too_large", most=most // 2**20)))
    field.props["data-testid"] = mark
    in_browser("name_upload", field.html_id, label)
    return field


def older(cursor: str | None, address: str) -> None:
    """Offer the next page of a list, when there is one."""
    if cursor:
        with div("pd-pad pd-line"):
            glue = "&" if "?" in address else "?"
            link_button(
                say("frame.older"), f"{address}{glue}cursor={cursor}", "older", kind="quiet", icon="expand_more"
            )


def bones(rows: int = 4) -> Element:
    """Show that something is being fetched."""
    with div("pd-pad pd-stack").props("aria-busy=true") as box:
        for number in range(rows):
            div("pd-bone").style(f"width: {92 - number * 14}%")
    return box
