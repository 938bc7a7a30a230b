"""Somebody who has a keyboard and no mouse, and sees where the keyboard is or gives up."""

from playwright.async_api import Page

FARTHEST = 250
# What the keyboard is on, and whether that is seen: in view, with what the browser marks as reached by keys
SEEN = """() => {
  const at = document.activeElement, box = at.getBoundingClientRect();
  const seen = at.matches(":focus-visible") && box.width * box.height > 0 && box.bottom > 0 && box.top < innerHeight;
  return seen || at === document.body;
}"""
AT = """() => document.activeElement.closest("[data-testid]")?.dataset.testid ?? "" """
HELD = "() => document.activeElement !== document.body"


class Typist:
    """Walks with Tab from control to control; presses, and writes."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def to(self, mark: str, key: str = "Tab") -> None:
        """Walk until the keyboard is on a control; every stop on the way must be seen."""
        for _ in range(FARTHEST):
            await self._page.keyboard.press(key)
            await self._page.wait_for_function(SEEN)
            if await self._page.evaluate(AT) == mark:
                return
        raise AssertionError(f"No Tab leads to {mark!r}.")

    async def press(self, mark: str, key: str = "Enter", by: str = "Tab") -> None:
        """Walk to a control and press a key there; the keyboard must then still be somewhere."""
        await self.to(mark, by)
        await self._page.keyboard.press(key)
        await self._page.wait_for_function(HELD)

    async def follow(self, mark: str, address: str, by: str = "Tab") -> None:
        """Walk to a control that leads to another page."""
        await self.to(mark, by)
        await self._page.keyboard.press("Enter")
        await self._page.wait_for_url(address)

    async def write(self, mark: str, text: str, by: str = "Tab") -> None:
        """Walk to a field and put a text into it."""
        await self.to(mark, by)
        await self.put(text)

    async def put(self, text: str) -> None:
        """Put a text into the field that the keyboard is on."""
        await self._page.keyboard.press("Control+a")
        await self._page.keyboard.type(text)
