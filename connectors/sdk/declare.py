"""How a connector says what it offers; everything else is derived from these declarations."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, get_args, get_type_hints

from connectors.sdk.items import Answer
from connectors.sdk.kinds import Category, Effect, TriggerKind
from connectors.sdk.oauth import OAuth
from connectors.sdk.settings import Settings

_NAMED = re.compile(r"`([a-z_]+)`")


class NoSettings(Settings):
    """Nothing to fill in."""


class _Part:
    """What trigger, lookup and target have in common: a function, its title, its words and its settings."""

    def __init__(self, connector: Connector, title: str, function: Callable[..., Any]) -> None:
        self.connector = connector
        self.title = title
        self.function = function
        self.name: str = function.__name__
        self.text = inspect.getdoc(function) or ""

    @property
    def uses(self) -> str:
        """The fixed name in recipes, such as `http.send`."""
        return f"{self.connector.name}.{self.name}"

    @property
    def gives(self) -> Sequence[str]:
        """The names in its output, in the order in which its words after `Gives` tell them."""
        _, _, names = self.text.partition("Gives ")
        return tuple(dict.fromkeys(_NAMED.findall(names)))

    @cached_property
    def settings(self) -> type[Settings]:
        """The struct that the function's context or settings argument names."""
        return settings_of(self.function)

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call the declared function."""
        return self.function(*arguments, **named)


class Trigger(_Part):
    """Where items come in; `function(context, cursor)` yields items, `watch(context)` returns when asking is worth it.

    Webhook: `function(request, settings, connection)` verifies and returns items, or an `Answer` in their place; a
    coroutine function that also takes a `context` may ask its service first. Calendar: `function(settings, after)`
    returns the next due time after a moment. Native: the hub makes the items and the function only names settings.
    """

    def __init__(
        self, connector: Connector, title: str, function: Callable[..., Any], kind: TriggerKind, every: float
    ) -> None:
        super().__init__(connector, title, function)
        self.kind = kind
        self.every = every
        self.watcher: Callable[..., Any] | None = None
        self.alone: Callable[[Any], str] | None = None
        self.answer: Answer | None = None

    @cached_property
    def asks(self) -> bool:
        """Whether a webhook must ask its service before it can tell what came."""
        return self.kind is TriggerKind.WEBHOOK and "context" in inspect.signature(self.function).parameters

    def watch(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Register `async (context) -> None`: blocks until something may be new, so that a poll can follow at once."""
        self.watcher = function
        return function


class Lookup(_Part):
    """A step that only reads; `async function(context) -> output`."""


