"""HTML: what a reader would see, with tables; nothing is run, loaded or followed."""

import json
import re

from lxml import etree

from hub.extraction.readers.characters import clean
from hub.extraction.readers.draft import Draft
from hub.extraction.readers.flow import Flow
from hub.extraction.readers.markup import ELEMENTS, Element
from hub.extraction.readers.microdata import microdata_of
from hub.extraction.readers.plain import text_of
from hub.extraction.readers.selection import selected
from hub.extraction.readers.source import Source
from hub.extraction.reading import Embedded, Metadata, Reading, ReadingError

CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
UNSEEN = frozenset(
    [
        *("script", "style", "template", "noscript", "head", "select", "datalist"),
        *("svg", "math", "iframe", "object", "embed", "audio", "video", "canvas"),
    ]
)
BLOCKS = frozenset(
    [
        *("address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog"),
        *("div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6"),
        *("header", "hr", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tr", "ul"),
    ]
)
STRUCTURED = "application/ld+json"


def read_html(source: Source) -> Reading:
    """Read what is shown; metadata and schema.org values come from the head and scripts of data."""
    draft = Draft(source, "text/html")
    write_page(draft, page_text(source.content), Flow(draft), source.options.selector)
    draft.write("\n" if draft.length else "")
    return draft.finish()


def write_page(draft: Draft, text: str, flow: Flow, selector: str | None = None) -> None:
    """Write a page, which may be one of several in a draft, with what it says about itself.

    With a selector only the parts are written that it names.
    """
    root = _parse(text)
    if root is None:
        return
    draft.metadata = _metadata(root)
    root = selected(root, selector) if selector else root
    draft.embedded.extend(_structured(root))
    if items := microdata_of(root):
        content = json.dumps(items, ensure_ascii=False).encode()
        draft.embedded.append(Embedded(kind="schema.org", name="microdata", media_type=STRUCTURED, content=content))
    _Page(flow).show(root)


def page_text(content: bytes) -> str:
    """The page as text, in the encoding that it declares."""
    declared = CHARSET.search(content[:4096])
    if declared:
        try:
            return clean(content.decode(declared[1].decode("ascii")))
        except (LookupError, UnicodeDecodeError):
            return text_of(content)
    return text_of(content)


def _parse(text: str) -> Element | None:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True)
    if not text.strip():
        return None
    root: Element | None = etree.fromstring(text.encode(), parser)
    if root is None:
        return None
    for number, _ in enumerate(root.iter()):
        if number >= ELEMENTS:
            raise ReadingError(f"The page has more than {ELEMENTS:,} elements. Split it.")
    if any("depth" in entry.message for entry in parser.error_log):
        raise ReadingError("The page is nested too deep to be read.")
    return root


class _Page:
    """Walks the tree without recursion and lets what is seen flow."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._kept = 0

    def show(self, root: Element) -> None:
        """Write the element's text and that of all below it."""
        walk = etree.iterwalk(root, events=("start", "end"))
        for event, element in walk:
            name = str(element.tag)
            if event == "start" and _unseen(element, name):
                walk.skip_subtree()
            elif event == "start":
                self._open(element, name)
            else:
                if not _unseen(element, name):
                    self._close(element, name)
                if element.tail and element is not root:
                    self._text(element.tail)

    def _text(self, text: str) -> None:
        self._flow.text(text, kept=self._kept > 0)

    def _open(self, element: Element, name: str) -> None:
        if name in BLOCKS:
            self._flow.line()
        elif _touches(element):
            self._text(" ")
        if name == "table":
            self._flow.open_table(values=_holds_values(element))
        elif name == "tr":
            self._flow.open_row()
        elif name in {"td", "th"}:
            self._flow.open_cell(header=name == "th")
        elif name == "pre":
            self._kept += 1
        elif name in {"input", "textarea"} and element.get("type", "text") in {"text", "number", "date", "email"}:
            self._text(element.get("value", ""))
        if element.text:
            self._text(element.text)

    def _close(self, element: Element, name: str) -> None:
        if name in {"td", "th"}:
            self._flow.close_cell(_columns(element))
        elif name == "table":
            self._flow.close_table()
        elif name == "pre":
            self._kept -= 1
        if name in BLOCKS and name != "br":
            self._flow.line()


def _touches(element: Element) -> bool:
    """Whether two elements stand side by side without a blank; style sheets set such neighbours apart."""
    before = element.getprevious()
    return before is not None and isinstance(before.tag, str) and not before.tail


def _unseen(element: Element, name: str) -> bool:
    return name in UNSEEN or element.get("hidden") is not None or bool(HIDDEN.search(element.get("style", "")[:2000]))


def _holds_values(table: Element) -> bool:
    """Whether it is a table of values: others only lay out the page."""
    rows = 0
    for element in table.iter("table", "tr"):
        if element.tag == "table" and element is not table:
            return False
        rows += element.tag == "tr"
    return rows > 1


def _columns(element: Element) -> int:
    span = element.get("colspan", "1")
    return max(int(span), 1) if span.isascii() and span.isdigit() and len(span) < 4 else 1


def _structured(root: Element) -> list[Embedded]:
    texts = [script.text for script in root.iter("script") if script.get("type", "").strip().lower() == STRUCTURED]
    return [
        Embedded(kind="schema.org", name=f"script[{number}]", media_type=STRUCTURED, content=text.encode())
        for number, text in enumerate(texts, 1)
        if text
    ]


def _metadata(root: Element) -> Metadata:
    named = {
        name.lower(): " ".join(content.split())
        for meta in root.iter("meta")
        if (name := meta.get("property") or meta.get("name") or meta.get("itemprop"))
        and (content := meta.get("content"))
    }
    title = root.find(".//title")
    return Metadata(
        title=" ".join((title.text or "").split()) or None if title is not None else named.get("og:title"),
        author=named.get("author") or named.get("article:author"),
        language=root.get("lang"),
        created=named.get("article:published_time") or named.get("date"),
        properties=named,
    )
