"""What axe finds on a page: violations of WCAG 2.1, levels A and AA."""

from importlib.resources import files
from typing import Any

from playwright.async_api import Page

SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text()
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}


async def violations(page: Page) -> list[str]:
    """Return a line for each violation: the rule, where, and what is wrong there."""
    await page.evaluate(SCRIPT)
    found: dict[str, Any] = await page.evaluate("(rules) => axe.run(document, rules)", RULES)
    return [
        f"{rule['id']} at {place['html'][:160]}: {place['failureSummary']}"
        for rule in found["violations"]
        for place in rule["nodes"]
    ]
