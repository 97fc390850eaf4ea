"""What a run makes of the findings of several rules and of several processes."""

from typing import Any

import pytest

from conformance.contracts.loading import load
from conformance.contracts.terms import Requirement
from conformance.engine.run import Run
from conformance.results.findings import Finding
from conformance.results.outcomes import Outcome
from conformance.targets.target import Target

OWNER, OTHER = "cartesia.redact.marked", "cartesia.delete.lost-reply"


def finding(mark: str, unless: str | None = None) -> Finding:
    return Finding("code", "message", "this", "that", mark, True, {}, [], [], unless)


def a_run(contract: str = "cartesia", **target: Any) -> Run:
    return Run(load(contract), Target(url="http://127.0.0.1:9", api_key="key", **target), seed=1, depth=1)


def seen(run: Run, requirement: str, *findings: Finding) -> None:
    """Take in what a worker saw."""
    outcome = Outcome(requirement, findings={one.fingerprint: one for one in findings})
    run.take_in({"outcomes": [outcome.as_json()], "tally": run.tally.as_json(), "capabilities": {}})


def requirement(name: str) -> Requirement:
    return load("cartesia").requirement(name)


def left(run: Run) -> set[str]:
    run.outcomes.give_back()
    return set(run.outcomes.of(requirement(OTHER)).findings)


def test_a_breach_belongs_to_its_requirement_only_where_that_is_broken() -> None:
    run = a_run()
    seen(run, OTHER, finding("own"), finding("marked too", OWNER))
    assert left(run) == {"own", "marked too"}
    seen(run, OWNER, finding("marked", OWNER))
    assert left(run) == {"own"}
    assert set(run.outcomes.of(requirement(OWNER)).findings) == {"marked"}


def test_what_is_waived_stays_to_be_met() -> None:
    run = a_run()
    run.outcomes.waived = {OTHER: {"marked too": object()}}  # type: ignore[dict-item] # only looked up
    seen(run, OTHER, finding("marked too", OWNER))
    seen(run, OWNER, finding("marked"))
    assert left(run) == {"marked too"}


@pytest.mark.parametrize(
    ("target", "indivisible"),
    [
        ({"state_url": "http://127.0.0.1:9/state"}, False),
        ({"preloaded": {"completed": ["ac_1"]}}, True),
        ({"preloaded": {"deleted": ["ac_1"]}}, False),
        ({}, False),
        # Its calls are made and deleted by the vendor's own operations, in one account.
        ({"contract": "ultravox"}, True),
    ],
)
def test_calls_that_were_given_away_are_not_shared_out(target: dict[str, Any], indivisible: bool) -> None:
    assert a_run(**target).needs.indivisible is indivisible
