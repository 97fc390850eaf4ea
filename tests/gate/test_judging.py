"""What opens and closes the gate, from results alone."""

from typing import Any

import pytest

from conformance.gate.judging import baseline, judge
from conformance.results.files import RunResults
from conformance.results.lines import GateLine, ResultLine
from conformance.results.waivers import Waiver
from tests.report.reports import ended, finding, result, run

FIRST, SECOND = "0123456789abcdef", "f" * 16


def results(*lines: ResultLine, **header: Any) -> RunResults:
    return run("conformant", *lines, **header)


def waiver(of: RunResults, requirement: str = "v.must", mark: str = FIRST, **given: Any) -> Waiver:
    stated = {"reason": "known", "message": "m", "first_seen": "2026-01-01T00:00:00Z", "reproduced": True}
    return Waiver(
        **{
            **stated,
            "requirement": requirement,
            "target": of.known_as,
            "fingerprint": mark,
            "example": {},
            "drawn": of.drawn,
            **given,
        }
    )


def broken(*marks: str, level: str = "MUST", **given: Any) -> ResultLine:
    verdict = "fail" if level == "MUST" else "warn"
    return result("must", verdict, level, findings=[finding(fingerprint=m) for m in marks], **given)


def other(verdict: str, level: str = "MUST", **given: Any) -> ResultLine:
    return result("other", verdict, level, **{"reason": "why not", **given})


PASSED = other("pass")


def passed(requirement: str) -> ResultLine:
    return other("pass", requirement=requirement)


def test_what_is_waived_passes_and_is_told() -> None:
    seen = results(broken(FIRST), PASSED)
    gate = judge(seen, [waiver(seen)])
    assert (gate.exit_code, gate.closed_by) == (0, ())
    assert gate.notes == (f"waived (known): v.must: [{FIRST}] the transcript is still there",)


@pytest.mark.parametrize(
    "wrong",
    [{"mark": SECOND}, {"target": "production"}, {"requirement": "v.other"}],
    ids=["another fingerprint", "another target", "another requirement"],
)
def test_a_waiver_is_for_one_finding_of_one_target(wrong: dict[str, Any]) -> None:
    seen = results(broken(FIRST), PASSED)
    assert judge(seen, [waiver(seen, **wrong)]).exit_code == 1


def test_a_requirement_that_fails_in_another_way_too_closes_the_gate() -> None:
    seen = results(broken(FIRST, SECOND), PASSED)
    gate = judge(seen, [waiver(seen)])
    assert gate.exit_code == 1
    assert [SECOND in one for one in gate.closed_by] == [True]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (other("error"), 11),
        (other("error", "SHOULD"), 11),
        (other("untestable"), 10),
        (other("untestable", "SHOULD"), 0),
        (other("not-applicable"), 0),
        (other("warn", "SHOULD", findings=[finding()]), 0),
        (other("observed", "MAY", findings=[finding()]), 0),
    ],
)
def test_what_is_not_verified_closes_the_gate_as_it_ends_a_run(line: ResultLine, code: int) -> None:
    assert judge(results(passed("v.a"), line), []).exit_code == code


@pytest.mark.parametrize(("verdict_without_findings", "code"), [("error", 11), ("untestable", 10)])
def test_a_waived_finding_does_not_stand_for_what_broke_off_beside_it(verdict_without_findings: str, code: int) -> None:
    seen = results(broken(FIRST, verdict_without_findings=verdict_without_findings, reason="broke off"), PASSED)
    assert judge(seen, [waiver(seen)]).exit_code == code


@pytest.mark.parametrize(("verdict", "code"), [("error", 11), ("untestable", 10)])
def test_a_waived_requirement_without_a_verdict_is_not_let_through(verdict: str, code: int) -> None:
    # A SHOULD that can't be tested gates nothing, unless something of it is waived.
    seen = results(other(verdict, "SHOULD"), passed("v.a"))
    assert judge(seen, [waiver(seen, "v.other")]).exit_code == code


def test_a_run_that_tested_nothing_is_not_let_through() -> None:
    assert judge(results(other("not-applicable")), []).exit_code == 10


@pytest.mark.parametrize("code", [2, 3, 5])
def test_a_run_that_did_not_end_keeps_its_code(code: int) -> None:
    seen = ended(results(PASSED), exit_code=code)
    assert judge(seen, []).exit_code == code


