"""What a pytest item tells of its requirement."""

import warnings
from dataclasses import dataclass

import pytest

from conformance.contracts.terms import Requirement
from conformance.results.outcomes import Outcome
from conformance.results.printable import printable
from conformance.results.run_outcomes import Outcomes
from conformance.results.verdicts import Verdict

__all__ = ["BrokenPromiseWarning", "Judgement"]


class BrokenPromiseWarning(UserWarning):
    """A SHOULD of the contract is broken."""


@dataclass(frozen=True)
class Judgement:
    """What a pytest item tells: a requirement's verdict and why.

    `waived` is true where all that is broken is waived, `stale` names waivers whose defect is mended. `properties` are
    what the item's report carries for others, workers' controllers among them.
    """

    requirement: Requirement
    verdict: Verdict
    words: str
    strict: bool
    waived: bool
    stale: str
    properties: list[tuple[str, object]]

    @classmethod
    def of(cls, requirement: Requirement, outcomes: Outcomes, *, strict: bool) -> "Judgement":
        """The judgement of a requirement, from what was seen of it."""
        outcome = outcomes.of(requirement)
        verdict = outcome.judged(requirement)
        waived = outcomes.all_waived(requirement)
        stale = ", ".join(mark for mark, seen in outcome.replays.items() if seen.word == "FIXED")
        properties: list[tuple[str, object]] = [
            ("verdict", "stale" if stale else "waived" if waived else verdict),
            ("broken", sorted(outcomes.open_findings(strict=True))),
            ("cases", [outcome.examples, outcome.examples - outcome.vacuous]),
        ]
        words = printable(_words_of(requirement, outcome))
        return cls(requirement, verdict, words, strict, waived, stale, properties)

    def tell(self) -> None:
        """Pass, fail, warn, skip or fail as expected, as the verdict is."""
        if self.verdict == "error":
            pytest.fail(self.words, pytrace=False)
        if self.stale:
            pytest.fail(f"{self.requirement.id}: stale waiver, fixed: {self.stale}", pytrace=False)
        if self.waived:
            pytest.xfail(f"waived: {self.words}")
        if self.verdict == "fail" or (self.verdict == "warn" and self.strict):
            pytest.fail(self.words, pytrace=False)
        if self.verdict == "warn":
            warnings.warn(BrokenPromiseWarning(self.words), stacklevel=2)
        if self.verdict in {"untestable", "not-applicable"}:
            # DESIGN, 7: what could not be tested is skipped in pytest; the exit code counts it.
            pytest.skip(f"{self.verdict}: {self.words}")


def _words_of(requirement: Requirement, outcome: Outcome) -> str:
    """What came of a requirement, in words: its first finding, else why there is no verdict."""
    if outcome.findings:
        first = next(iter(outcome.findings.values()))
        what = f"{requirement.id}: {first.message}"
        return f"{what}\nrequired: {requirement.words}\nexpected: {first.expected}\nactual: {first.observed}"
    if outcome.verdict == "error":
        return str(outcome.reason)
    return f"{requirement.id}: {outcome.reason or 'never reached the situation that it is about'}"
