"""JUnit XML: counted as the verdicts are, and well-formed whatever a target sent."""

from pathlib import Path
from xml.etree import ElementTree as ET

import junitparser
import pytest
from junit2htmlreport import parser as junit2html

from conformance.report.junit import render
from conformance.results.files import RunResults
from tests.conftest import FinishedRun
from tests.report.reports import NASTY, accepted, finding, result, run, telling, waived

EVERY = (
    result("a.pass", "pass"),
    result("b.fail", "fail"),
    result("c.warn", "warn", "SHOULD"),
    result("d.not", "untestable", reason="needs a state URL"),
    result("e.left", "not-applicable", reason="left out"),
    result("f.err", "error", reason="target unreachable"),
    result("g.seen", "observed", "MAY"),
)


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - our own report


def suite(*runs: RunResults) -> ET.Element:
    return next(iter(parsed(render(runs))))


def outcomes(of: ET.Element) -> dict[str, str]:
    return {case.get("name", ""): next((inner.tag for inner in case), "") for case in of}


def test_a_requirement_is_a_testcase_under_its_rule() -> None:
    case = suite(run("conformant", result("a.pass", "pass")))[0]
    assert (case.get("classname"), case.get("name"), case.get("time")) == ("a.pass", "v.a.pass", "0.500")


def test_verdicts_become_failures_errors_and_skips_and_are_counted() -> None:
    whole = suite(run("non-conformant", *EVERY))
    assert outcomes(whole) == {
        "v.a.pass": "",
        "v.b.fail": "failure",
        "v.c.warn": "system-out",
        "v.d.not": "skipped",
        "v.e.left": "skipped",
        "v.f.err": "error",
        "v.g.seen": "",
    }
    counts = {name: whole.get(name) for name in ("tests", "failures", "errors", "skipped", "name", "time")}
    assert counts == {
        "tests": "7", "failures": "1", "errors": "1", "skipped": "2", "name": "Vendor Delete", "time": "1.250"
    }  # fmt: skip


def test_a_broken_should_is_a_failure_in_a_strict_run() -> None:
    whole = suite(run("non-conformant", *EVERY, strict=True))
    assert whole.get("failures") == "2"
    assert outcomes(whole)["v.c.warn"] == "failure"


def test_a_failure_tells_what_was_required_done_expected_and_seen() -> None:
    failure = suite(run("non-conformant", result("b.fail", "fail")))[0][0]
    assert failure.get("message") == "the transcript is still there"
    assert (failure.text or "").splitlines() == [
        "MUST v.b.fail: words of the document (source.md:7)",
        "failed: the transcript is still there",
        "expected: absent",
        "actual: 1 turn",
        "curl -sS one",
    ]


def test_a_skip_and_an_error_tell_why() -> None:
    whole = suite(run("error", result("d.not", "untestable", reason="no state"), result("e", "error", reason="gone")))
    assert [case[0].get("message") for case in whole] == ["no state", "gone"]


def test_what_is_all_waived_is_skipped_with_the_terms() -> None:
    whole = suite(accepted())
    assert outcomes(whole) == {
        "v.b.part": "failure",
        "v.w.must": "skipped",
        "v.w.should": "skipped",
        "v.o.may": "system-out",
    }
    assert (whole.get("failures"), whole.get("skipped")) == ("1", "2")
    messages = [case[0].get("message") for case in whole]
    assert messages[:3] == [
        "the transcript is still there",
        "waived: being mended (ticket T-1, owner Ada, until 2030-01-31)",
        "waived: later",
    ]


def test_a_stale_waiver_is_a_failure_of_a_promise_that_holds() -> None:
    replays = [{"fingerprint": "a" * 16, "word": "FIXED", "why": "held 3 times"}]
    failure = suite(run("conformant", result("b", "pass", replays=replays)))[0][0]
    assert failure.tag == "failure"
    assert failure.get("message") == f"stale waiver, to be removed: the defect is fixed ({'a' * 16})"
    unsure = [{**replays[0], "word": "CANNOT TELL"}]
    assert outcomes(suite(run("conformant", result("b", "pass", replays=unsure)))) == {"v.b": ""}


def test_a_failure_leads_with_what_is_not_waived_and_says_what_is() -> None:
    seen = [finding(message="a known one", waived=waived()), finding()]
    failure = suite(run("non-conformant", result("b", "fail", findings=seen), strict=True))[0][0]
    assert failure.get("message") == "the transcript is still there"
    lines = (failure.text or "").splitlines()
    assert lines[1] == "failed: a known one"
    assert [n for n, line in enumerate(lines) if line.startswith("waived: ")] == [4]


@pytest.mark.parametrize("which", ["telling", "accepted", "real"])
def test_others_read_what_was_written(which: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    real = [request.getfixturevalue("faulty_run").results] if which == "real" else []
    runs = [{"telling": telling, "accepted": accepted}[which](), telling()] if which != "real" else real
    file = tmp_path / "junit.xml"
    file.write_text(render(runs), "utf-8")
    expected = [outcomes(one) for one in parsed(file.read_text("utf-8"))]

    first = list(junitparser.JUnitXml.fromfile(str(file)))
    kinds = [{c.name: next((r._tag for r in c.result), "") for c in one} for one in first]
    known = {"system-out": ""}
    assert kinds == [{name: known.get(kind, kind) for name, kind in one.items()} for one in expected]

    second = junit2html.Junit(str(file))
    assert [len(one.all()) for one in second.suites] == [len(one) for one in expected]
    for kind, seen in (("failure", "failed"), ("skipped", "skipped")):
        count = sum(sum(k == kind for k in one.values()) for one in expected)
        assert sum(len(getattr(one, seen)()) for one in second.suites) >= count
    assert "<html" in second.html()


def test_several_runs_are_several_suites() -> None:
    assert len(parsed(render([run("conformant"), run("conformant")]))) == 2


@pytest.mark.parametrize("verdict", ["fail", "warn", "error", "untestable"])
def test_control_characters_of_a_target_leave_the_xml_well_formed(verdict: str) -> None:
    nasty = result("n", verdict, reason=NASTY, says=NASTY, findings=[finding(message=NASTY, curl=[NASTY])])
    text = render([run("error", nasty)])
    text.encode("utf-8")
    inner = suite(run("error", nasty))[0][0]
    assert "escape[31m half end <&>" in (inner.text or "")


def test_a_real_run_is_a_suite_of_its_requirements(faulty_run: FinishedRun) -> None:
    whole = suite(faulty_run.results)
    assert whole.get("tests") == str(len(faulty_run.results.results))
    assert whole.get("failures") == str(len(faulty_run.results.of("fail")))
