"""Moments as the person's own browser says them."""

import re

from playwright.async_api import Browser, expect

from tests.ui.hub import Session, new_context


async def test_a_moment_is_told_in_the_browsers_language_and_time_zone(owner: Session, chromium: Browser) -> None:
    state = await owner.browser.storage_state()
    context = await new_context(chromium, locale="de-DE", timezone_id="Asia/Tokyo", storage_state=state)
    page = await context.new_page()
    await page.goto(f"{owner.base}/settings?tab=account")
    moment = page.locator("time[datetime]").first
    await moment.hover()
    said = "(one) => new Date(one.dateTime).toLocaleDateString('de-DE', {dateStyle: 'full', timeZone: 'Asia/Tokyo'})"
    day: str = await moment.evaluate(said)
    await expect(moment).to_have_attribute("title", re.compile(re.escape(day)))
    await context.close()
