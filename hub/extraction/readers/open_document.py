"""ODT, ODS and ODP: what is printed, straight from the XML in the archive."""

from lxml import etree

from hub.extraction.readers.draft import Draft
from hub.extraction.readers.flow import Flow
from hub.extraction.readers.markup import Element, local_name, parse_xml
from hub.extraction.readers.packages import Package, opened
from hub.extraction.readers.sheets import CELLS, Sheet
from hub.extraction.readers.source import Source
from hub.extraction.reading import Metadata, Reading, ReadingError

WHAT = "The OpenDocument file"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
# Comments, deleted text, and what only steers programs.
UNSEEN = frozenset(
    [f"{OFFICE}annotation", f"{OFFICE}forms", f"{TEXT}tracked-changes", f"{TEXT}sequence-decls", f"{TABLE}shapes"]
)
ENCRYPTED = "The document is encrypted. Remove its password and try again."


def read_open_document(source: Source) -> Reading:
    """Read headers, the text or the sheets, then footers."""
    with opened(source.content, WHAT) as package:
        if "META-INF/manifest.xml" in package and b"encryption-data" in package.part("META-INF/manifest.xml"):
            raise ReadingError(ENCRYPTED)
        draft = Draft(source, package.part("mimetype").decode("ascii", "replace").strip())
        body = parse_xml(package.part("content.xml"), WHAT).find(f"{OFFICE}body")
        if body is not None and (sheets := body.find(f"{OFFICE}spreadsheet")) is not None:
            _sheets(draft, sheets)
        elif body is not None:
            _document(draft, package, body)
        draft.metadata = _metadata(package)
    return draft.finish()


def _document(draft: Draft, package: Package, body: Element) -> None:
    flow = Flow(draft)
    styles = parse_xml(package.part("styles.xml"), WHAT) if "styles.xml" in package else None
    for part in styles.iter(f"{STYLE}header") if styles is not None else ():
        _show(flow, part)
    _show(flow, body)
    for part in styles.iter(f"{STYLE}footer") if styles is not None else ():
        _show(flow, part)
    draft.write("\n" if draft.length else "")


def _show(flow: Flow, root: Element) -> None:
    """Write what is seen, walking without recursion; text stands only in paragraphs and what lies in them."""
    walk = etree.iterwalk(root, events=("start", "end"))
    paragraphs = 0
    for event, element in walk:
        if event == "start" and element.tag in UNSEEN:
            walk.skip_subtree()
        elif event == "start":
            paragraphs += element.tag in {f"{TEXT}p", f"{TEXT}h"}
            _open(flow, element)
            if paragraphs and element.text:
                flow.text(element.text)
        else:
            if element.tag not in UNSEEN:
                _close(flow, element)
                paragraphs -= element.tag in {f"{TEXT}p", f"{TEXT}h"}
            if paragraphs and element.tail and element is not root:
                flow.text(element.tail)


def _open(flow: Flow, element: Element) -> None:
    if element.tag in {f"{TEXT}p", f"{TEXT}h", f"{TEXT}line-break"}:
        flow.line()
    elif element.tag == f"{TEXT}tab":
        flow.tab()
    elif element.tag == f"{TEXT}s":
        # Blanks beyond the first: several set words apart.
        (flow.tab if _count(element, f"{TEXT}c") > 1 else flow.blank)()
    elif element.tag == f"{TABLE}table":
        flow.open_table(values=_holds_values(element))
    elif element.tag == f"{TABLE}table-row":
        flow.open_row()
    elif element.tag == f"{TABLE}table-cell":
        flow.open_cell()


def _close(flow: Flow, element: Element) -> None:
    if element.tag in {f"{TEXT}p", f"{TEXT}h"}:
        flow.line()
    elif element.tag == f"{TABLE}table-cell":
        flow.close_cell(_count(element, f"{TABLE}number-columns-spanned"))
    elif element.tag == f"{TABLE}table":
        flow.close_table()


def _holds_values(table: Element) -> bool:
    """Whether it is a table of values: others only lay out the page."""
    rows = sum(1 for _ in table.iter(f"{TABLE}table-row"))
    return rows > 1 and next(table.iterdescendants(f"{TABLE}table"), None) is None


def _sheets(draft: Draft, body: Element) -> None:
    left = CELLS
    for table in body.iterchildren(f"{TABLE}table"):
        sheet = Sheet(draft, table.get(f"{TABLE}name", "Sheet"))
        number = 1
        for row in table.iter(f"{TABLE}table-row"):
            texts, looked_at = _texts(row)
            times = _count(row, f"{TABLE}number-rows-repeated")
            left -= looked_at + (times * len(texts))
            if left < 0:
                raise ReadingError(f"The sheets have more than {CELLS:,} cells. Split them.")
            for repeated in range(times if texts else 0):
                sheet.row(number + repeated, texts)
            number += times
        sheet.close()


def _texts(row: Element) -> tuple[dict[int, str], int]:
    """What the cells show by column, and how many were looked at."""
    texts: dict[int, str] = {}
    column = looked_at = 1
    for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
        times = _count(cell, f"{TABLE}number-columns-repeated")
        looked_at += 1
        if text := _shown(cell):
            looked_at += times
            if looked_at > CELLS:
                break
            texts.update(dict.fromkeys(range(column, column + times), text))
        column += times
    return texts, looked_at


def _shown(cell: Element) -> str:
    """A day is written as an ISO date, whatever it looks like."""
    day = cell.get(f"{OFFICE}date-value")
    if day:
        return day.removesuffix("T00:00:00")[:25]
    lines = ("".join(map(str, paragraph.itertext())) for paragraph in cell.iterchildren(f"{TEXT}p"))
    return " ".join(" ".join(lines).split())


def _count(element: Element, attribute: str) -> int:
    count = element.get(attribute, "1")
    return max(int(count), 1) if count.isascii() and count.isdigit() and len(count) < 8 else 1


def _metadata(package: Package) -> Metadata:
    if "meta.xml" not in package:
        return Metadata()
    values: dict[str, str] = {}
    for element in parse_xml(package.part("meta.xml"), WHAT).iter():
        if text := " ".join((element.text or "").split()):
            values.setdefault(local_name(element), text)
    return Metadata(
        title=values.get("title"),
        author=values.get("creator") or values.get("initial-creator"),
        language=values.get("language"),
        created=values.get("creation-date"),
    )
