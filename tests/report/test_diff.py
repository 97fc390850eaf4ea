"""The difference of two runs: what broke, what was mended, and what is no difference at all."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.report import difftext
from conformance.report.diff import Diff, compare, paired
from conformance.results.files import ResultsError, write
from conformance.results.lines import ResultLine
from conformance.results.normalize import normalize
from tests.report.reports import NASTY, finding, of_contract, result, run

OTHER = "f" * 16


def names(diff: Diff) -> dict[str, list[str]]:
    """The kinds of change that there are, with the requirements."""
    kinds = (
        "newly_failed", "newly_fixed", "newly_untestable", "newly_tested", "observed_differently",
        "failed_otherwise", "still_failing",
    )  # fmt: skip
    return {kind: [c.requirement for c in getattr(diff, kind)] for kind in kinds if getattr(diff, kind)}


def between(old: ResultLine, new: ResultLine, **header: Any) -> dict[str, list[str]]:
    return names(compare(run("error", old), run("error", new, **header)))


FAIL = result("a", "fail")
PASS = result("a", "pass")
UNTESTED = result("a", "untestable", reason="no state URL")
WIDER = result("a", "fail", findings=[finding(), finding(fingerprint=OTHER)])


@pytest.mark.parametrize(
    ("old", "new", "kinds"),
    [
        (PASS, FAIL, {"newly_failed": ["v.a"]}),
        (FAIL, PASS, {"newly_fixed": ["v.a"]}),
        (PASS, UNTESTED, {"newly_untestable": ["v.a"]}),
        (FAIL, UNTESTED, {"newly_untestable": ["v.a"]}),
        (PASS, result("a", "error", reason="gone"), {"newly_untestable": ["v.a"]}),
        (UNTESTED, PASS, {"newly_tested": ["v.a"]}),
        (UNTESTED, FAIL, {"newly_failed": ["v.a"]}),
        (FAIL, FAIL, {"still_failing": ["v.a"]}),
        (FAIL, WIDER, {"newly_failed": ["v.a"], "still_failing": ["v.a"]}),
        (WIDER, FAIL, {"newly_fixed": ["v.a"], "still_failing": ["v.a"]}),
        (PASS, PASS, {}),
        (UNTESTED, UNTESTED, {}),
        (PASS, result("a", "warn", "SHOULD"), {"newly_failed": ["v.a"]}),
    ],
)
def test_a_change_is_of_one_kind(old: ResultLine, new: ResultLine, kinds: dict[str, list[str]]) -> None:
    assert between(old, new) == kinds


def test_what_is_broken_in_another_way_under_another_seed_may_have_been_so_all_along() -> None:
    assert between(FAIL, WIDER, seed=7) == {"failed_otherwise": ["v.a"], "still_failing": ["v.a"]}


def test_what_was_seen_once_and_not_again_is_no_new_way_of_being_broken() -> None:
    flaky = result("a", "fail", findings=[finding(), finding(fingerprint=OTHER, reproduced=False)])
    assert "newly_failed" not in between(FAIL, flaky)


def test_a_requirement_that_is_gone_is_no_longer_tested_and_a_new_one_can_be_newly_failed() -> None:
    assert names(compare(run("error", PASS), run("error", result("b", "fail")))) == {
        "newly_failed": ["v.b"],
        "newly_untestable": ["v.a"],
    }


def seen(**observed: Any) -> ResultLine:
    return result("o", "observed", "MAY", observed=observed)


def test_what_is_observed_differently_is_told_and_what_only_another_seed_shows_is_not() -> None:
    assert between(seen(a="200", b="x"), seen(a="400", b="x")) == {"observed_differently": ["v.o"]}
    assert between(seen(a="200"), seen(a="200", b="x")) == {"observed_differently": ["v.o"]}
    assert between(seen(a="200"), seen(a="200", b="x"), seed=7) == {}


def test_a_finding_where_the_document_is_silent_is_observed_and_never_broken() -> None:
    silent = result("o", "observed", "MAY", findings=[finding()])
    assert between(result("o", "observed", "MAY"), silent) == {"observed_differently": ["v.o"]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("at 2026-03-01T12:30:00Z", "at 2027-01-01T00:00:00.5+02:00"),
        ("Sun, 01 Mar 2026 12:30:00 GMT", "Mon, 02 Mar 2026 12:31:00 GMT"),
        ("call 0a1b2c3d-0000-4000-8000-0123456789ab", "call ffffffff-0000-4000-8000-0123456789ab"),
        ("id ac_FDdy34M2IIu7XWNZIzOrUN", "id ac_RhbIB6jLHWmCIv6hyVWHrv"),
        ("request 54849188ec87ace9", "request 0e15454e2626d8a4"),
        ("http://127.0.0.1:38917/x", "http://127.0.0.1:1/x"),
        ("after 12.5 ms", "after 13 ms"),
    ],
)
def test_ids_times_ports_and_durations_are_no_difference(one: str, other: str) -> None:
    assert normalize(one) == normalize(other)
    assert between(seen(a=one), seen(a=other)) == {}


@pytest.mark.parametrize(("one", "other"), [("200", "400"), ("kept", "omitted"), ("redacted_at", "other_field")])
def test_what_means_something_is_a_difference(one: str, other: str) -> None:
    assert normalize(one) != normalize(other)


def test_what_makes_runs_hard_to_compare_is_said() -> None:
    changed = run("error", PASS, seed=3, examples=9, profile="stateless", suite={"version": "9"})
    other = of_contract(changed, sha256="1" * 64)
    notes = " ".join(compare(run("error", PASS), other).notes)
    for words in (
        "documents differ",
        "suites differ",
        "seed 0, then 3",
        "examples 2, then 9",
        "not asked for the same",
    ):
        assert words in notes


def test_runs_of_different_contracts_are_refused(tmp_path: Path) -> None:
    other = of_contract(run("error", PASS), vendor="w")
    with pytest.raises(ResultsError, match="can't be compared"):
        compare(run("error", PASS), other)
    for name, one in (("old", run("error", PASS)), ("new", other)):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "results.jsonl", one)
    with pytest.raises(ResultsError, match=r"holds runs of v, .* of w"):
        paired(tmp_path / "old", tmp_path / "new")


def test_every_rendering_tells_the_same() -> None:
    diff = compare(run("error", PASS, result("b", "fail")), run("error", FAIL, result("b", "pass")))
    text, page, data = difftext.terminal(diff), difftext.markdown([diff]), json.loads(json.dumps(diff.as_json()))
    assert text.splitlines()[0] == "Vendor Delete: 1 newly failed, 1 newly fixed; 0 still failing."
    assert "  MUST v.a: was pass, is fail\n    the transcript is still there  [0123456789abcdef]" in text
    assert "### Newly failed (1)" in page
    assert data["format"] == "conformance-diff/1"
    assert [c["requirement"] for c in data["newly_failed"]] == ["v.a"]
    assert data["newly_failed"][0]["findings"][0]["fingerprint"] == "0123456789abcdef"


def test_what_a_target_sent_can_not_steer_the_terminal() -> None:
    nasty = result("a", "fail", says=NASTY, findings=[finding(message=NASTY, observed=NASTY, expected=NASTY)])
    text = difftext.terminal(compare(run("error", PASS), run("error", nasty)))
    text.encode()
    assert [c for c in text if not c.isprintable() and c != "\n"] == []
