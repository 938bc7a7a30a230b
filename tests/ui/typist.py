"""Somebody who has a keyboard and no mouse, and sees where the keyboard is or gives up."""

from playwright.async_api import Page

FARTHEST = 250
# What the keyboard is on, once that is seen: in view, with what the browser marks as reached by keys
SEEN = """async () => {
  const inView = ({ width, height, bottom, top }) => width * height > 0 && bottom > 0 && top < innerHeight;
  const seen = (at) => at.matches(":focus-visible") && inView(at.getBoundingClientRect());
  for (let at, until = performance.now() + 60000; performance.now() < until; await new Promise(requestAnimationFrame)) {
    at = document.activeElement;
    if (at === document.body || seen(at)) return at.closest("[data-testid]")?.dataset.testid ?? "";
  }
  throw new Error("The keyboard is on what nobody sees: " + document.activeElement.outerHTML.slice(0, 200));
}"""
HELD = "() => document.activeElement !== document.body"


class Typist:
    """Walks with Tab from control to control; presses, and writes."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def to(self, mark: str, key: str = "Tab") -> None:
        """Walk until the keyboard is on a control; every stop on the way must be seen."""
        await self._page.get_by_test_id(mark).first.wait_for(state="attached")
        for _ in range(FARTHEST):
            await self._page.keyboard.press(key)
            if await self._page.evaluate(SEEN) == mark:
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
