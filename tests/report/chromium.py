"""The Chromium of this machine, headless, as a user would use it."""

from __future__ import annotations

import shutil

from playwright.sync_api import ConsoleMessage, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for path in map(shutil.which, NAMES) if path), None)
WHY_NOT = "no Chromium on this machine"


class Chromium:
    """One browser with one page; what it says and asks for is kept.

    Attributes
    ----------
    said
        Errors and warnings on the console, exceptions of scripts, and complaints of the browser.
    asked
        Addresses of all requests but those for data that the page itself holds.
    """

    def __init__(self) -> None:
        self.said: list[str] = []
        self.asked: list[str] = []

    def __enter__(self) -> Chromium:
        self._playwright = sync_playwright().start()
        try:
            self._browser = self._playwright.chromium.launch(executable_path=BROWSER)
            self._page = self._browser.new_page(viewport={"width": 1200, "height": 900})
        except BaseException:
            self._playwright.stop()
            raise
        self._page.on("console", self._hear)
        self._page.on("pageerror", lambda error: self.said.append(str(error)))
        self._page.on("request", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._playwright.stop()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.said.append(message.text)

    def _note(self, request: Request) -> None:
        if not request.url.startswith("data:"):
            self.asked.append(request.url)

    def open(self, address: str) -> None:
        """Load a page, until its load event."""
        self._page.goto(address)

    def evaluate(self, expression: str) -> object:
        """Value of an expression of JavaScript, of a promise what it brings."""
        return self._page.evaluate(expression)

    def settle(self) -> None:
        """Wait until the page has drawn itself again."""
        self.evaluate(
            "new Promise(done => requestAnimationFrame(() => setTimeout(() => done(1), 30)))"
        )

    def click(self, selector: str) -> None:
        """Click on an element, which must be in sight and on top once it is scrolled to."""
        self._page.click(selector)
        self.settle()

    def press(self, key: str) -> None:
        """Press a key, such as Tab or Enter."""
        self._page.keyboard.press(key)
        self.settle()

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self._page.keyboard.type(text)
        self.settle()

    def scheme(self, name: str) -> None:
        """Ask for a light or a dark page."""
        self._page.emulate_media(color_scheme=name)
        self.settle()

    def size(self, width: int, height: int) -> None:
        """Set the size of the window, in pixels."""
        self._page.set_viewport_size({"width": width, "height": height})
        self.settle()
