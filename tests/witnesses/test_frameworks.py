"""Servers that nobody here wrote: what the suite says of them, requirement by requirement, and why.

What is not named in a table passes, or is observed, or is left out by the profile.
"""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3

from conformance.results import read
from tests.support import ROOT, SPECS, Ended, conformance, environment

_PRISM = Path(__file__).parent / "prism" / "node_modules" / ".bin" / "prism"

DJANGO = {
    # The cursors of the framework: they count their way through ties, and give up at a thousand.
    "page.complete": "fail",
    "page.terminates": "fail",
    # Walking back among ties skips an item and shows another order.
    "page.previous": "fail",
    # A newer item shifts the count, and one is shown twice.
    "page.stable-under-writes": "warn",
    # An altered cursor is read as position nought: the first page again.
    "page.bad-cursor": "warn",
    # This listing reads a bare date as midnight in the server's own zone, at both ends.
    "filter.date-only": "fail",
    "filter.date-only-end": "fail",
    "filter.date-only-utc": "warn",
    # It has no other filters than agents and dates, and so ignores them.
    "page.empty": "fail",
    "filter.time-of-day": "fail",
    "filter.time-of-day-second": "warn",
    "filter.duration": "fail",
    "filter.voice": "fail",
    "filter.metadata": "fail",
    "filter.search": "warn",
    "filter.conjunction": "fail",
    "filter.bad-value": "warn",
    # A cursor whose instant is spoilt is compared with the column all the same, and ends in a traceback.
    "input.no-5xx": "fail",
    # It has no way to read one tombstone.
    "auth.other-account": "untestable",
}

PRISM_DELETE = {
    # A mock answers every id with the document's example, ...
    "delete.unknown": "fail",
    # ... takes any credential that has the right form, and knows none of the supporting operations.
    "auth.required": "fail",
    "auth.required-supporting": "warn",
    "status.documented-supporting": "warn",
    # It never answers some requests that carry a body.
    "input.no-5xx": "fail",
}

PRISM_LIST = {
    "auth.required": "fail",
    "input.no-5xx": "fail",
    # The document's own example of `next` ends in a quote and is no URI.
    "schema.response": "fail",
    # Its one page links to itself, so that there is no walk to judge.
    **dict.fromkeys(
        (
            *("page.complete", "page.no-duplicates", "page.terminates", "page.size", "page.same-order", "page.total"),
            *("page.next-usable", "page.next-origin", "page.cursor-alone", "page.previous", "page.previous-present"),
            *("page.repeatable", "page.bad-cursor", "page.size-bounds", "page.empty", "tombstone.consistent"),
            *(
                "filter.from",
                "filter.to",
                "filter.search",
                "filter.conjunction",
                "filter.partition",
                "filter.bad-value",
            ),
            "schema.response-supporting",
        ),
        "untestable",
    ),
}


def remarkable(folder: Path, vendor: str) -> dict[str, str]:
    """The verdicts that are neither a pass, nor observed, nor left out."""
    results = read(folder / vendor).results
    quiet = {"pass", "observed", "not-applicable"}
    return {r["requirement"].partition(".")[2]: r["verdict"] for r in results if r["verdict"] not in quiet}


@contextmanager
def child(*words: str | Path, cwd: Path) -> Iterator[None]:
    """A server process for as long as the `with` block lasts."""
    command = [str(word) for word in words]
    process = subprocess.Popen(
        command, cwd=cwd, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def until(ready: str, seconds: float = 30) -> None:
    """Wait for a server to answer anything at all."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib3.request("GET", ready, retries=False, timeout=2)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{ready} did not come up in {seconds} seconds")


def test_the_cursor_pagination_of_django_rest_framework(tmp_path: Path) -> None:
    port, database = tmp_path / "port", tmp_path / "db.sqlite"
    with child(sys.executable, "-m", "tests.witnesses.django_listing", port, database, cwd=ROOT):
        end = time.monotonic() + 30
        while not (port.exists() and port.read_text()) and time.monotonic() < end:
            time.sleep(0.1)
        url, key = port.read_text().split()
        words = ("run", "--contract", "ultravox", "--target", url, "--state-url", f"{url}/_state", "--report", tmp_path)
        ended = conformance(*words, cwd=tmp_path, within=200, CONFORMANCE_API_KEY=key)
    assert remarkable(tmp_path, "ultravox") == DJANGO, ended.out
    assert ended.code == 1


@pytest.mark.skipif(
    not _PRISM.exists() or shutil.which("node") is None,
    reason="needs Prism: npm ci in tests/witnesses/prism (.ci/run does it)",
)
@pytest.mark.parametrize(("vendor", "expected"), [("cartesia", PRISM_DELETE), ("ultravox", PRISM_LIST)])
def test_the_mock_that_prism_makes_of_the_document(vendor: str, expected: dict[str, str], tmp_path: Path) -> None:
    ended = _against_prism(vendor, tmp_path)
    assert remarkable(tmp_path, vendor) == expected, ended.out
    assert ended.code == 1


def _against_prism(vendor: str, folder: Path) -> Ended:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    (folder / "c.toml").write_text(f"[targets.prism]\nurl = {json.dumps(url)}\ntimeout = 2\n")
    with child(_PRISM, "mock", "-p", str(port), SPECS / vendor / "openapi.yaml", cwd=folder):
        until(url)
        words = ("run", "--contract", vendor, "--target", "prism", "--config", "c.toml", "--profile", "stateless")
        key = "a-key-that-prism-does-not-look-at"
        return conformance(*words, "--report", folder, cwd=folder, within=200, CONFORMANCE_API_KEY=key)
