"""What one requirement came to, as cases are driven and processes add up."""

import json
from typing import Any

import pytest

from conformance.contracts.terms import Level
from conformance.results.lines import Part, Proof, ReplayLine
from conformance.results.outcomes import Outcome
from tests.report.reports import NASTY, exchange
from tests.results.made import finding, outcome, requirement


def proof(part: Part) -> Proof:
    return Proof(part=part, exchange=exchange(request_body=None))


def replay(mark: str) -> ReplayLine:
    return ReplayLine(fingerprint=mark, word="FIXED", why="w")


def test_a_new_outcome_is_that_nothing_ran() -> None:
    new = Outcome("v.r")
    assert (new.examples, new.vacuous, new.disturbed, new.requests, new.seconds, new.ran) == (0, 0, 0, 0, 0.0, False)
    assert (new.reason, new.verdict, new.observed, new.proof, new.findings, new.replays) == (None, None, {}, [], {}, {})
    assert new.judged(requirement("MUST")) == "untestable"


@pytest.mark.parametrize(("level", "verdict"), [("MUST", "fail"), ("SHOULD", "warn"), ("MAY", "observed")])
def test_a_finding_weighs_by_the_level_whatever_else_is_known(level: Level, verdict: str) -> None:
    broken = outcome(findings={"f": finding()})
    assert broken.judged(requirement(level)) == verdict
    for stated in ({"ran": False}, {"verdict": "error"}, {"vacuous": 5}, {"disturbed": 5}):
        assert outcome(findings={"f": finding()}, **stated).judged(requirement(level)) == verdict


@pytest.mark.parametrize(("level", "verdict"), [("MUST", "pass"), ("SHOULD", "pass"), ("MAY", "observed")])
def test_without_findings_what_was_reached_passes(level: Level, verdict: str) -> None:
    assert outcome().judged(requirement(level)) == verdict
    assert outcome(examples=1).judged(requirement(level)) == verdict
    assert outcome(findings={"f": finding()}).verdict_without_findings(requirement(level)) == verdict


@pytest.mark.parametrize("level", ["MUST", "SHOULD", "MAY"])
@pytest.mark.parametrize(
    ("stated", "reached"),
    [
        ({"ran": False}, False),
        ({"examples": 0}, False),
        ({"vacuous": 5}, False),
        ({"vacuous": 6}, False),
        ({"vacuous": 4}, True),
        ({"disturbed": 2, "vacuous": 2}, True),
        ({"disturbed": 3, "vacuous": 3}, False),
        ({"examples": 4, "disturbed": 2, "vacuous": 2}, True),
        ({"examples": 4, "disturbed": 3, "vacuous": 3}, False),
    ],
)
def test_what_was_vacuous_or_mostly_disturbed_is_untestable(
    level: Level, stated: dict[str, Any], *, reached: bool
) -> None:
    assert (outcome(**stated).judged(requirement(level)) != "untestable") is reached


@pytest.mark.parametrize("stated", ["error", "not-applicable", "untestable", "pass"])
def test_a_verdict_that_was_stated_stands(stated: Any) -> None:
    assert outcome(verdict=stated).judged(requirement("MUST")) == stated
    assert outcome(verdict=stated, ran=False, examples=0).verdict_without_findings(requirement("MAY")) == stated


def full(first: int, **stated: Any) -> Outcome:
    return outcome(
        examples=first, vacuous=first + 1, disturbed=first + 2, requests=first + 3, seconds=first + 0.5, **stated
    )


def test_outcomes_of_several_processes_add_up() -> None:
    one, other = full(10), full(100)
    one.add(other)
    assert (one.examples, one.vacuous, one.disturbed, one.requests, one.seconds) == (110, 112, 114, 116, 111.0)
    assert (other.examples, other.vacuous) == (100, 101)


@pytest.mark.parametrize(("one", "other", "ran"), [(False, True, True), (True, False, True), (False, False, False)])
def test_what_ran_anywhere_ran(one: bool, other: bool, ran: bool) -> None:
    first = outcome(ran=one)
    first.add(outcome(ran=other))
    assert first.ran is ran


def test_the_first_reason_verdict_and_proof_stand() -> None:
    told = {"reason": "first", "verdict": "error", "proof": [proof("act")]}
    other = {"reason": "second", "verdict": "untestable", "proof": [proof("after")]}
    for stated, further, expected in ((told, other, told), ({}, other, other), (told, {}, told)):
        first = outcome(**stated)
        first.add(outcome(**further))
        assert {name: getattr(first, name) for name in expected} == expected


def test_of_one_finding_the_first_is_kept_and_of_what_was_observed_the_last() -> None:
    first = outcome(
        findings={"f": finding("a" * 16), "a": finding()}, observed={"x": 1, "y": 1}, replays={"f": replay("f")}
    )
    first.add(outcome(findings={"f": finding("b" * 16), "b": finding()}, observed={"x": 2}, replays={"g": replay("g")}))
    assert {key: kept.fingerprint[0] for key, kept in first.findings.items()} == {"f": "a", "a": "0", "b": "0"}
    assert first.observed == {"x": 2, "y": 1}
    assert first.replays == {"f": replay("f"), "g": replay("g")}


def test_an_outcome_survives_its_way_between_processes() -> None:
    sent = full(
        3,
        findings={"f": finding(unless="v.x", exchanges=[exchange(NASTY)])},
        reason="why",
        verdict="error",
        observed={"x": 1},
        proof=[proof("act")],
        replays={"f": replay("f")},
    )
    plain = json.loads(json.dumps(sent.as_json()))
    assert plain["findings"]["f"]["code"] == "code"
    assert Outcome.from_json(plain) == sent
