"""n8n's nodes about lists: what runs for each item there goes through a list here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hub.foreign.shapes import Given, Loss, Part, Remark, Turned, lost

_ONE = "There is one item here at a time, not a list of them."


def split(part: Part, given: Given) -> Turned:
    """Go through a list: the steps after it are done for each element."""
    named = str(part.settings.get("fieldToSplitOut") or part.settings.get("fieldToSplit") or "")
    names = [name.strip() for name in named.split(",") if name.strip()]
    if len(names) != 1 or "{" in named:
        return lost(
            "Went through several lists at once.", "Go through one list with each, and read the others by loop.index."
        )
    found = given.sight.find(names[0].split("."))
    if found is None or given.sight.each is not None:
        return lost("Went through a list inside a list.", "Let a recipe of its own be called for each element.")
    return Turned(uses="set", settings={"fields": {"items": f"{{{{ {found} }}}}"}}, begins="items", out="")


def item_lists(part: Part, given: Given) -> Turned:
    """Do what the older node for lists did."""
    chosen = {
        "splitOutItems": split, "aggregateItems": aggregate, "concatenateItems": aggregate,
        "removeDuplicates": unique, "limit": limit, "sort": sort,
    }.get(str(part.settings.get("operation") or "splitOutItems"))  # fmt: skip
    return chosen(part, given) if chosen else lost("Worked on a list.", "Liquid's filters for lists do much of that.")


def batches(part: Part, given: Given) -> Turned:  # noqa: ARG001  # all translators take both
    """Leave out the loop: the steps in it go through the list themselves."""
    if given.sight.each is not None:
        return Turned(dropped=True)
    why = "A step goes through a list by itself (each); no list was found before this one."
    instead = "Set each on the steps that followed, with the list they went through."
    return Turned(
        dropped=True, remarks=[Remark(kind=Loss.PARTLY, did="Went through items in batches.", why=why, instead=instead)]
    )


def aggregate(part: Part, given: Given) -> Turned:
    """Take the elements of a list as one again."""
    settings, whole = part.settings, given.sight.each
    if whole is None:
        return lost(
            "Collected items into one.", "An aggregate step collects items of several runs, by count or time.", _ONE
        )
    bare = whole[2:-2].strip()
    if settings.get("aggregate") == "aggregateAllItemData":
        name = str(settings.get("destinationFieldName") or "data")
        return Turned(uses="set", settings={"fields": {name: whole}}, out="", ends=True)
    listed = settings.get("fieldsToAggregate", {})
    listed = listed.get("fieldToAggregate", []) if isinstance(listed, dict) else []
    fields = {
        str(one.get("outputFieldName") or one["fieldToAggregate"]): _mapped(bare, str(one["fieldToAggregate"]))
        for one in listed
        if isinstance(one, dict) and one.get("fieldToAggregate")
    }
    return Turned(uses="set", settings={"fields": fields or {"data": whole}}, out="", ends=True)


def unique(part: Part, given: Given) -> Turned:
    """Let each value pass once: within a list, or over all runs."""
    settings = part.settings
    if "PreviousExecutions" in str(settings.get("operation", "")):
        found = str(settings.get("dedupeValue") or "")
        path = _simple_path(found, given)
        return Turned(uses="dedupe", settings={"key": f"{{{{ {path} }}}}"}) if path else lost(
            "Let pass what had not passed before.", "A dedupe step does that: give its key.", "Its key cannot be read."
        )  # fmt: skip
    if given.sight.each is None:
        return lost("Took out what was twice among the items.", "A dedupe step remembers keys over all runs.", _ONE)
    fields = settings.get("fieldsToCompare", {})
    name = (
        fields.get("fields", [{}])[0].get("fieldName", "")
        if isinstance(fields, dict) and fields.get("fields")
        else fields
    )
    return _filtered(given.sight.each, f"uniq: {_quoted(name)}" if isinstance(name, str) and name else "uniq")


def limit(part: Part, given: Given) -> Turned:
    """Keep the first or last elements of a list."""
    count = part.settings.get("maxItems", 1)
    if given.sight.each is None or not isinstance(count, int):
        return lost("Let only so many items pass.", "The filter slice keeps so many elements of a list.", _ONE)
    if part.settings.get("keep") == "lastItems":
        return _filtered(given.sight.each, f"reverse | slice: 0, {count} | reverse")
    return _filtered(given.sight.each, f"slice: 0, {count}")


def sort(part: Part, given: Given) -> Turned:
    """Put the elements of a list in order."""
    fields = part.settings.get("sortFieldsUi", {})
    listed = fields.get("sortField", []) if isinstance(fields, dict) else []
    first: Mapping[str, Any] = listed[0] if listed and isinstance(listed[0], dict) else {}
    if given.sight.each is None or len(listed) != 1 or not first.get("fieldName"):
        return lost("Put items in order.", "The filter sort orders the elements of a list by one field.", _ONE)
    falling = " | reverse" if first.get("order") == "descending" else ""
    return _filtered(given.sight.each, f"sort: {_quoted(str(first['fieldName']))}{falling}")


def _filtered(whole: str, filters: str) -> Turned:
    """Return a step that gives the list anew, for the steps after it to go through."""
    made = {"fields": {"items": f"{whole[:-2].rstrip()} | {filters} }}}}"}}
    return Turned(uses="set", settings=made, begins="items", ends=True, out="")


def _mapped(bare: str, name: str) -> str:
    return f"{{{{ {bare} | map: {_quoted(name)} }}}}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', "") + '"'


def _simple_path(text: str, given: Given) -> str | None:
    """Return where `={{ $json.id }}` stands."""
    body = text.removeprefix("=").strip()
    if body.startswith("{{") and body.endswith("}}"):
        body = body[2:-2].strip()
    if not body.startswith("$json.") or not body[6:].replace(".", "").replace("_", "").isalnum():
        return None
    return given.sight.find(body[6:].split("."))
