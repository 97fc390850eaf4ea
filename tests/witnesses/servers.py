"""Start the servers that nobody here wrote, on free loopback ports."""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import urllib3

_ROOT = Path(__file__).parents[2]

PRISM = Path(__file__).parent / "prism" / "node_modules" / ".bin" / "prism"
"""Stoplight Prism's command, there after `npm ci` in its folder."""

_PATIENCE = 30.0
"""Seconds in which a server must come up."""


@contextmanager
def _child(*words: str | Path) -> Iterator[None]:
    """A process for as long as the `with` block lasts."""
    command = [str(word) for word in words]
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=_PATIENCE)


@contextmanager
def django_listing() -> Iterator[tuple[str, str, str]]:
    """A listing on Django REST Framework's cursors: its URL, its state URL, and a key.

    Raises:
        TimeoutError: it did not come up.
    """
    with tempfile.TemporaryDirectory() as folder:
        said, database = Path(folder) / "said", Path(folder) / "db.sqlite"
        with _child(sys.executable, "-m", "tests.witnesses.django_listing", said, database):
            end = time.monotonic() + _PATIENCE
            while not (said.exists() and said.read_text()):
                if time.monotonic() > end:
                    raise TimeoutError("Django did not come up")
                time.sleep(0.1)
            url, key = said.read_text().split()
            yield url, f"{url}/_state", key


@contextmanager
def prism_mock(vendor: str) -> Iterator[str]:
    """The mock that Prism makes of a vendor's published document: its URL.

    Raises:
        TimeoutError: it did not come up.
    """
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with _child(PRISM, "mock", "-p", str(port), _ROOT / "specs" / vendor / "openapi.yaml"):
        _wait_for(url)
        yield url


def _wait_for(url: str) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        try:
            urllib3.request("GET", url, retries=False, timeout=2)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(f"{url} did not come up in {_PATIENCE:g} seconds")
