"""What the requirements of a run came to, and the findings that are kept of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from conformance.contracts.pointer import JsonObject
from conformance.contracts.terms import Requirement
from conformance.http.exchange import Exchange
from conformance.results.findings import Evidence, Finding, Shown, Violation, fingerprint
from conformance.results.lines import Part, Proof
from conformance.results.outcomes import Outcome
from conformance.results.scrub import Scrubber
from conformance.results.waivers import Waiver

__all__ = ["Outcomes"]

_LONGEST: Final = 300
"""Characters of a finding's words."""


class Outcomes:
    """The outcome of each requirement by its id. Everything is scrubbed on its way in.

    `waived` are the waivers for this target: by requirement, then by fingerprint.
    """

    def __init__(
        self,
        requirements: Sequence[Requirement],
        scrub: Scrubber,
        waived: Mapping[str, Mapping[str, Waiver]] | None = None,
    ) -> None:
        self.waived = waived or {}
        self._levels = {r.id: r.level for r in requirements}
        self._scrub = scrub
        self._outcomes: dict[str, Outcome] = {}

    def of(self, requirement: Requirement) -> Outcome:
        """The outcome of a requirement so far."""
        return self._outcomes.setdefault(requirement.id, Outcome(requirement.id))

    def get(self, requirement_id: str) -> Outcome | None:
        """The outcome of the requirement of this id; None where nothing was done about it."""
        return self._outcomes.get(requirement_id)

    def all(self) -> list[Outcome]:
        """Every outcome so far."""
        return list(self._outcomes.values())

    def waivers_of(self, requirement: Requirement) -> Mapping[str, Waiver]:
        """The waivers of a requirement's findings, by fingerprint."""
        return self.waived.get(requirement.id, {})

    def all_waived(self, requirement: Requirement) -> bool:
        """Whether something of a requirement is broken, and all of it is waived."""
        findings = self.of(requirement).findings
        return bool(findings) and findings.keys() <= self.waivers_of(requirement).keys()

    # Findings

    def keep(
        self,
        requirement: Requirement,
        violation: Violation,
        gather: Callable[[Sequence[Exchange]], Evidence],
        *,
        reproduced: bool,
        smallest: bool = False,
    ) -> None:
        """Keep a violation as a finding, with the evidence that `gather` puts together.

        The first of a kind stays, until the requirement's own test has the `smallest` example of it.
        """
        mark = fingerprint(requirement.id, violation)
        findings = self.of(requirement).findings
        if mark in findings and not smallest:
            return
        evidence = gather(violation.about)
        offending = violation.about[-1] if violation.about else None
        findings[mark] = Finding(
            code=violation.code,
            message=self._told(violation.message),
            expected=self._told(violation.expected),
            observed=self._told(violation.observed),
            fingerprint=mark,
            reproduced=reproduced,
            example=evidence.example,
            curl=evidence.curl,
            exchanges=[self._scrub.exchange(e, offending=e is offending) for e in evidence.exchanges],
            unless=violation.unless.id if violation.unless else None,
        )

    def _told(self, words: str | Shown) -> str:
        """A finding's words as they may be written: scrubbed first, then cut."""
        if isinstance(words, Shown):
            return self._scrub.value(words.value) + words.note
        return self._scrub.text(words, _LONGEST)

    def prove(self, requirement: Requirement, proof: Iterable[tuple[Part, Exchange]]) -> None:
        """Keep exchanges, each with its part, as what a pass of the requirement can be seen by."""
        self.of(requirement).proof = [
            Proof(part=part, exchange=self._scrub.exchange(exchange)) for part, exchange in proof
        ]

    def open_findings(self, *, strict: bool) -> set[str]:
        """Requirements of which something was found that is not waived: MUSTs, and SHOULDs too if `strict`."""
        counts = {"MUST", "SHOULD"} if strict else {"MUST"}
        return {
            name
            for name, outcome in self._outcomes.items()
            if self._levels.get(name) in counts and outcome.findings.keys() - self.waived.get(name, {}).keys()
        }

    def give_back(self) -> None:
        """Drop every finding that belongs to another requirement now that this one, too, is known to be broken.

        While rules run side by side, the one that a breach belongs to may not have seen it yet. What is waived stays:
        a waiver whose finding is not met would be called stale.
        """
        broken = {outcome.requirement for outcome in self._outcomes.values() if outcome.findings}
        for outcome in self._outcomes.values():
            elsewhere, waived = broken - {outcome.requirement}, self.waived.get(outcome.requirement, {})
            outcome.findings = {
                mark: one for mark, one in outcome.findings.items() if mark in waived or one.unless not in elsewhere
            }

    # Several processes

    def as_json(self) -> list[JsonObject]:
        """The outcomes as plain data for another process."""
        return [outcome.as_json() for outcome in self._outcomes.values()]

    def take_in(self, seen: Iterable[Mapping[str, Any]]) -> None:
        """Add what another process saw."""
        for data in seen:
            self._add(Outcome.from_json(data))

    def _add(self, outcome: Outcome) -> None:
        self._outcomes.setdefault(outcome.requirement, Outcome(outcome.requirement)).add(outcome)

    def together_with(self, seen: Iterable[Mapping[str, Any]]) -> "Outcomes":
        """These outcomes and what another process saw so far, as a value of its own."""
        both = Outcomes((), self._scrub, self.waived)
        for outcome in self.all():
            both._add(outcome)
        both.take_in(seen)
        return both
