"""A foreign flow woven into recipe documents: one for each way to begin, branches and meetings kept."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Protocol

import msgspec

from hub.foreign.order import Reached, beginnings, reach
from hub.foreign.shapes import (
    LOST,
    MAIMED,
    TITLES,
    Finding,
    Flow,
    Given,
    Loss,
    Opened,
    Origin,
    Part,
    Remark,
    Tally,
    Translation,
    Turned,
)
from hub.foreign.sight import ELEMENT, Sight, identity, meet, path

LONGEST_NOTE = 2_000
LONGEST_TITLE = 200
# Built-in steps that are about the whole item and so cannot go through a list
WHOLE_ITEM = frozenset({"branch", "wait", "dedupe", "join", "stop", "respond", "recipe", "aggregate", "approve"})
MANUAL = "manual.submitted"

__all__ = ["Dialect", "weave"]


_ABSORBED = Remark(
    kind=Loss.LEFT_OUT,
    did="Started by hand.",
    why="Every recipe can be started by hand and be given an item; it has one trigger besides.",
)
_LOOSE = Remark(
    kind=Loss.NOT_TRANSLATED,
    did="Stood beside the flow.",
    why="Nothing leads to it from a trigger: it serves another part, or is not connected.",
    instead="Look whether the recipe needs it.",
)


class Dialect(Protocol):
    """What is particular to one origin: how its parts read."""

    @property
    def origin(self) -> Origin:
        """Which tool it is."""
        ...

    def opening(self, part: Part) -> Opened | None:
        """Return the trigger that a part is; None when it is no way to begin that is known here."""
        ...

    def step(self, part: Part, given: Given) -> Turned:
        """Return the step that a part is."""
        ...


def weave(flow: Flow, dialect: Dialect, reserved: Collection[str]) -> list[Translation]:
    """Return a recipe for each way the flow begins; ways that only start others by hand are left out."""
    found = beginnings(flow, lambda part: _by_hand(part, dialect))
    made = [_Loom(flow, dialect, reach(flow, start), reserved).weave() for start in found.chosen]
    if made:
        made[0].findings.extend(_finding(part, None, _ABSORBED) for part in found.absorbed)
        made[0].findings.extend(_finding(part, None, _LOOSE) for part in found.loose)
        beside, tally = len(found.absorbed), made[0].tally
        made[0] = msgspec.structs.replace(
            made[0],
            tally=Tally(
                parts=tally.parts + beside + len(found.loose),
                whole=tally.whole + beside,
                partly=tally.partly,
                lost=tally.lost + len(found.loose),
            ),
        )
    return made


def _circle(to: Part) -> Remark:
    return Remark(
        kind=Loss.PARTLY,
        did=f"Went back to {to.title[:100]!r}.",
        why="The steps of a recipe do not go round: a step goes through a list by itself (each).",
        instead="Set each where a list was gone through; for trying again, set retry at the step.",
    )


def _by_hand(part: Part, dialect: Dialect) -> bool:
    opened = dialect.opening(part)
    return opened is not None and opened.by_hand


class _Loom:
    """Weaves one recipe."""

    def __init__(self, flow: Flow, dialect: Dialect, reached: Reached, reserved: Collection[str]) -> None:
        self._reserved = reserved
        self._flow = flow
        self._dialect = dialect
        self._reached = reached
        self._findings: list[Finding] = []
        self._steps: list[dict[str, Any]] = []
        # Of each part: the sight behind it, the entries that `after` names it by, and its step
        self._sights: dict[str, Sight] = {}
        self._entries: dict[str, dict[int, list[Any]]] = {}
        self._ids: dict[str, Any] = {}
        self._seen: dict[str, Sight] = {}
        self._kinds: list[frozenset[Loss]] = []

    def weave(self) -> Translation:
        """Make the document part by part."""
        trigger = self._trigger()
        for key in self._reached.order:
            self._part(self._flow.parts[key])
        for wire in self._reached.closing:
            self._findings.append(_finding(self._flow.parts[wire.start], None, _circle(self._flow.parts[wire.end])))
        title = (self._flow.title.strip() or TITLES[self._dialect.origin])[:LONGEST_TITLE]
        spec: dict[str, Any] = {"trigger": trigger, "steps": self._steps}
        if self._flow.time_zone:
            spec["settings"] = {"time_zone": self._flow.time_zone}
        note = "\n\n".join([f"Brought along from {TITLES[self._dialect.origin]}.", *self._flow.notes])
        metadata = {"name": "imported", "title": title, "note": note[:LONGEST_NOTE]}
        document = {"apiVersion": "patchdeck/v1", "kind": "Recipe", "metadata": metadata, "spec": spec}
        return Translation(
            origin=self._dialect.origin,
            title=title,
            document=document,
            findings=self._findings,
            tally=_tally(self._kinds),
        )

    def _trigger(self) -> dict[str, Any]:
        starts = [self._flow.parts[key] for key in self._reached.starts]
        opened = self._dialect.opening(starts[0]) if starts else Opened(uses=MANUAL)
        if opened is None:
            opened = self._unknown_opening(starts[0])
        for start in starts:
            self._sights[start.key] = self._seen[start.key] = self._seen[start.title] = opened.sight
            self._entries[start.key] = {}
            self._tell(start, None, opened.remarks if start is starts[0] else ())
        made: dict[str, Any] = {"uses": opened.uses}
        if starts and starts[0].title:
            made["title"] = starts[0].title[:LONGEST_TITLE]
        if starts and starts[0].note:
            made["note"] = starts[0].note[:LONGEST_NOTE]
        if opened.connection:
            made["connection"] = opened.connection
        if opened.settings:
            made["with"] = dict(opened.settings)
        return made

    def _unknown_opening(self, part: Part) -> Opened:
        remark = Remark(
            kind=Loss.NOT_TRANSLATED,
            did=f"Started with {part.kind}.",
            why="There is no trigger here that does this.",
            instead="Choose one that gives the same items: a webhook that the service calls, a poll, or a schedule.",
        )
        return Opened(uses=_foreign(self._dialect.origin, part.kind), remarks=[remark])

    def _part(self, part: Part) -> None:
        wires = self._reached.into.get(part.key, ())
        sight = meet([self._sights[wire.start] for wire in wires]) if wires else Sight()
        given = Given(
            sight=sight,
            seen=self._seen,
            outputs=self._reached.outputs.get(part.key, frozenset()),
            forked=self._reached.forked,
            follows=[self._flow.parts[key] for key in self._reached.following.get(part.key, ())],
        )
        turned = self._dialect.step(part, given)
        after = [entry for wire in wires for entry in self._entry(wire.start, wire.output)]
        if turned.dropped:
            self._sights[part.key] = sight
            self._entries[part.key] = {-1: after}
            self._tell(part, None, turned.remarks)
        else:
            name = identity(part.title, self._ids, self._reserved)
            self._ids[name] = part.key
            self._tell(part, name, [*turned.remarks, *self._about_list(turned, sight)])
            self._steps.append(self._step(part, name, turned, sight, after))
            self._entries[part.key] = {output: [{"step": name, "case": case}] for output, case in turned.cases.items()}
            self._entries[part.key].setdefault(-1, [name])
            self._sights[part.key] = _behind(turned, sight, name)
        self._seen[part.key] = self._seen[part.title] = self._sights[part.key]

    def _entry(self, start: str, output: int) -> Sequence[Any]:
        """Return what `after` says of a way that leaves a part by one of its outputs."""
        if start in self._reached.starts:
            return ["trigger"]
        entries = self._entries.get(start, {})
        found: Sequence[Any] = entries.get(output, entries.get(-1, []))
        return found

    def _step(self, part: Part, name: str, turned: Turned, sight: Sight, after: Sequence[Any]) -> dict[str, Any]:
        uses = _foreign(self._dialect.origin, part.kind) if turned.lost else turned.uses
        made: dict[str, Any] = {"id": name, "uses": uses}
        if part.title and part.title != name:
            made["title"] = part.title[:LONGEST_TITLE]
        note = "\n".join([part.note, *(f"{one.did} {one.instead}".strip() for one in turned.remarks if one.instead)])
        if note.strip():
            made["note"] = note.strip()[:LONGEST_NOTE]
        if turned.settings:
            made["with"] = dict(turned.settings)
        if turned.connection:
            made["connection"] = turned.connection
        if sight.each and not turned.ends and not turned.lost and turned.uses not in WHOLE_ITEM:
            made["each"] = sight.each
        if part.on_error == "continue":
            made["on_error"] = "continue"
        if part.disabled or turned.lost:
            made["disabled"] = True
        unique = [entry for place, entry in enumerate(after) if entry not in after[:place]]
        previous = self._steps[-1]["id"] if self._steps else "trigger"
        if unique != [previous]:
            made["after"] = unique or ["trigger"]
        return made

    def _about_list(self, turned: Turned, sight: Sight) -> Sequence[Remark]:
        """Say that a step which is about the whole item stands where each element of a list came through."""
        if sight.each is None or turned.ends or turned.lost or turned.uses not in WHOLE_ITEM:
            return ()
        why = f"A {turned.uses} step is about the whole item and cannot go through a list element by element."
        instead = "Let a recipe of its own be called for each element, or look at the list as a whole."
        return (Remark(kind=Loss.PARTLY, did="Did this for each element of a list.", why=why, instead=instead),)

    def _tell(self, part: Part, step: str | None, remarks: Sequence[Remark]) -> None:
        self._findings.extend(_finding(part, step, remark) for remark in remarks)
        self._kinds.append(frozenset(remark.kind for remark in remarks))


def _behind(turned: Turned, sight: Sight, name: str) -> Sight:
    """Return what is visible behind a step."""
    if turned.lost:
        return Sight(whole=(name,), named={key: (path(name, [key]),) for key in sight.named}, each=None)
    if turned.begins:
        return _within(turned, ELEMENT, f"{{{{ {path(name, turned.begins.split('.'))} }}}}", sight)
    if turned.out is None and not turned.named:
        return sight
    if sight.each and not turned.ends:
        return _within(turned, ELEMENT, f"{{{{ {name} }}}}", sight)
    return _within(turned, name, None, sight)


def _within(turned: Turned, root: str, each: str | None, sight: Sight) -> Sight:
    named: dict[str, tuple[str, ...]] = dict(sight.named) if turned.out is None else {}
    named |= {key: (path(root, inner.split(".")) if inner else root,) for key, inner in turned.named.items()}
    whole = () if turned.out is None else (path(root, turned.out.split(".")) if turned.out else root,)
    return Sight(whole=whole, named=named, renames=turned.renames, each=each)


def _foreign(origin: Origin, kind: str) -> str:
    """Return the name of a step that is not there: it cannot run, and says where it comes from."""
    kind = kind.rpartition(".")[2] if origin is Origin.N8N else kind
    letters = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in _words(kind)).strip("_")
    letters = letters[:60] or "part"
    return f"{origin}.{letters if letters[0].isalpha() else f'part_{letters}'}"


def _words(kind: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind)


def _finding(part: Part, step: str | None, remark: Remark) -> Finding:
    place = f"{part.title} ({part.kind})" if part.title and part.title != part.kind else part.kind
    return Finding(
        kind=remark.kind,
        place=place[:300],
        path=part.path,
        step=step,
        did=remark.did,
        why=remark.why,
        instead=remark.instead,
    )


def _tally(kinds: Sequence[frozenset[Loss]]) -> Tally:
    lost = sum(bool(one & LOST) for one in kinds)
    partly = sum(bool(one & MAIMED) and not one & LOST for one in kinds)
    return Tally(parts=len(kinds), whole=len(kinds) - lost - partly, partly=partly, lost=lost)
