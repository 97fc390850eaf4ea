"""What a pytest item tells of its requirement."""

import warnings
from dataclasses import dataclass

import pytest

from conformance.contracts.terms import Requirement
from conformance.results.outcomes import Outcome
from conformance.results.verdicts import Verdict

__all__ = ["BrokenPromiseWarning", "Judgement", "words_of"]


class BrokenPromiseWarning(UserWarning):
    """A SHOULD of the contract is broken."""


@dataclass(frozen=True)
class Judgement:
    """What a pytest item tells: a requirement's verdict and why.

    `waived` is true where all that is broken is waived, `stale` names waivers whose defect is mended.
    """

    requirement: Requirement
    verdict: Verdict
    words: str
    strict: bool
    waived: bool
    stale: str

    def tell(self) -> None:
        """Pass, fail, warn, skip or fail as expected, as the verdict is."""
        if self.stale:
            pytest.fail(f"{self.requirement.id}: stale waiver, mended: {self.stale}", pytrace=False)
        if self.waived:
            pytest.xfail(f"waived: {self.words}")
        if self.verdict == "fail" or (self.verdict == "warn" and self.strict):
            pytest.fail(self.words, pytrace=False)
        if self.verdict == "warn":
            warnings.warn(BrokenPromiseWarning(self.words), stacklevel=2)
        if self.verdict in {"untestable", "not-applicable"}:
            # DESIGN, 7: what could not be tested is skipped in pytest; the exit code counts it.
            pytest.skip(f"{self.verdict}: {self.words}")


def words_of(requirement: Requirement, outcome: Outcome) -> str:
    """What came of a requirement, in words: its first finding, else why there is no verdict."""
    if outcome.findings:
        first = next(iter(outcome.findings.values()))
        what = f"{requirement.id}: {first.message}"
        return f"{what}\nrequired: {requirement.words}\nexpected: {first.expected}\nseen: {first.observed}"
    return f"{requirement.id}: {outcome.reason or 'never reached the situation that it is about'}"
