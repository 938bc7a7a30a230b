"""RTF: its text by striprtf, with the cells of tables marked beforehand so that they stay cells."""

import re
from collections.abc import Callable

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.flow import Flow
from hub.extraction.readers.source import Source
from hub.extraction.reading import Metadata, Reading, ReadingError

BROKEN = "The RTF document is broken and cannot be read. Save it again in the program that made it."
# Signs of no script, which stand for the ends of cells and rows and for the beginning of a row.
CELL, ROW, BEGIN = "\ue000", "\ue001", "\ue002"
MARKS = re.compile(r"(?<!\\)((?:\\\\)*)\\(?P<word>cell|nestcell|row|nestrow|trowd)(?![a-z])[ ]?")
SIGNS = {"cell": CELL, "nestcell": CELL, "row": ROW, "nestrow": ROW, "trowd": BEGIN}
TITLE = re.compile(r"\{\\title ([^{}\\]{1,500})\}")
LONGEST_LINE, FONTS = 100_000, 1_000


def read_rtf(source: Source) -> Reading:
    """Paragraphs as lines; rows of cells as a table."""
    draft = Draft(source, "application/rtf")
    written = source.content.decode("cp1252", "replace")
    if title := TITLE.search(written[:50_000]):
        draft.metadata = Metadata(title=title[1].strip())
    flow = Flow(draft)
    rows: list[list[str]] = []
    for chunk in _text(written).split(ROW):
        outside, _, inside = chunk.rpartition(CELL)[0].partition(BEGIN) if CELL in chunk else (chunk, "", "")
        if CELL in chunk and not inside:
            outside, inside = "", outside
        if outside.strip(f"{BEGIN}\n \t") or CELL not in chunk:
            _table(flow, rows)
            rows = []
            _lines(flow, outside)
        if CELL in chunk:
            rows.append([cell.replace(BEGIN, "") for cell in inside.split(CELL)])
    _table(flow, rows)
    draft.write("\n" if draft.length else "")
    return draft.finish()


def _text(written: str) -> str:
    from striprtf.striprtf import rtf_to_text

    # The library has no types.
    read: Callable[..., str] = rtf_to_text
    # Some of its patterns take long over long lines, which mean nothing here.
    if written.count("\\fcharset") > FONTS:
        # It would look long for the encodings of so many fonts.
        written = written.replace("\\fcharset", "\\fprq")
    marked = MARKS.sub(lambda match: match[1] + SIGNS[match["word"]], written)
    marked = "\n".join(line if len(line) < LONGEST_LINE else _folded(line) for line in marked.split("\n"))
    try:
        return read(marked, errors="replace")
    except (ValueError, LookupError, OverflowError, AttributeError) as error:
        raise ReadingError(BROKEN) from error


def _folded(line: str) -> str:
    """Break a long line where control words begin; line breaks carry nothing in this format."""
    return re.sub(r"(.{5000}[^\\])(\\[a-z])", r"\1\n\2", line)


def _lines(flow: Flow, text: str) -> None:
    for line in text.replace(BEGIN, "").split("\n"):
        flow.line()
        for number, part in enumerate(line.split("\t")):
            if number:
                flow.tab()
            flow.text(part)
    flow.line()


def _table(flow: Flow, rows: list[list[str]]) -> None:
    if not rows:
        return
    flow.open_table(values=True)
    for row in rows:
        flow.open_row()
        for cell in row:
            flow.open_cell()
            flow.text(cell)
            flow.close_cell()
    flow.close_table()
