"""The words of a page, for mails that come without a text of their own."""

from __future__ import annotations

import re

_BREAKING = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote"})
_UNSEEN = frozenset({"script", "style", "head", "title"})


def plain(html: str) -> str:
    """Return the words of a page, a line for each block, for mails that come without a text of their own."""
    if not html.strip():
        return ""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    try:
        page = document_fromstring(html.encode(), parser=HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ""
    words: list[str] = []
    walk = etree.iterwalk(page, events=("start", "end"))
    for event, element in walk:
        starts, hidden = event == "start", element.tag in _UNSEEN or not isinstance(element.tag, str)
        if element.tag in _BREAKING:
            words.append("\n")
        if starts and hidden:
            walk.skip_subtree()
        words.append((element.text if starts and not hidden else None) or "")
        words.append((element.tail if not starts else None) or "")
    lines = (" ".join(line.split()) for line in "".join(words).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
