"""CSS selectors as people type them."""

from __future__ import annotations


def check_selector(selector: str) -> None:
    """Raise ValueError when a CSS selector is not one."""
    if not selector:
        return
    from cssselect import HTMLTranslator, SelectorError

    try:
        HTMLTranslator().css_to_xpath(selector)
    except SelectorError as error:
        raise ValueError(f"This is not a CSS selector: {selector[:100]}") from error
