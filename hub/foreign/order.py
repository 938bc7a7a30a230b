"""Which parts of a flow belong to which beginning, in which order they come, and where ways go round in circles."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from hub.foreign.shapes import Flow, Part, Wire


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """The parts that follow a beginning, each after all that lead to it; circles are cut open."""

    starts: Sequence[str]
    order: Sequence[str]
    into: Mapping[str, Sequence[Wire]]
    outputs: Mapping[str, frozenset[int]]
    following: Mapping[str, Sequence[str]]
    forked: bool
    closing: Sequence[Wire]


class Beginnings(msgspec.Struct, frozen=True):
    """The ways a flow begins; parts that only start by hand what begins otherwise; parts that nothing leads to."""

    chosen: Sequence[tuple[str, ...]]
    absorbed: Sequence[Part]
    loose: Sequence[Part]


def beginnings(flow: Flow, by_hand: Callable[[Part], bool]) -> Beginnings:
    """Return the ways a flow begins; several parts that start the same by hand are one of them."""
    openings = [part for part in flow.parts.values() if part.opening]
    following = {part.key: _followers(flow, part.key) for part in openings}
    real = [part for part in openings if not by_hand(part)]
    covered: set[str] = set().union(*(following[part.key] for part in real)) if real else set()
    chosen: list[tuple[str, ...]] = [(part.key,) for part in real]
    absorbed: list[Part] = []
    groups: dict[frozenset[str], list[str]] = {}
    for part in openings:
        if part in real:
            continue
        if real and following[part.key] <= covered:
            absorbed.append(part)
        else:
            groups.setdefault(frozenset(following[part.key]), []).append(part.key)
    chosen.extend(tuple(keys) for keys in groups.values())
    covered.update(part.key for part in openings)
    covered.update(*groups)
    loose = [part for key, part in flow.parts.items() if key not in covered]
    if loose and not chosen:
        return Beginnings([()], absorbed, [])
    return Beginnings(chosen, absorbed, loose)


def reach(flow: Flow, starts: Sequence[str]) -> Reached:
    """Follow the wires from a beginning; from nowhere in particular when there is none."""
    leaving: dict[str, list[Wire]] = {}
    for wire in flow.wires:
        leaving.setdefault(wire.start, []).append(wire)
    roots = list(starts) or _roots(flow)
    order, kept, closing = _sorted(roots, leaving)
    into: dict[str, list[Wire]] = {}
    for wire in kept:
        into.setdefault(wire.end, []).append(wire)
    outputs = {key: frozenset(wire.output for wire in leaving.get(key, ())) for key in order}
    following = {key: [wire.end for wire in leaving.get(key, ())] for key in order}
    forks = sum(len(wires) > 1 for wires in (leaving.get(key, ()) for key in [*starts, *order]))
    return Reached(
        starts=tuple(starts),
        order=[key for key in order if key not in starts],
        into=into,
        outputs=outputs,
        following=following,
        closing=closing,
        forked=forks > 0 or (not starts and len(roots) > 1),
    )


def _sorted(roots: Sequence[str], leaving: Mapping[str, Sequence[Wire]]) -> tuple[list[str], list[Wire], list[Wire]]:
    """Return all that is reached, predecessors first, the wires that close no circle, and those that do."""
    done: list[str] = []
    state: dict[str, int] = {}
    closing: set[Wire] = set()
    for root in reversed(roots):
        stack: list[tuple[str, int]] = [(root, 0)] if root not in state else []
        if stack:
            state[root] = 1
        while stack:
            key, place = stack.pop()
            wires = leaving.get(key, ())
            if place == len(wires):
                state[key] = 2
                done.append(key)
                continue
            stack.append((key, place + 1))
            wire = wires[len(wires) - 1 - place]
            if state.get(wire.end) == 1:
                closing.add(wire)
            elif wire.end not in state:
                state[wire.end] = 1
                stack.append((wire.end, 0))
    order = done[::-1]
    reached = [wire for key in order for wire in leaving.get(key, ())]
    return order, [one for one in reached if one not in closing], [one for one in reached if one in closing]


def _followers(flow: Flow, start: str) -> set[str]:
    leaving: dict[str, list[str]] = {}
    for wire in flow.wires:
        leaving.setdefault(wire.start, []).append(wire.end)
    found, waiting = set[str](), [start]
    while waiting:
        for key in leaving.get(waiting.pop(), ()):
            if key not in found and not flow.parts[key].opening:
                found.add(key)
                waiting.append(key)
    return found


def _roots(flow: Flow) -> list[str]:
    led = {wire.end for wire in flow.wires}
    return [key for key in flow.parts if key not in led] or list(flow.parts)[:1]
