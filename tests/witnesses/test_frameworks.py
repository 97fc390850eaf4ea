"""Servers that nobody here wrote: what the suite says of them, requirement by requirement, and why.

What is not named in a table passes, or is observed, or is left out by the profile.
"""

import json
import shutil
from pathlib import Path

import pytest

from conformance.results.files import read
from tests.support import conformance
from tests.witnesses.servers import PRISM, django_listing, prism_mock

pytestmark = pytest.mark.long

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
    "filter.time-of-day-utc": "warn",
    "filter.time-of-day-second": "warn",
    "filter.duration": "fail",
    "filter.voice": "fail",
    "filter.metadata": "fail",
    "filter.search": "warn",
    "filter.conjunction": "fail",
    "filter.bad-value": "warn",
    # A cursor whose instant is spoilt is compared with the column all the same, and ends in a traceback.
    "input.no-5xx": "fail",
    # It tells no total, and has no way to read one tombstone.
    "page.total": "untestable",
    "auth.other-account-refusal": "untestable",
}

PRISM_DELETE = {
    # A mock answers every id with the document's example, ...
    "delete.unknown": "fail",
    # ... takes any credential that has the right form, and knows none of the supporting operations.
    "auth.required": "fail",
    "auth.required-supporting": "untestable",
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
    return {r.requirement.partition(".")[2]: r.verdict for r in results if r.verdict not in quiet}


def test_the_cursor_pagination_of_django_rest_framework(tmp_path: Path) -> None:
    with django_listing() as (url, state_url, key):
        words = ("run", "--contract", "ultravox", "--target", url, "--state-url", state_url, "--report", tmp_path)
        ended = conformance(*words, "--examples", "16", cwd=tmp_path, within=200, CONFORMANCE_API_KEY=key)
    assert remarkable(tmp_path, "ultravox") == DJANGO, ended.out
    assert ended.code == 1


# Prism comes from npm, which a Python developer need not have; .ci/run installs it.
@pytest.mark.skipif(
    not PRISM.exists() or shutil.which("node") is None,
    reason="needs Prism: npm ci in tests/witnesses/prism (.ci/run does it)",
)
@pytest.mark.parametrize(("vendor", "expected"), [("cartesia", PRISM_DELETE), ("ultravox", PRISM_LIST)])
def test_the_mock_that_prism_makes_of_the_document(vendor: str, expected: dict[str, str], tmp_path: Path) -> None:
    with prism_mock(vendor) as url:
        (tmp_path / "c.toml").write_text(f"[targets.prism]\nurl = {json.dumps(url)}\ntimeout = 2\n")
        words = ("run", "--contract", vendor, "--target", "prism", "--config", "c.toml", "--profile", "stateless")
        key = "a-key-that-prism-does-not-look-at"
        ended = conformance(*words, "--report", tmp_path, cwd=tmp_path, within=200, CONFORMANCE_API_KEY=key)
    assert remarkable(tmp_path, vendor) == expected, ended.out
    assert ended.code == 1
