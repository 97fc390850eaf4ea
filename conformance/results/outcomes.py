"""What one requirement came to, as cases are driven."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import convert, to_builtins

from conformance.contracts.pointer import JsonObject
from conformance.contracts.terms import Requirement
from conformance.results.findings import Finding
from conformance.results.lines import Proof, ReplayLine
from conformance.results.verdicts import Verdict

__all__ = ["Outcome"]


@dataclass
class Outcome:
    """What one requirement came to, in one process; outcomes of several processes add up.

    Of its `examples`, `vacuous` ones never reached what it is about, `disturbed` ones among them because the way to
    the target failed. `proof` holds exchanges by which a pass can be seen, each with its part (`before`, `act`,
    `after`). `replays` tells of each waived finding that was not met, by fingerprint, what its replay came to.
    """

    requirement: str
    examples: int = 0
    vacuous: int = 0
    disturbed: int = 0
    requests: int = 0
    seconds: float = 0.0
    ran: bool = False
    reason: str | None = None
    verdict: Verdict | None = None
    observed: JsonObject = field(default_factory=dict)
    proof: list[Proof] = field(default_factory=list)
    findings: dict[str, Finding] = field(default_factory=dict)
    replays: dict[str, ReplayLine] = field(default_factory=dict)

    def add(self, other: "Outcome") -> None:
        """Take in what another process, or another rule, saw of the same requirement."""
        self.examples += other.examples
        self.vacuous += other.vacuous
        self.disturbed += other.disturbed
        self.requests += other.requests
        self.seconds += other.seconds
        self.ran = self.ran or other.ran
        self.reason = self.reason or other.reason
        self.verdict = self.verdict or other.verdict
        self.observed |= other.observed
        self.proof = self.proof or other.proof
        self.findings = {**other.findings, **self.findings}
        self.replays |= other.replays

    def judged(self, requirement: Requirement) -> Verdict:
        """The one verdict of the requirement."""
        if self.findings:
            return {"MUST": "fail", "SHOULD": "warn", "MAY": "observed"}[requirement.level]  # type: ignore[return-value] # the literal is lost in the look-up
        return self.verdict_without_findings(requirement)

    def verdict_without_findings(self, requirement: Requirement) -> Verdict:
        """The verdict that the requirement would have without its findings."""
        if self.verdict is not None:
            return self.verdict
        if not self.ran or self.examples == 0 or self.vacuous >= self.examples:
            return "untestable"
        if self.disturbed * 2 > self.examples:
            return "untestable"
        return "observed" if requirement.level == "MAY" else "pass"

    def as_json(self) -> JsonObject:
        """The outcome as plain data, to be sent from a worker to the controller."""
        told: JsonObject = to_builtins(self)
        return told

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Outcome":
        """The inverse of `as_json`."""
        return convert(data, cls)
