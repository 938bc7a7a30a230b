"""Somebody who has never seen the product: does only what is visible and labelled, and counts every action."""

from playwright.async_api import Locator, Page, expect


class Newcomer:
    """Clicks and fills what is found by its role and its name, as it is read out."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions = 0

    async def click(self, role: str, name: str, *, exact: bool = True) -> None:
        """Click the one control of this name."""
        await (await self._find(role, name, exact)).click()

    async def fill(self, role: str, name: str, text: str) -> None:
        """Write into the one field of this name."""
        await (await self._find(role, name, exact=True)).fill(text)

    async def _find(self, role: str, name: str, exact: bool) -> Locator:
        # Playwright types roles as a list of literals
        within = self.page.get_by_role("dialog").or_(self.page.locator("body")).last
        found = within.get_by_role(role, name=name, exact=exact)  # type: ignore[arg-type]  # any role of the list
        await expect(found).to_have_count(1)
        await expect(found).to_be_visible()
        self.actions += 1
        return found
