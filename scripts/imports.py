"""Say how much of real exports comes along: `python -m scripts.imports FILE|FOLDER...` counts their parts by origin."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from hub.errors import InvalidError
from hub.foreign.shapes import TITLES, Loss, Origin, Tally
from hub.foreign.translate import Export, translate
from hub.recipes.names import RESERVED


class Measured(msgspec.Struct):
    """What the exports of one origin gave."""

    files: int = 0
    recipes: int = 0
    tally: Tally = Tally()
    lost: Counter[str] = msgspec.field(default_factory=Counter)


def measure(files: Iterator[Path]) -> tuple[dict[Origin, Measured], list[str]]:
    """Translate every file; returns the counts by origin, and the files that could not be read with the reason."""
    found: dict[Origin, Measured] = {}
    refused: list[str] = []
    for file in files:
        try:
            recipes = translate(Export(file.read_bytes(), RESERVED)).recipes
        except InvalidError as error:
            refused.append(f"{file.name}: {error.message}")
            continue
        measured = found.setdefault(recipes[0].origin, Measured())
        measured.files += 1
        measured.recipes += len(recipes)
        for recipe in recipes:
            sums = zip(msgspec.structs.astuple(measured.tally), msgspec.structs.astuple(recipe.tally), strict=True)
            measured.tally = Tally(*(old + new for old, new in sums))
            lost = (one.place for one in recipe.findings if one.kind is Loss.NOT_TRANSLATED)
            measured.lost.update(place.rpartition("(")[2].removesuffix(")") for place in lost)
    return found, refused


def _files(given: list[str]) -> Iterator[Path]:
    for one in map(Path, given):
        yield from sorted(one.rglob("*.json")) if one.is_dir() else [one]


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.0%})" if whole else "0"


def main(given: list[str]) -> None:
    """Print a table, what was lost most often, and what was refused."""
    found, refused = measure(_files(given))
    print("| origin | files | recipes | parts | wholly | partly | not |")
    print("|---|---|---|---|---|---|---|")
    for origin, measured in found.items():
        tally = measured.tally
        counts = [_share(count, tally.parts) for count in (tally.whole, tally.partly, tally.lost)]
        print(f"| {TITLES[origin]} | {measured.files} | {measured.recipes} | {tally.parts} | {' | '.join(counts)} |")
    for origin, measured in found.items():
        often = ", ".join(f"{kind} {count}" for kind, count in measured.lost.most_common(10))
        print(f"\n{TITLES[origin]}, not translated: {often or 'nothing'}")
    for line in refused:
        print(f"refused: {line}")


if __name__ == "__main__":
    main(sys.argv[1:])
