"""What must hold between fields: sums and orders, as rows of choices."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui import ui

from hub.errors import Problem
from hub.extraction.schemas.fields import Order, Schema, Sum
from hub.text import say
from ui.pieces import button, div, round_button, words
from ui.schemas.draft import DATES, NUMBERS, rule_paths, with_rules

Changed = Callable[[Schema], None]


class Rules:
    """Draws the rules and tells of every change."""

    def __init__(self, changed: Changed, *, may: bool) -> None:
        self._changed = changed
        self._may = may
        self._sums: list[Sum] = []
        self._orders: list[Order] = []
        self._drawn: object = ()
        self._body = div("pd-stack")

    def show(self, schema: Schema | None, problems: Sequence[Problem]) -> None:
        """Show the rules of a schema, with what is wrong with them."""
        told = [one.message for one in problems if one.path.startswith(("spec.sums", "spec.orders"))]
        drawn = schema and (rule_paths(schema, NUMBERS | DATES), schema.spec.sums, schema.spec.orders, told)
        if schema is not None:
            self._schema = schema
        if drawn == self._drawn:
            return
        self._drawn = drawn
        self._body.clear()
        if schema is None:
            return
        self._sums, self._orders = list(schema.spec.sums), list(schema.spec.orders)
        with self._body:
            if not self._sums and not self._orders:
                words(say("schema.no_rules"), "pd-muted")
            numbers, ordered = rule_paths(schema, NUMBERS), rule_paths(schema, NUMBERS | DATES)
            for index, one in enumerate(self._sums):
                self._sum(index, one, numbers, problems)
            for index, order in enumerate(self._orders):
                self._order(index, order, ordered, problems)
            if self._may:
                with div("pd-actions"):
                    button(say("schema.add_sum"), "add-sum", lambda: self._add_sum(numbers), icon="functions")
                    button(say("schema.add_order"), "add-order", lambda: self._add_order(ordered), icon="swap_vert")

    def _sum(self, index: int, one: Sum, paths: Sequence[str], problems: Sequence[Problem]) -> None:
        with div("pd-schema-rule").mark(f"sum-{index}").props("role=group").props(f"data-testid=sum-{index}"):
            parts = self._select("schema.parts", one.parts, paths, f"sum-{index}-parts")
            equals = self._select("schema.equals", one.equals, paths, f"sum-{index}-equals")

            def keep() -> None:
                self._sums[index] = Sum(parts=tuple(parts.value), equals=tuple(equals.value))
                self._tell()

            parts.on_value_change(keep)
            equals.on_value_change(keep)
            self._remover(say("schema.remove_rule"), f"remove-sum-{index}", lambda: self._without_sum(index))
            _told(problems, f"spec.sums[{index}]")

    def _order(self, index: int, one: Order, paths: Sequence[str], problems: Sequence[Problem]) -> None:
        with div("pd-schema-rule").mark(f"order-{index}").props("role=group").props(f"data-testid=order-{index}"):
            first = self._one("schema.first", one.first, paths, f"order-{index}-first")
            then = self._one("schema.then", one.then, paths, f"order-{index}-then")

            def keep() -> None:
                self._orders[index] = Order(first=first.value, then=then.value)
                self._tell()

            first.on_value_change(keep)
            then.on_value_change(keep)
            self._remover(say("schema.remove_rule"), f"remove-order-{index}", lambda: self._without_order(index))
            _told(problems, f"spec.orders[{index}]")

    def _select(self, label: str, chosen: Sequence[str], paths: Sequence[str], mark: str) -> ui.select:
        known = list(dict.fromkeys([*paths, *chosen]))
        made = ui.select(known, label=say(label), value=list(chosen), multiple=True)
        return self._dressed(made.props("use-chips"), mark)

    def _one(self, label: str, chosen: str, paths: Sequence[str], mark: str) -> ui.select:
        made = ui.select(list(dict.fromkeys([*paths, chosen])), label=say(label), value=chosen)
        return self._dressed(made, mark)

    def _dressed(self, made: ui.select, mark: str) -> ui.select:
        made.props("outlined dense").style("width: 100%").mark(mark).props["data-testid"] = mark
        made.enabled = self._may
        return made

    def _remover(self, label: str, mark: str, act: Callable[[], None]) -> None:
        if self._may:
            round_button("close", label, mark, act)

    def _add_sum(self, paths: Sequence[str]) -> None:
        self._sums.append(Sum(parts=tuple(paths[:2]), equals=tuple(paths[-1:])))
        self._tell(again=True)

    def _add_order(self, paths: Sequence[str]) -> None:
        first, then = (paths[0], paths[-1]) if paths else ("", "")
        self._orders.append(Order(first=first, then=then))
        self._tell(again=True)

    def _without_sum(self, index: int) -> None:
        del self._sums[index]
        self._tell(again=True)

    def _without_order(self, index: int) -> None:
        del self._orders[index]
        self._tell(again=True)

    def _tell(self, *, again: bool = False) -> None:
        self._schema = with_rules(self._schema, self._sums, self._orders)
        self._changed(self._schema)
        if again:
            self.show(self._schema, ())


def _told(problems: Sequence[Problem], place: str) -> None:
    for problem in problems:
        if problem.path.startswith(place):
            words(problem.message, "pd-bad pd-small").props("role=alert")
