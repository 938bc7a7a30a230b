"""Moments as the person's own browser says them."""

from playwright.async_api import Browser

from tests.ui.hub import Session


async def test_a_moment_is_told_in_the_browsers_language_and_time_zone(owner: Session, chromium: Browser) -> None:
    state = await owner.browser.storage_state()
    context = await chromium.new_context(locale="de-DE", timezone_id="Asia/Tokyo", storage_state=state)
    page = await context.new_page()
    await page.goto(f"{owner.base}/settings?tab=account")
    moment = page.locator("time[datetime]").first
    await moment.hover()
    said = "(one) => new Date(one.dateTime).toLocaleDateString('de-DE', {dateStyle: 'full', timeZone: 'Asia/Tokyo'})"
    day: str = await moment.evaluate(said)
    assert day in (await moment.get_attribute("title") or "")
    await context.close()
