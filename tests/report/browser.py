"""A headless Chromium, driven through chromedriver by plain HTTP (W3C WebDriver): no library is needed."""

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"

MISSING = "; ".join(
    reason
    for reason, there in (
        ("chromium is not installed (apt-get install chromium)", shutil.which("chromium")),
        ("chromedriver is not installed (apt-get install chromium-driver)", shutil.which("chromedriver")),
        ("axe-core is not installed (npm ci in tests/report/axe)", AXE.is_file()),
    )
    if not there
)
"""Why no browser test can run; empty where all can."""

_ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-component-update"),
    *("--disable-background-networking", "--disable-sync", "--hide-scrollbars"),
]


class Browser:
    """One session of a browser."""

    def __init__(self, url: str, profile: Path) -> None:
        self._url = url
        options = {"args": [*_ARGUMENTS, f"--user-data-dir={profile}"], "perfLoggingPrefs": {"enableNetwork": True}}
        capabilities = {
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
        }
        session = self._send("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self._url = f"{url}/session/{session['sessionId']}"

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._url + path, data, {"content-type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as problem:
            raise AssertionError(problem.read().decode()) from None

    def open(self, file: Path, fragment: str = "") -> None:
        """Open a file; what was logged before is forgotten."""
        self._send("POST", "/url", {"url": "about:blank"})
        for kind in ("performance", "browser"):
            self.logged(kind)
        self._send("POST", "/url", {"url": file.as_uri() + fragment})

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script's `return` gives."""
        return self._send("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def later(self, script: str) -> Any:
        """What a script hands to its last argument."""
        return self._send("POST", "/execute/async", {"script": script, "args": []})

    def command(self, name: str, **parameters: Any) -> Any:
        """A command of the DevTools protocol."""
        return self._send("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def dress(self, scheme: str = "light", media: str = "screen", width: int = 1280, *, scripts: bool = True) -> None:
        """Set the colour scheme, the medium, the width of the window and whether scripts run."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.command("Emulation.setEmulatedMedia", media=media, features=features)
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.command("Emulation.setDeviceMetricsOverride", **metrics)
        self.command("Emulation.setScriptExecutionDisabled", value=not scripts)

    def logged(self, kind: str) -> list[dict[str, Any]]:
        """What was logged since the last question."""
        entries: list[dict[str, Any]] = self._send("POST", "/se/log", {"type": kind})
        return entries

    def requested(self) -> list[str]:
        """The addresses that were asked for since the page was opened."""
        messages = [json.loads(entry["message"])["message"] for entry in self.logged("performance")]
        return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]

    def violations(self) -> list[str]:
        """What axe-core finds, rule by rule."""
        self.run(AXE.read_text("utf-8"))
        found = self.later(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations']}).then((r) => done(r.violations), (e) => done([String(e)]))"
        )
        return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" if isinstance(v, dict) else v for v in found]

    def close(self) -> None:
        """End the session."""
        self._send("DELETE", "")


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser with a profile of its own in `folder`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [shutil.which("chromedriver") or "chromedriver", f"--port={port}"]
    driver = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait(port)
        one = Browser(f"http://127.0.0.1:{port}", folder / "profile")
        yield one
        one.close()
    finally:
        driver.terminate()
        driver.wait(10)


def _wait(port: int) -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("chromedriver did not come up")
