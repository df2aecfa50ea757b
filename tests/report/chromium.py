"""A headless Chromium that is driven over its DevTools protocol, as a user would use it."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from pathlib import Path

import websocket

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next((path for path in map(shutil.which, NAMES) if path), None)
WHY_NOT = "no Chromium on this machine"

_PATIENCE_S = 60.0
_KEYS = {"Tab": 9, "Enter": 13}


class Chromium:
    """One browser with one page; what it says and asks for is kept.

    Attributes
    ----------
    said
        Errors and warnings on the console, exceptions of scripts, and complaints of the browser.
    asked
        Addresses of all requests but those for data that the page itself holds.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0
        self.said: list[str] = []
        self.asked: list[str] = []
        self._events: list[dict] = []

    def __enter__(self) -> Chromium:
        command = [
            BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--disable-background-networking", "--disable-component-update",
            "--remote-debugging-port=0", "--remote-allow-origins=*",
            "--window-size=1200,900", f"--user-data-dir={self._folder}", "about:blank",
        ]  # fmt: skip
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            self._connect()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()
        self._stop()

    def _stop(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)

    def _connect(self) -> None:
        port_file = self._folder / "DevToolsActivePort"
        until = time.monotonic() + _PATIENCE_S
        while not (port_file.exists() and port_file.read_text().count("\n")):
            assert self._process.poll() is None, "Chromium ended at once"
            assert time.monotonic() < until, "Chromium does not answer"
            time.sleep(0.05)
        port, path = port_file.read_text().split()
        self._socket = websocket.create_connection(
            f"ws://127.0.0.1:{port}{path}", timeout=_PATIENCE_S
        )
        self._session = None
        targets = self.call("Target.getTargets")["targetInfos"]
        (page,) = [one for one in targets if one["type"] == "page"]
        answer = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = answer["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "Accessibility"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: object) -> dict:
        """Call a method of the protocol and return its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer)
                return answer["result"]
            self._note(answer)

    def _note(self, event: dict) -> None:
        method, given = event.get("method"), event.get("params", {})
        if method == "Network.requestWillBeSent":
            address = given["request"]["url"]
            if not address.startswith("data:"):
                self.asked.append(address)
        elif method == "Runtime.exceptionThrown":
            self.said.append(str(given["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and given["type"] in ("error", "warning"):
            self.said.append(str(given["args"]))
        elif method == "Log.entryAdded" and given["entry"]["level"] in ("error", "warning"):
            self.said.append(str(given["entry"]))
        self._events.append(event)

    def open(self, address: str) -> None:
        """Load a page, until its load event."""
        self._events.clear()
        self.call("Page.navigate", url=address)
        while not any(event.get("method") == "Page.loadEventFired" for event in self._events):
            self._note(json.loads(self._socket.recv()))

    def evaluate(self, expression: str) -> object:
        """Value of an expression of JavaScript, of a promise what it brings."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, (expression, answer["exceptionDetails"])
        return answer["result"].get("value")

    def settle(self) -> None:
        """Wait until the page has drawn itself again."""
        self.evaluate(
            "new Promise(done => requestAnimationFrame(() => setTimeout(() => done(1), 30)))"
        )

    def click(self, selector: str) -> None:
        """Press and release the mouse over the middle of an element, which must be on top there."""
        quoted = json.dumps(selector)
        self.evaluate(
            f"document.querySelector({quoted})"
            ".scrollIntoView({block: 'center', behavior: 'instant'})"
        )
        self.settle()
        x, y, hit = self.evaluate(
            f"(() => {{ const e = document.querySelector({quoted}), b = e.getBoundingClientRect();"
            " const x = b.x + b.width / 2, y = b.y + b.height / 2;"
            " return [x, y, e.contains(document.elementFromPoint(x, y))]; })()"
        )
        assert hit, f"{selector} is covered or out of sight"
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        self.settle()

    def press(self, key: str) -> None:
        """Press a key: Tab or Enter."""
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key,
                windowsVirtualKeyCode=_KEYS[key], **text,
            )  # fmt: skip
        self.settle()

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.call("Input.insertText", text=text)
        self.settle()

    def scheme(self, name: str) -> None:
        """Ask for a light or a dark page."""
        feature = {"name": "prefers-color-scheme", "value": name}
        self.call("Emulation.setEmulatedMedia", features=[feature])
        self.settle()

    def size(self, width: int, height: int) -> None:
        """Set the size of the window, in pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height,
            deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        self.settle()

    def picture(self, path: Path) -> None:
        """Write what the window shows as a PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot")["data"]))