# Staleness


def replayed(word: str, mark: str = FIRST) -> ResultLine:
    return other("pass", replays=[{"fingerprint": mark, "word": word, "why": "so it went"}])


@pytest.mark.parametrize(("word", "code"), [("FIXED", 1), ("CANNOT TELL", 0)])
def test_a_replay_decides_whether_a_waiver_is_stale(word: str, code: int) -> None:
    seen = results(replayed(word))
    gate = judge(seen, [waiver(seen, "v.other")])
    assert gate.exit_code == code
    assert "so it went" in " ".join((*gate.closed_by, *gate.notes))


def test_without_a_replay_the_same_examples_decide() -> None:
    seen = results(PASSED)
    assert judge(seen, [waiver(seen, "v.other")]).exit_code == 1


@pytest.mark.parametrize("drawn", [{"seed": 99}, {"examples": 99}, {"suite": "0.0.1"}], ids=str)
def test_other_examples_prove_nothing(drawn: dict[str, Any]) -> None:
    seen = results(PASSED)
    same = waiver(seen, "v.other").drawn
    gate = judge(seen, [waiver(seen, "v.other", drawn={**same, **drawn})])
    assert (gate.exit_code, "perhaps stale" in gate.notes[0]) == (0, True)


def test_what_was_never_seen_twice_is_not_called_stale() -> None:
    seen = results(PASSED)
    assert judge(seen, [waiver(seen, "v.other", reproduced=False)]).exit_code == 0


def test_a_requirement_that_the_profile_leaves_out_says_nothing_of_its_waiver() -> None:
    seen = results(other("not-applicable"), passed("v.a"), profile="read-only")
    assert judge(seen, [waiver(seen, "v.other")]).exit_code == 0


# A release


@pytest.mark.parametrize(
    ("line", "header", "code"),
    [
        (broken(FIRST), {}, 1),
        (broken(FIRST, level="SHOULD"), {}, 1),
        (other("untestable"), {}, 10),
        (other("not-applicable"), {"profile": "read-only"}, 10),
        (other("not-applicable"), {"profile": "full"}, 0),
        (other("pass"), {"selected": ["v.other"]}, 10),
        (other("pass"), {}, 0),
    ],
)
def test_a_release_lets_nothing_through(line: ResultLine, header: dict[str, Any], code: int) -> None:
    seen = results(passed("v.a"), line, **header)
    let_through = [waiver(seen)] if line.findings else []
    assert judge(seen, let_through, baseline(seen, seen), strict=True).exit_code == code


def test_a_strict_run_counts_shoulds_and_they_can_be_waived() -> None:
    seen = results(broken(FIRST, level="SHOULD"), PASSED, strict=True)
    assert judge(seen, []).exit_code == 1
    assert judge(seen, [waiver(seen)]).exit_code == 0


# A baseline


def against(old: RunResults, new: RunResults) -> GateLine:
    return judge(new, [], baseline(old, new))


def test_what_was_broken_before_is_no_news() -> None:
    assert against(results(broken(FIRST), PASSED), results(broken(FIRST), PASSED)).exit_code == 0


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (broken(FIRST), broken(FIRST, SECOND), 1),
        (passed("v.must"), broken(FIRST), 1),
        (other("untestable"), other("untestable"), 0),
        (other("pass"), other("untestable"), 10),
        (other("untestable"), other("error"), 11),
    ],
    ids=["differently", "newly", "untested as before", "newly untested", "an error"],
)
def test_news_closes_the_gate(old: ResultLine, new: ResultLine, code: int) -> None:
    more = passed("v.a")
    assert against(results(more, old), results(more, new)).exit_code == code


def test_what_is_not_in_the_new_run_at_all_closes_the_gate() -> None:
    more = passed("v.a")
    assert against(results(more, PASSED), results(more)).exit_code == 10


def test_the_same_words_of_many_are_said_once() -> None:
    lines = [other("error", requirement=f"v.{n}", reason="refused") for n in range(9)]
    gate = judge(results(*lines), [])
    assert gate.closed_by[0] == "error (refused): v.0; v.1; v.2; v.3 and 5 more"
