"""The one reading of a run: what is open, waived, not known, and in which words and order it is told."""

import pytest

from conformance.report.view import LEVELS, MARKS, WORDS, Judged, View, target_name, worst_first
from conformance.results.verdicts import VERDICTS
from tests.report.reports import accepted, ended, finding, result, run, telling, waived

BOTH = [finding(), finding(fingerprint="e" * 16, waived=waived())]


def names(judged: object) -> list[str]:
    assert isinstance(judged, list | tuple)
    return [one.line.requirement for one in judged]


def test_every_verdict_has_a_word_and_a_mark_of_its_own() -> None:
    assert WORDS.keys() == MARKS.keys() == set(VERDICTS)
    assert len(set(WORDS.values())) == len(set(MARKS.values())) == len(VERDICTS)
    assert (Judged(result("a", "warn")).word, Judged(result("a", "warn")).mark) == ("SHOULD failed", "!")


def test_findings_are_open_or_waived() -> None:
    one = Judged(result("a", "fail", findings=BOTH))
    assert [[f.fingerprint for f in part] for part in (one.open, one.waived)] == [["0123456789abcdef"], ["e" * 16]]
    assert not one.all_waived


@pytest.mark.parametrize(("findings", "whole"), [([], False), (BOTH, False), (BOTH[:1], False), (BOTH[1:], True)])
def test_all_is_waived_only_where_there_is_something_to_waive(findings: list[object], whole: bool) -> None:
    assert Judged(result("a", "observed", "MAY", findings=findings)).all_waived is whole


def test_a_waiver_is_stale_only_where_its_replay_says_fixed() -> None:
    words = ("FIXED", "STILL FAILING", "CANNOT TELL")
    replays = [{"fingerprint": str(n) * 16, "word": word, "why": "w"} for n, word in enumerate(words)]
    assert Judged(result("a", "pass", replays=replays)).stale == ("0" * 16,)
    assert Judged(result("a", "pass")).stale == ()


@pytest.mark.parametrize(
    ("at", "told"), [("/paths/~1calls", "openapi.yaml /paths/~1calls"), ("source.md:7", "source.md:7"), ("", "")]
)
def test_a_place_names_its_file(at: str, told: str) -> None:
    assert Judged(result("a", "pass", at=at)).place == told


def test_a_reason_is_always_told() -> None:
    assert Judged(result("a", "untestable", reason="no state URL")).why == "no state URL"
    assert Judged(result("a", "untestable")).why == "no reason was recorded"


# What is not known


@pytest.mark.parametrize(
    ("line", "gap"),
    [
        (result("a", "error", "SHOULD", reason="gone"), ("error", "gone")),
        (result("a", "untestable", reason="no state"), ("untestable", "no state")),
        (result("a", "untestable", "SHOULD", reason="no state"), None),
        (result("a", "not-applicable", reason="left out"), None),
        (result("a", "pass"), None),
        (result("a", "fail", findings=BOTH, verdict_without_findings="error"), None),
        (
            result("a", "fail", findings=BOTH[1:], verdict_without_findings="error"),
            ("error", "nothing was seen of it but what is waived"),
        ),
        (
            result("a", "fail", findings=BOTH[1:], verdict_without_findings="untestable", reason="broke off"),
            ("untestable", "broke off"),
        ),
        (result("a", "fail", findings=BOTH[1:]), None),
    ],
)
def test_a_gap_is_an_error_or_an_untested_must(line: object, gap: tuple[str, str] | None) -> None:
    found = Judged(line).gap  # type: ignore[arg-type] # the table holds result lines
    assert (found and (found.kind, found.reason)) == gap


def test_errors_come_before_what_was_not_tested() -> None:
    lines = [result("a", "untestable", reason="r"), result("b", "error", reason="r"), result("c", "error", reason="r")]
    assert [gap.judged.line.requirement for gap in View(run("error", *lines)).gaps] == ["v.b", "v.c", "v.a"]


@pytest.mark.parametrize("code", [2, 3, 5])
def test_a_run_that_was_cut_short_is_not_verified(code: int) -> None:
    whole = run("conformant", result("a", "pass"))
    assert View(whole).verified
    assert not View(ended(whole, exit_code=code)).verified


@pytest.mark.parametrize("overall", ["error", "not-fully-verified"])
def test_a_run_without_a_verdict_is_not_verified_though_no_gap_shows(overall: str) -> None:
    assert not View(run(overall, result("a", "pass"))).verified


# The whole run


def test_what_is_broken_and_what_is_waived_overlap_where_a_part_is_waived() -> None:
    view = View(accepted())
    assert names(view.broken) == ["v.b.part"]
    assert names(view.waived) == ["v.b.part", "v.w.must", "v.w.should", "v.o.may"]


def test_counts_are_of_a_verdict_and_its_levels() -> None:
    view = View(telling())
    assert (view.count("fail"), view.count("warn", "MUST"), view.count("warn", "SHOULD", "MUST")) == (1, 0, 1)
    assert view.verified_musts == "1 of 3 MUST verified"
    assert View(run("not-fully-verified")).verified_musts == "0 of 0 MUST verified"


def test_the_worst_verdict_comes_first_then_the_strongest_level_then_the_contracts_order() -> None:
    lines = [
        result("a", "pass"),
        result("b", "warn", "SHOULD"),
        result("c", "untestable", "SHOULD", reason="r"),
        result("d", "untestable", reason="r"),
        result("e", "fail"),
        result("f", "untestable", reason="r"),
    ]
    assert names(worst_first(map(Judged, lines))) == ["v.e", "v.b", "v.d", "v.f", "v.c", "v.a"]
    assert LEVELS == ("MUST", "SHOULD", "MAY")


def test_requirements_without_a_verdict_are_told_by_reason() -> None:
    lines = [result(n, "untestable", level, reason="no state") for n, level in (("a", "MUST"), ("b", "MAY"))]
    reasons = View(run("error", *lines, result("c", "error", reason="no state"))).reasons
    assert [(r.why, r.verdict, r.musts, r.levels) for r in reasons] == [
        ("no state", "untestable", 1, "1 MUST, 1 MAY"),
        ("no state", "error", 1, "1 MUST"),
    ]


@pytest.mark.parametrize(
    ("url", "name", "told"),
    [
        ("http://h:8/x", "Staging", "Staging"),
        ("http://h:8/x", "", "h:8"),
        ("http://u@h:8/x", "http://h:8", "h:8"),
        ("http://[", "", "http://["),
        ("nothing", "", "nothing"),
    ],
)
def test_a_target_is_called_as_its_user_does_else_by_its_host(url: str, name: str, told: str) -> None:
    whole = run("error", target={"url": url, "name": name, "capabilities": {}})
    assert target_name(whole.run) == View(whole).target_name == told


def test_a_gate_is_told_with_its_reasons_and_none_where_there_was_none() -> None:
    whole = run("conformant", result("a", "pass"))
    assert View(whole).gate == ()
    gate = {"passed": False, "exit_code": 10, "closed_by": ["x\ny"] * 13, "notes": ["z" * 400]}
    told = View(ended(whole, gate=gate)).gate
    assert told[:2] == ("Gate: closed, exit code 10", "closed by: x y")
    assert told[13] == "closed by: 1 more, in results.jsonl"
    assert len(told[14]) < 400
    assert "100 more characters" in told[14]
