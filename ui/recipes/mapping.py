"""Which columns of a target have the name of a field that is known before it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from hub.runs.previews import KnownField, KnownFields

_NO_LETTER = re.compile(r"[^a-z0-9]+")


def map_same(columns: Sequence[str], taken: Sequence[str], fields: KnownFields | None) -> Mapping[str, str]:
    """Return a template for each column that is not mapped yet and has a field's name; nearer steps come first.

    A column `supplier_name` is meant by `supplier.name` as well.
    """
    known: dict[str, str] = {}
    for source in fields.sources if fields else ():
        for name, template in _named(source.field, ""):
            known.setdefault(name, template)
    mapped = {_plain(name) for name in taken}
    return {
        column: known[_plain(column)] for column in columns if _plain(column) in known and _plain(column) not in mapped
    }


def _named(field: KnownField, before: str) -> Iterator[tuple[str, str]]:
    """Yield the plain names of fields with their templates, those nearer to the root first."""
    for inner in field.fields:
        if not inner.fields and not inner.within:
            yield _plain(inner.name), inner.template
    for inner in field.fields:
        if not inner.within:
            whole = f"{before}{inner.name}"
            if before and not inner.fields:
                yield _plain(whole), inner.template
            yield from _named(inner, f"{whole}_")


def _plain(name: str) -> str:
    return _NO_LETTER.sub("", name.lower())
