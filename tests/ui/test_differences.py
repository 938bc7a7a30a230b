"""How a page that has changed is shown: what came and what went, line by line."""

from __future__ import annotations

import json

from playwright.async_api import expect

from tests.ui.accessibility import violations
from tests.ui.hub import Session

DIFF = "  Nails\n- 4.00 EUR\n+ 4.20 EUR\n+ <b>new</b>"


async def test_a_difference_is_shown_line_by_line(owner: Session):
    steps = [{"id": "note", "uses": "set", "with": {"fields": {"diff": "{{ trigger.diff }}", "note": "- none"}}}]
    document = {"apiVersion": "patchdeck/v1", "kind": "Recipe", "metadata": {"name": "compared"}}
    made = await owner.recipe(
        json.dumps({**document, "spec": {"trigger": {"uses": "webhook.received"}, "steps": steps}})
    )
    content = {"url": "https://shop.example/nails", "diff": DIFF}
    started = await owner.call("POST", f"/recipes/{made['id']}/runs", {"content": content})
    item = started["item"]
    page = await owner.page(f"/items/{item}")
    lines = page.locator(".pd-diff").first.locator(".pd-diff-line")
    await expect(lines).to_have_text(["  Nails", "- 4.00 EUR", "+ 4.20 EUR", "+ <b>new</b>"])
    await expect(page.locator(".pd-diff").first.locator(".pd-diff-in")).to_have_text(["+ 4.20 EUR", "+ <b>new</b>"])
    await expect(page.locator(".pd-diff").first.locator(".pd-diff-out")).to_have_text(["- 4.00 EUR"])
    assert [one for one in await violations(page) if "pd-diff" in one] == []
    await page.close()
