"""A real browser without a screen: Chromium, driven over its own protocol (DevTools) through one web socket.

Belongs here: starting it, clicking, waiting, pictures. Does not: what a page of Dagster holds. No driver package is needed:
the protocol is JSON, and the web socket library is there with Dagster's web server.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.e2e.dagster_ui import wait_for

_FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
    *("--window-size=1500,1000", "--remote-debugging-port=0"),
]
_PATIENCE = 60.0


def chromium() -> str | None:
    """The browser of this machine, if it has one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Page:
    """One tab."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)

    def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol, and its answer."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            said = json.loads(self._socket.recv(timeout=_PATIENCE))
            if said.get("id") == number:
                assert "error" not in said, said
                return dict(said["result"])

    def open(self, address: str) -> None:
        """Goes to an address."""
        self.command("Page.navigate", url=address)

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression."""
        answer = self.command("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def text(self) -> str:
        """All that a person can read."""
        return str(self.evaluate("document.body ? document.body.innerText : ''"))

    def wait_for_text(self, *wanted: str, seconds: float = _PATIENCE) -> str:
        """Waits until the page shows all of these texts."""
        try:
            return wait_for(
                lambda: text if all(each in (text := self.text()) for each in wanted) else None, seconds, str(wanted)
            )
        except TimeoutError as error:
            raise AssertionError(f"{error}; the page says:\n{self.text()[:3000]}") from None

    def click(
        self, label: str, *, tag: str = "button, a, [role=tab], [role=menuitem], label", seconds: float = _PATIENCE
    ) -> None:
        """Clicks what bears this very label, with a real mouse event, once it is there, stands still and lies on top."""
        script = f"""(() => {{
            const found = [...document.querySelectorAll({json.dumps(tag)})].filter(e =>
                (e.innerText || '').trim() === {json.dumps(label)} && !e.disabled && e.getBoundingClientRect().width > 0);
            if (!found.length) return null;
            const e = found[found.length - 1];
            e.scrollIntoView({{block: 'center'}});
            const box = e.getBoundingClientRect();
            const at = [box.x + box.width / 2, box.y + box.height / 2];
            const hit = document.elementFromPoint(...at);
            return hit && (e.contains(hit) || hit.contains(e)) ? at : null;
        }})()"""

        def place() -> list[float] | None:
            # Who clicks while a page that is still loading pushes things down clicks on something else.
            before = self.evaluate(script)
            time.sleep(0.3)
            return before if before == self.evaluate(script) else None

        try:
            x, y = wait_for(place, seconds, f"something to click that says {label!r}")
        except TimeoutError as error:
            raise AssertionError(f"{error}; the page says:\n{self.text()[:3000]}") from None
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self, file: Path) -> None:
        """Saves what is seen as PNG."""
        file.write_bytes(base64.b64decode(self.command("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """A tab of a new browser with a profile of its own.

    Args:
        folder: Where the profile goes; it must not exist.
    """
    program = chromium()
    assert program, "no Chromium on this machine"
    folder.mkdir(parents=True)
    process = subprocess.Popen(
        [program, *_FLAGS, f"--user-data-dir={folder}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        port_file = folder / "DevToolsActivePort"
        wait_for(lambda: port_file.is_file() and len(port_file.read_text().split()) > 1, _PATIENCE, "Chromium")
        port = int(port_file.read_text().split()[0])
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=_PATIENCE) as answer:
            tabs = [tab for tab in json.load(answer) if tab["type"] == "page"]
        with connect(tabs[0]["webSocketDebuggerUrl"], max_size=None) as socket:
            page = Page(socket)
            page.command("Page.enable")
            yield page
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        time.sleep(0.2)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
