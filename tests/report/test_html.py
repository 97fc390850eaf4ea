"""The HTML page of a run: its order, its sentence, its size, and that it asks for nothing from outside."""

import re
from html.parser import HTMLParser

import pytest

from conformance.report import html
from conformance.report.evidence import Limits, card
from conformance.report.view import Judged
from conformance.results.files import RunResults
from tests.conftest import FinishedRun
from tests.report.reports import NASTY, accepted, exchange, finding, result, run, telling, waived


class Text(HTMLParser):
    """A page's headings and what it would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.loads: list[str] = []
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag in {"img", "link", "iframe", "object", "embed", "video", "audio", "source"} or "src" in names:
            self.loads.append(tag)
        if tag in {"h1", "h2"}:
            self._inside = tag
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.headings[-1] += data


def test_the_page_tells_its_parts_in_the_order_in_which_they_matter() -> None:
    assert Text(html.render([telling()])).headings == [
        "Not conformant to Vendor Delete: 1 MUST failed, 1 of 3 MUST verified, 1 MUST not tested, 1 SHOULD failed.",
        "What was tested, how and when",
        "What failed",
        "Requirements by operation",
        "What the document leaves open, as observed",
        "Surfaces looked at, and not",
        "What was not tested, and why",
        "What passed, each with an exchange to see it by",
    ]


def test_what_is_waived_has_a_part_of_its_own_after_what_is_broken() -> None:
    page = html.render([accepted()])
    headings = Text(page).headings
    assert headings[2:4] == ["What failed", "What failed, and waived"]
    broken = page[page.index('id="failed"') : page.index('id="waived"')]
    known = page[page.index('id="waived"') : page.index('id="requirements"')]
    assert "the transcript is still there" in broken
    assert "a known one" not in broken
    assert "its summary too" not in broken
    assert "being mended (ticket T-1, owner Ada, until 2030-01-31)" in known
    for words in ("a known one", "its summary too", "a soft one", "an odd one"):
        assert words in known
    assert "its summary too" not in page[: page.index('id="failed"')]
    ids = re.findall(r' id="([^"]+)"', page)
    assert {"v.b.part", "v.b.part-waived", "v.w.must", "v.w.should", "v.o.may", "v.o.may-waived"} <= set(ids)
    assert len(ids) == len(set(ids))


def test_what_the_gate_decided_stands_under_the_verdict() -> None:
    page = html.render([accepted()])
    box = page[page.index('class="verdict') : page.index('class="glance"')]
    assert "Gate: closed, exit code 1" in box
    assert "closed by: failed: v.b.part" in box
    assert "Gate:" not in html.render([telling()])


def test_the_terms_of_a_waiver_are_escaped() -> None:
    seen = finding(waived=waived(reason="<script>x</script>"))
    page = html.render([run("non-conformant", result("w", "fail", findings=[seen]))])
    assert "<script>x" not in page
    assert "Nothing that was tested failed, but for what is waived." in page


def test_provenance_is_told() -> None:
    page = html.render([telling()])
    for words in (
        "http://h", "Vendor Delete, version 1", f"sha256 {'0' * 64}", "2026-03-01T12:30:00Z, for 1.2 s", "seed 0",
        "2 examples a requirement at most", "12 requests", "3 created, 2 deleted, 1 account left over", "version 0",
    ):  # fmt: skip
        assert words in page


def test_a_card_holds_the_words_the_example_the_script_and_the_exchanges() -> None:
    page = html.render([telling()])
    start = page.index('id="v.b.fail"')
    shown = page[start : page.index("</article>", start)]
    for words in (
        "the transcript is still there", "words of the document", "source.md:7", "absent", "1 turn",
        "0123456789abcdef", "seen once, not again", "a call exists", "/calls/{call_1}", "a malformed request",
        "0.5 s", "curl -sS one", "2 exchanges", "GET /calls/one", "500",
    ):  # fmt: skip
        assert words in shown


def test_it_is_said_that_no_check_can_prove_erasure_and_which_surfaces_were_seen() -> None:
    page = html.render([telling()])
    assert "can&#39;t prove that data is erased from storage" in page
    rows = re.findall(r'<tr><th scope="row">(.*?)</th><td>(yes|no)</td><td>(.*?)</td>', page)
    assert ("answers of delete-call", "yes", "901 answers, 900 of them 2xx") in rows
    assert ("answers of get-call", "no", "30 answers, 0 of them 2xx") in rows
    assert ("a call&#39;s logs", "no", "the target does not have it, or was declared to be without it") in rows
    assert ("backups", "no", "no API shows them") in rows


def test_a_pass_shows_its_witness_and_what_was_not_tested_its_reason() -> None:
    page = html.render([telling()])
    passed = page[page.index('id="v.a.pass"') :]
    assert "GET /calls/witness" in passed
    assert "needs a state URL" in page
    assert "target unreachable" in page


def test_without_a_finding_the_worst_is_why_there_is_no_verdict() -> None:
    page = html.render([run("error", result("e", "error", reason="the connection was refused"))])
    glance = page[page.index('class="glance"') : page.index("</ul>")]
    assert "the connection was refused" in glance


def test_the_page_loads_nothing_and_forbids_itself_to() -> None:
    page = html.render([telling()])
    assert Text(page).loads == []
    assert "default-src 'none'" in page
    assert "url(" not in page
    assert "@import" not in page


@pytest.mark.parametrize("level", ["MUST", "SHOULD"])
def test_what_a_target_sent_is_escaped_wherever_it_stands(level: str) -> None:
    text = f"{NASTY}<b>&\"'"
    seen = finding(message=text, observed=text, expected=text, curl=[text], exchanges=[exchange(text)])
    whole = html.render([run("non-conformant", result("x", "fail", level, says=text, at=text, findings=[seen]))])
    whole.encode()
    assert "<b>&\"'" not in whole
    assert "\x1b" not in whole
    assert "\x00" not in whole
    assert "\\x1b[31m" in whole


def huge() -> RunResults:
    """More evidence than a page has room for."""
    body = '{"a": "' + "x" * 4000 + '"}'
    big = [exchange(str(n), response_body=body, request_body=body) for n in range(60)]
    broken = [
        result(
            f"r{n}",
            "fail",
            findings=[
                finding(curl=[f"curl {m}", "y" * 4000], fingerprint=f"{m:016x}", exchanges=big) for m in range(8)
            ],
        )
        for n in range(40)
    ]
    return run("non-conformant", *broken, result("p", "pass", witness=big[0]))


def test_a_page_stays_under_two_megabytes_and_says_what_it_left_out() -> None:
    page = html.render([huge()])
    assert len(page.encode()) < html.LARGEST
    assert page.count('class="card fail"') == 40
    assert "are left out; results.jsonl has them all" in page


def test_findings_of_one_example_stand_together_the_shortest_evidence_first() -> None:
    long = [finding(curl=["long"], exchanges=[exchange()] * 9, fingerprint=f"{n:016x}") for n in range(2)]
    short = finding(curl=["short"], exchanges=[exchange()])
    broken = Judged(result("r", "fail", findings=[*long, short]))
    made = card(broken, broken.open, "http://h", Limits(100, 3, 2, 10))
    assert [(e.curl, len(e.findings)) for e in made.examples] == [("short", 1), ("long", 2)]
    assert [e if isinstance(e, int) else "exchange" for e in made.examples[1].exchanges] == [
        "exchange", 6, "exchange", "exchange"
    ]  # fmt: skip


def test_several_runs_are_told_one_after_the_other_with_anchors_of_their_own() -> None:
    page = html.render([telling(), telling()])
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert page.count("<h1") == 2


def test_a_real_run_is_told_whole(faulty_run: FinishedRun) -> None:
    page = html.render([faulty_run.results])
    for one in faulty_run.results.results:
        assert f"<code>{one.requirement}</code>" in page
    assert faulty_run.api_key not in page
    assert len(page.encode()) < html.LARGEST
