"""DOCX: headers, paragraphs, tables, notes and footers, straight from the XML in the archive."""

import io
import re
import zipfile
import zlib

from lxml import etree

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.flow import Flow
from hub.extraction.readers.markup import Element, local_name, parse_xml
from hub.extraction.readers.source import Source
from hub.extraction.reading import Metadata, Reading, ReadingError

MAIN = "word/document.xml"
PARTS = re.compile(r"word/(?:(?P<before>header\d*)|(?P<body>document)|(?P<after>(?:foot|end)notes|footer\d*))\.xml")
FILES, PART_BYTES, ALL_BYTES = 5_000, 60 << 20, 150 << 20
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
BROKEN = "The Word document is broken: its parts cannot be unpacked. Save it again in the program that made it."


def read_docx(source: Source) -> Reading:
    """Read what is printed; text that was deleted in tracked changes is left out."""
    draft = Draft(source, "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    try:
        with zipfile.ZipFile(io.BytesIO(source.content)) as archive:
            _check(archive)
            flow = Flow(draft)
            for part in _parts(archive):
                _show(flow, parse_xml(_content(archive, part), "The Word document"))
                flow.line()
            draft.metadata = _metadata(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, RuntimeError) as error:
        raise ReadingError(BROKEN) from error
    return draft.finish()


def _check(archive: zipfile.ZipFile) -> None:
    files = archive.infolist()
    if MAIN not in archive.namelist():
        raise ReadingError("This archive is no Word document. Unpack it and send the documents in it.")
    if len(files) > FILES or sum(file.file_size for file in files) > ALL_BYTES:
        raise ReadingError("The Word document unpacks to more than can be read. Make it smaller or split it.")


def _parts(archive: zipfile.ZipFile) -> list[str]:
    """Headers, the body, then notes and footers."""
    found = [match for name in sorted(archive.namelist()) if (match := PARTS.fullmatch(name))]
    order = {"before": 0, "body": 1, "after": 2}
    return [match[0] for match in sorted(found, key=lambda match: order[match.lastgroup or "after"])]


def _content(archive: zipfile.ZipFile, name: str) -> bytes:
    """The part, unpacked no further than it may be: sizes in the archive's list can lie."""
    with archive.open(name) as part:
        content = part.read(PART_BYTES + 1)
    if len(content) > PART_BYTES:
        raise ReadingError("The Word document unpacks to more than can be read. Make it smaller or split it.")
    return content


def _show(flow: Flow, root: Element) -> None:
    """Write a part's text, walking without recursion."""
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        if element.tag == ALTERNATIVE:
            # The same text box again, for older programs.
            if event == "start":
                walk.skip_subtree()
        elif str(element.tag).startswith(WORD):
            (_open if event == "start" else _close)(flow, element, local_name(element))


def _open(flow: Flow, element: Element, name: str) -> None:
    if name == "t":
        flow.text(element.text or "")
    elif name == "tab" and _in_run(element):
        flow.tab()
    elif name in {"br", "cr", "p"}:
        flow.line()
    elif name == "noBreakHyphen":
        flow.text("-")
    elif name == "tbl":
        flow.open_table(values=_holds_values(element))
    elif name == "tr":
        flow.open_row()
    elif name == "tc":
        flow.open_cell()


def _in_run(element: Element) -> bool:
    """Whether a tab is one in the text, not one of a paragraph's settings."""
    around = element.getparent()
    return around is not None and around.tag == f"{WORD}r"


def _close(flow: Flow, element: Element, name: str) -> None:
    if name == "p":
        flow.line()
    elif name == "tc":
        span = element.find(f"{WORD}tcPr/{WORD}gridSpan")
        width = span.get(f"{WORD}val", "1") if span is not None else "1"
        flow.close_cell(int(width) if width.isascii() and width.isdigit() and len(width) < 4 else 1)
    elif name == "tbl":
        flow.close_table()


def _holds_values(table: Element) -> bool:
    """Whether it is a table of values: others only lay out the page."""
    return len(table.findall(f"{WORD}tr")) > 1 and next(table.iterdescendants(f"{WORD}tbl"), None) is None


def _metadata(archive: zipfile.ZipFile) -> Metadata:
    if "docProps/core.xml" not in archive.namelist():
        return Metadata()
    core = parse_xml(_content(archive, "docProps/core.xml"), "The Word document")
    values = {local_name(element): (element.text or "").strip() or None for element in core}
    return Metadata(
        title=values.get("title"),
        author=values.get("creator"),
        language=values.get("language"),
        created=values.get("created"),
    )