class Target(_Part):
    """Where records go; the function takes `(context, record)` or `(context, records)` and returns receipts.

    `carries_key`: the idempotency key travels with the request, so a repeat is recognised by the receiver.
    `atomic`: writes in the ledger's own transaction. `concurrency`: requests in flight at once.
    """

    def __init__(  # noqa: PLR0913  # all but three by name
        self,
        connector: Connector,
        title: str,
        function: Callable[..., Any],
        *,
        effect: Effect,
        carries_key: bool,
        atomic: bool,
        concurrency: int,
    ) -> None:
        super().__init__(connector, title, function)
        self.effect = effect
        self.carries_key = carries_key
        self.atomic = atomic
        self.concurrency = concurrency
        self.many = "records" in inspect.signature(function).parameters
        self.previewer: Callable[..., Any] | None = None
        self.finder: Callable[..., Any] | None = None
        self.undoer: Callable[..., Any] | None = None
        self.checker: Callable[..., Any] | None = None
        self.canceller: Callable[..., Any] | None = None

    @property
    def reversible(self) -> bool:
        """Whether a delivery can be undone."""
        return self.undoer is not None

    def preview(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Register `async (context, records) -> list of list of Change`, one list a record; writes nothing."""
        self.previewer = function
        return function

    def find(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Register `async (context, record, token) -> Receipt | None`: was this record delivered? None: no."""
        self.finder = function
        return function

    def undo(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Register `async (context, receipt) -> Receipt`; SettingsError when the row no longer is as it was written."""
        self.undoer = function
        return function

    def check(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Register `async (context, token) -> Receipt | Pending` for long work."""
        self.checker = function
        return function

    def cancel(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Register `async (context, token) -> None` for long work."""
        self.canceller = function
        return function


class Connector:
    """One service: its name, words and looks, its connection struct, and what it offers.

    `connection_optional`: it also works for a service that asks for no credentials. `named_by_operator`: it reaches
    only hosts that whoever runs the hub has named. `tried`: what it was tried against, said honestly in a few words.
    """

    def __init__(  # noqa: PLR0913  # all but two by name
        self,
        name: str,
        title: str,
        *,
        icon: str = "extension",
        connection: type[Settings] | None = None,
        connection_optional: bool = False,
        family: str | None = None,
        named_by_operator: bool = False,
        tried: str = "",
        category: Category = Category.HUB,
    ) -> None:
        self.name = name
        self.title = title
        self.icon = icon
        self.connection = connection
        self.connection_optional = connection_optional or connection is None
        self.family = family or name
        self.named_by_operator = named_by_operator
        self.tried = tried
        self.category = category
        self.place: Path | None = None
        self.triggers: dict[str, Trigger] = {}
        self.lookups: dict[str, Lookup] = {}
        self.targets: dict[str, Target] = {}
        self.checker: Callable[..., Any] | None = None
        self.host_reader: Callable[[Any], Sequence[str]] | None = None
        self.oauth_reader: Callable[[Any], OAuth | None] | None = None

    @cached_property
    def setup(self) -> str:
        """What to do at the service to connect, as Markdown: `setup.md` of its folder, or beside a family's module."""
        if self.place is None:
            return ""
        text = self.place.with_name("setup.md") if self.place.stem == "__init__" else self.place.with_suffix(".md")
        return text.read_text(encoding="utf-8") if text.is_file() else ""

    def check(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Register `async (connection, context) -> None`, which proves that the credentials work."""
        self.checker = function
        return function

    def hosts(self, function: Callable[[Any], Sequence[str]]) -> Callable[[Any], Sequence[str]]:
        """Register `(connection) -> host names`, the only ones that calls with this connection may reach."""
        self.host_reader = function
        return function

    def oauth(self, function: Callable[[Any], OAuth | None]) -> Callable[[Any], OAuth | None]:
        """Register `(connection) -> OAuth | None`: how its service grants access; None without tokens."""
        self.oauth_reader = function
        return function

    def trigger(
        self, title: str, *, every: float = 300.0, alone: Callable[[Any], str] | None = None
    ) -> Callable[[Callable[..., Any]], Trigger]:
        """Declare a polled trigger: `async generator (context, cursor)` yielding items, asked `every` seconds.

        `alone`, `(connection) -> str`, names the account whose news goes to one listener only, so that a second recipe
        cannot listen to it; it must not tell a secret.
        """
        return self._add_trigger(title, TriggerKind.POLL, every, alone)

    def webhook(self, title: str, *, answer: Answer | None = None) -> Callable[[Callable[..., Any]], Trigger]:
        """Declare a trigger that the service calls: `(request, settings, connection) -> list of items`.

        `answer`: the only one that the service understands. It hears this once the items are kept, however many, and
        of a refusal the status alone; others hear ids of items, what a recipe responds, and why a call is refused.
        """
        return self._add_trigger(title, TriggerKind.WEBHOOK, 0.0, answer=answer)

    def calendar(self, title: str) -> Callable[[Callable[..., Any]], Trigger]:
        """Declare a clock trigger: `(settings, after: datetime) -> datetime | None`, the next time it is due."""
        return self._add_trigger(title, TriggerKind.CALENDAR, 0.0)

    def native(self, title: str) -> Callable[[Callable[..., Any]], Trigger]:
        """Declare a trigger whose items the hub itself makes; `(settings) -> None` names what can be set."""
        return self._add_trigger(title, TriggerKind.NATIVE, 0.0)

    def lookup(self, title: str) -> Callable[[Callable[..., Any]], Lookup]:
        """Declare a step that only reads: `async (context) -> output`."""

        def declare(function: Callable[..., Any]) -> Lookup:
            self.lookups[function.__name__] = lookup = Lookup(self, title, function)
            return lookup

        return declare

    def target(
        self,
        title: str,
        *,
        effect: Effect = Effect.CREATE,
        carries_key: bool = False,
        atomic: bool = False,
        concurrency: int = 1,
    ) -> Callable[[Callable[..., Any]], Target]:
        """Declare where records go: `async (context, record) -> Receipt`, or `(context, records)` for whole batches."""

        def declare(function: Callable[..., Any]) -> Target:
            self.targets[function.__name__] = target = Target(
                self,
                title,
                function,
                effect=effect,
                carries_key=carries_key,
                atomic=atomic,
                concurrency=concurrency,
            )
            return target

        return declare

    def _add_trigger(
        self,
        title: str,
        kind: TriggerKind,
        every: float,
        alone: Callable[[Any], str] | None = None,
        answer: Answer | None = None,
    ) -> Callable[[Callable[..., Any]], Trigger]:
        def declare(function: Callable[..., Any]) -> Trigger:
            self.triggers[function.__name__] = trigger = Trigger(self, title, function, kind, every)
            trigger.alone, trigger.answer = alone, answer
            return trigger

        return declare


def settings_of(function: Callable[..., Any]) -> type[Settings]:
    """Return the struct of settings that a declared function names in its context, or takes."""
    hints = get_type_hints(function)
    hints.pop("return", None)
    for name, hint in hints.items():
        if name == "settings" and isinstance(hint, type) and issubclass(hint, Settings):
            return hint
        if name == "context":
            return next(
                (part for part in get_args(hint)[1:] if isinstance(part, type) and issubclass(part, Settings)),
                NoSettings,
            )
    return NoSettings
