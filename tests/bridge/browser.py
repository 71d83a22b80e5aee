"""A headless Chromium driven through its own debugging protocol: opens a page, runs scripts in it, takes its picture."""

import base64
import contextlib
import itertools
import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def found_chromium() -> str | None:
    """The path of a Chromium, or None; SIMBRIDGE_CHROMIUM names one that is elsewhere."""
    named = os.environ.get("SIMBRIDGE_CHROMIUM")
    return named or next((path for path in map(shutil.which, NAMES) if path), None)


class Page:
    """One tab; `complaints` are the errors that its console has seen."""

    def __init__(self, endpoint: str) -> None:
        self._ends = contextlib.ExitStack()
        self._socket = self._ends.enter_context(connect(endpoint, max_size=1 << 26, open_timeout=60))
        self._numbers = itertools.count(1)
        self.complaints: list[str] = []
        self.requested: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The answer to a command of the protocol."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=120))
            if message.get("id") == number:
                assert "error" not in message, message["error"]
                return message["result"]
            self._note(message)

    def run(self, script: str) -> Any:
        """What a script's value is."""
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, script: str, *, timeout_s: float = 120.0) -> Any:
        """What a script's value is as soon as it is true."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            value = self.run(script)
            if value:
                return value
            time.sleep(0.1)
        raise AssertionError(f"not true within {timeout_s:g} s: {script}; complaints: {self.complaints}")

    def screenshot(self) -> bytes:
        """The tab's picture as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def close(self) -> None:
        self._ends.close()

    def _note(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        if message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"])[:600])
        if message.get("method") == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(params["entry"]["text"])
        if message.get("method") == "Network.requestWillBeSent":
            self.requested.append(params["request"]["url"])


@contextlib.contextmanager
def opened(chromium: str, url: str, profile: Path, *, size: tuple[int, int] = (1280, 720)) -> Iterator[Page]:
    """A page in a browser of its own."""
    command = [
        chromium, "--headless=new", "--no-sandbox", "--remote-debugging-port=0", f"--user-data-dir={profile}",
        f"--window-size={size[0]},{size[1]}", "--no-first-run", "--disable-background-networking",
        "--disable-dev-shm-usage", "--hide-scrollbars", "--enable-unsafe-swiftshader", "about:blank",
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
        try:
            port = _port(profile / "DevToolsActivePort", browser)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=60) as answer:
                tabs = json.load(answer)
            page = Page(next(tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"))
            page.call(
                "Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=1, mobile=False
            )
            page.call("Page.navigate", url=url)
            try:
                yield page
            finally:
                page.close()
        finally:
            browser.terminate()


def _port(path: Path, browser: subprocess.Popen[bytes], *, timeout_s: float = 60.0) -> int:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        assert browser.poll() is None, f"the browser ended with {browser.returncode}"
        lines = path.read_text().split("\n") if path.exists() else []
        if len(lines) > 1:
            return int(lines[0])
        time.sleep(0.05)
    raise AssertionError(f"the browser did not say its port within {timeout_s:g} s")
