"""Listing rules against the embedded server: what each of them says, and what it must keep silent about."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from msgspec import convert, to_builtins

from conformance.contracts.contract import Contract
from conformance.contracts.loading import load
from conformance.contracts.terms import Terms
from conformance.engine.exploring import explore
from conformance.engine.rule import attach_monitors, rules
from conformance.engine.run import Run
from conformance.reference.server import Reference
from conformance.results.outcomes import Outcome
from conformance.targets.target import Target

CONTRACT = load("ultravox")


@contextmanager
def running(
    *, contract: Contract = CONTRACT, faults: tuple[str, ...] = (), depth: int = 12, **stated: Any
) -> Iterator[Run]:
    with Reference("ultravox", faults=faults) as server:
        given: dict[str, Any] = {"embedded": True, "state_url": server.state_url} | stated
        run = Run(contract, Target(url=server.url, api_key=server.api_key, **given), seed=1, depth=depth, shrink=False)
        run.limits.expect(40)
        attach_monitors(run)
        yield run


def outcomes_of(run: Run, *names: str) -> dict[str, Outcome]:
    found = {}
    for name in names:
        requirement = run.contract.requirement(f"ultravox.{name}")
        found[name] = explore(run, requirement, rules()[requirement.rule])
    return found


def codes(outcome: Outcome) -> set[str]:
    return {finding.code for finding in outcome.findings.values()}


def offending(outcome: Outcome) -> list[dict[str, Any]]:
    return [e for finding in outcome.findings.values() for e in finding.exchanges if e.get("offending")]


def test_a_clock_of_another_zone_breaks_no_must() -> None:
    names = ("filter.time-of-day", "filter.time-of-day-second", "filter.conjunction", "page.complete")
    with running(faults=("time-of-day-in-a-zone",)) as run:
        told = outcomes_of(run, *names, "filter.time-of-day-utc")
    assert [name for name in names if told[name].findings] == []
    assert codes(told["filter.time-of-day-utc"]) == {"another-zone"}


def test_a_walk_that_breaks_off_is_never_all_right() -> None:
    with running(faults=("next-dead-from-page-three",)) as run:
        told = outcomes_of(run, "page.complete", "page.stable-under-writes", "filter.from")
        again = outcomes_of(run, "page.repeatable")["page.repeatable"]
    assert codes(told["page.complete"]) == {"broken-off"}
    assert {exchange["status"] for exchange in offending(told["page.complete"])} == {404}
    assert told["page.stable-under-writes"].vacuous == told["page.stable-under-writes"].examples
    assert told["filter.from"].findings == {}
    assert again.vacuous
    assert again.findings == {}


def test_an_answer_of_any_kind_shows_nothing_of_another_account() -> None:
    with running(faults=("search-shows-another-accounts",)) as run:
        outcomes_of(run, "filter.search")
        outcome = run.outcomes.of(CONTRACT.requirement("ultravox.auth.other-account"))
    assert codes(outcome) == {"foreign"}
    assert all("search=" in exchange["url"] for exchange in offending(outcome))


@pytest.mark.parametrize("faults", [(), ("native-deletions-unlisted",)])
def test_what_the_vendors_own_delete_deletes_is_looked_for(faults: tuple[str, ...]) -> None:
    with running(faults=faults) as run:
        outcome = outcomes_of(run, "tombstone.exactly-deleted")["tombstone.exactly-deleted"]
    assert codes(outcome) == ({"missing"} if faults else set())
    if not faults:
        assert [one["part"] for one in outcome.proof] == ["act", "after"]
        assert outcome.proof[0]["exchange"]["method"] == "DELETE"


@pytest.mark.parametrize("accounts", [1, 60])
def test_with_few_accounts_populations_are_told_by_their_agent(accounts: int) -> None:
    names = ("page.complete", "page.empty", "page.stable-under-writes", "filter.from", "filter.agents", "filter.search")
    with running(embedded=False, max_accounts=accounts) as run:
        told = outcomes_of(run, *names)
        assert run.limits.used["accounts"] <= accounts
    assert [name for name in names if told[name].findings] == []
    assert [name for name in names if told[name].vacuous == told[name].examples] == []


def test_without_a_filter_by_agent_and_without_an_account_nothing_is_judged() -> None:
    stated = to_builtins(CONTRACT.terms)
    del stated["listing"]["parameters"]["agents"], stated["listing"]["seed"]["agent"]
    with running(contract=replace(CONTRACT, terms=convert(stated, Terms)), embedded=False, max_accounts=1) as run:
        outcomes_of(run, "page.size")
        outcome = outcomes_of(run, "page.empty")["page.empty"]
    assert outcome.findings == {}
    assert outcome.vacuous == outcome.examples
    assert "needs an account of its own" in str(outcome.reason)


def test_a_target_that_declares_to_settle_is_given_its_time() -> None:
    with running(settle_seconds=0.2, depth=6) as run:
        told = outcomes_of(run, "tombstone.exactly-deleted", "filter.voice")
    assert [name for name, outcome in told.items() if outcome.findings] == []
    assert "seconds until a deletion shows" in told["tombstone.exactly-deleted"].observed
