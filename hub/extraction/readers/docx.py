"""DOCX: headers, paragraphs, tables, notes and footers, straight from the XML in the archive."""

import re

from lxml import etree

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.flow import Flow
from hub.extraction.readers.markup import Element, local_name, parse_xml
from hub.extraction.readers.packages import core_metadata, opened
from hub.extraction.readers.source import Source
from hub.extraction.reading import Reading

WHAT = "The Word document"
PARTS = re.compile(r"word/(?:(?P<before>header\d*)|(?P<body>document)|(?P<after>(?:foot|end)notes|footer\d*))\.xml")
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
ALTERNATIVE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


def read_docx(source: Source) -> Reading:
    """Read what is printed; text that was deleted in tracked changes is left out."""
    draft = Draft(source, "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    with opened(source.content, WHAT) as package:
        flow = Flow(draft)
        for part in _parts(package.names):
            _show(flow, parse_xml(package.part(part), WHAT))
            flow.line()
        draft.metadata = core_metadata(package, WHAT)
    return draft.finish()


def _parts(names: list[str]) -> list[str]:
    """Headers, the body, then notes and footers."""
    found = [match for name in sorted(names) if (match := PARTS.fullmatch(name))]
    order = {"before": 0, "body": 1, "after": 2}
    return [match[0] for match in sorted(found, key=lambda match: order[match.lastgroup or "after"])]


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
