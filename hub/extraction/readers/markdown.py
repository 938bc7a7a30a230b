"""Markdown: its text without the marks, its tables, and what stands in its head."""

import re
from collections.abc import Iterator
from datetime import date

import yaml

from hub.extraction.readers.draft import Draft, Range
from hub.extraction.readers.plain import text_of
from hub.extraction.readers.source import Source
from hub.extraction.reading import Metadata, Reading

HEAD = re.compile(r"\A---\n(.{0,20000}?)\n---\n", re.DOTALL)
FENCE = re.compile(r"^ {0,3}(```|~~~)")
BLOCK = re.compile(r"^ {0,3}(?:#{1,6}\s+|>\s?|[-*+]\s+(?:\[[ xX]\]\s+)?)")
RULE = re.compile(r"^ {0,3}(?:[-*_=]\s*){3,}$")
DELIMITER = re.compile(r"^\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?$")
INLINE = (
    (re.compile(r"!\[([^\[\]\n]*)\]\([^()\n]{0,2000}\)"), r"\1"),
    (re.compile(r"\[([^\[\]\n]+)\]\([^()\n]{0,2000}\)"), r"\1"),
    (re.compile(r"<((?:https?|mailto):[^<>\s]+)>"), r"\1"),
    (re.compile(r"\*\*(?=\S)([^*\n]+)(?<=\S)\*\*"), r"\1"),
    (re.compile(r"__(?=\S)([^_\n]+)(?<=\S)__"), r"\1"),
    (re.compile(r"(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<!\w)_(?=\S)([^_\n]+?)(?<=\S)_(?!\w)"), r"\1"),
    (re.compile(r"`([^`\n]+)`"), r"\1"),
    (re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])"), r"\1"),
)
# Longer lines are taken as they are: looking for marks in them would take too long.
LONGEST = 20_000


def read_markdown(source: Source) -> Reading:
    """Headings, lists and paragraphs as lines; rows of tables have their cells apart."""
    draft = Draft(source, "text/markdown")
    text = text_of(source.content)
    if head := HEAD.match(text):
        draft.metadata = _metadata(head[1])
        text = text[head.end() :]
    lines = text.split("\n")
    index, tables, fenced = 0, 0, False
    while index < len(lines):
        if FENCE.match(lines[index]):
            fenced = not fenced
            index += 1
        elif not fenced and _begins_table(lines, index):
            tables += 1
            index = _read_table(draft, lines, index, f"table[{tables}]")
        else:
            draft.write((lines[index] if fenced else _bare(lines[index])) + "\n")
            index += 1
    return draft.finish()


def _bare(line: str) -> str:
    if RULE.match(line):
        return ""
    line = BLOCK.sub("", line)
    if len(line) > LONGEST:
        return line
    for mark, text in INLINE:
        line = mark.sub(text, line)
    return line


def _begins_table(lines: list[str], index: int) -> bool:
    return (
        "|" in lines[index]
        and index + 1 < len(lines)
        and "|" in lines[index + 1]
        and bool(DELIMITER.match(lines[index + 1].strip()[:LONGEST]))
    )


def _read_table(draft: Draft, lines: list[str], index: int, selector: str) -> int:
    """Write the table; gives the first line after it."""
    rows: list[list[Range | None]] = [_read_row(draft, lines[index])]
    index += 2
    while index < len(lines) and "|" in lines[index]:
        rows.append(_read_row(draft, lines[index]))
        index += 1
    draft.table(selector, rows, header=True)
    return index


def _read_row(draft: Draft, line: str) -> list[Range | None]:
    cells = [draft.write(cell + "   ") for cell in _cells(line)]
    draft.write("\n")
    return list(cells)


def _cells(line: str) -> Iterator[str]:
    inner = line.strip().removeprefix("|").removesuffix("|")
    return (_bare(cell.strip()) for cell in re.split(r"(?<!\\)\|", inner))


def _metadata(head: str) -> Metadata:
    try:
        named = yaml.safe_load(head)
    except yaml.YAMLError:
        return Metadata()
    if not isinstance(named, dict):
        return Metadata()
    values = {
        str(name).lower(): str(value) for name, value in named.items() if isinstance(value, (str, int, float, date))
    }
    return Metadata(
        title=values.pop("title", None),
        author=values.pop("author", None),
        language=values.pop("lang", values.pop("language", None)),
        created=values.pop("date", None),
        properties=values,
    )
