"""One trial: the suite against one reference server that has a fault, or variants, or neither."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from conformance.contracts.contract import Contract
from conformance.contracts.loading import load
from conformance.contracts.terms import Requirement
from conformance.engine.exploring import explore
from conformance.engine.rule import attach_monitors, rules
from conformance.engine.run import Run
from conformance.engine.stops import Broken
from conformance.reference.server import Reference, package
from conformance.targets.target import Target

__all__ = ["Kind", "Outcome", "Trial", "attempt"]

Kind: TypeAlias = Literal["fault", "variant", "correct"]


@dataclass(frozen=True)
class Trial:
    """What to try: a contract's reference with one fault, or with variants, or as it is."""

    contract: str
    kind: Kind
    names: tuple[str, ...]
    seed: int
    depth: int

    @property
    def name(self) -> str:
        """The fault, or the variants, by name."""
        return " + ".join(self.names) or "the correct server"


@dataclass
class Outcome:
    """What a trial came to.

    `rules` are those that raised a finding of level MUST or SHOULD (of a fault: until its own did),
    `findings` says which. `during` is the requirement under test at a fault's first own finding; a
    rule over every answer may see it while another is tested. `reach` has for each requirement of a
    full run its examples and how many of them reached the situation it is about. `seconds` are
    those of the trial without the server's start.
    """

    contract: str
    kind: Kind
    name: str
    seed: int
    rule: str = ""
    condition: str = ""
    caught: bool = False
    during: str = ""
    rules: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    examples: int = 0
    requests: int = 0
    seconds: float = 0.0
    reach: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """A fault must be caught by its own rule; nothing else may be flagged, or break the suite."""
        clean = not self.findings and not self.errors
        return self.caught if self.kind == "fault" else clean


def attempt(trial: Trial) -> Outcome:
    """Start the reference and try the suite on it: on a fault until its own rule sees it, else in full."""
    contract = load(trial.contract)
    outcome = Outcome(trial.contract, trial.kind, trial.name, trial.seed)
    wrong, lawful = (trial.names, ()) if trial.kind == "fault" else ((), trial.names)
    if trial.kind == "fault":
        fault = package(trial.contract).FAULTS[trial.names[0]]
        outcome.rule, outcome.condition = fault.rule, fault.condition.name
    with Reference(trial.contract, faults=wrong, variants=lawful) as reference:
        target = Target(url=reference.url, api_key=reference.api_key, state_url=reference.state_url, embedded=True)
        run = _run(contract, target, trial)
        began = time.monotonic()
        explored = _explored(run, outcome)
        outcome.seconds = round(time.monotonic() - began, 2)
    _tell(run, explored, outcome)
    return outcome


def _run(contract: Contract, target: Target, trial: Trial) -> Run:
    """A run of the suite with the monitors of its rules, which does not make its findings small."""
    run = Run(contract, target, seed=trial.seed, depth=trial.depth, shrink=False, stop=True)
    attach_monitors(run)
    return run


def _explored(run: Run, outcome: Outcome) -> list[Requirement]:
    """Test requirement after requirement, a fault's own rule first, and say which; stop when that has a finding."""
    done: list[Requirement] = []
    known = rules()
    for requirement in sorted(run.contract.requirements, key=lambda r: (r.rule != outcome.rule, known[r.rule].place)):
        done.append(requirement)
        try:
            explore(run, requirement, known[requirement.rule])
        except Broken as problem:
            outcome.errors.append(f"{requirement.id}: {problem}")
            if problem.final:
                break
        except Exception as problem:  # noqa: BLE001 - whatever breaks in one trial must not end the others
            outcome.errors.append(f"{requirement.id}: internal error: {problem!r}")
        if outcome.kind == "fault" and _seen_by(run, outcome.rule):
            outcome.during = requirement.id
            break
    return done


def _seen_by(run: Run, rule: str) -> bool:
    return any(r.rule == rule for r, _ in _found(run))


def _found(run: Run) -> Iterator[tuple[Requirement, Any]]:
    """The findings that make a requirement fail or warn; what is only observed is none."""
    for requirement in run.contract.requirements:
        outcome = run.outcomes.get(requirement.id)
        if outcome is not None and requirement.level != "MAY":
            yield from ((requirement, finding) for finding in outcome.findings.values())


def _tell(run: Run, explored: list[Requirement], outcome: Outcome) -> None:
    found = list(_found(run))
    outcome.rules = sorted({r.rule for r, _ in found})
    outcome.findings = [f"{r.id}: {f.message}; actual: {f.observed}" for r, f in found]
    outcome.caught = outcome.kind == "fault" and outcome.rule in outcome.rules
    outcome.requests = run.tally.requests
    outcome.examples = sum(run.outcomes.of(r).examples for r in explored)
    if outcome.kind != "fault":
        for requirement in explored:
            seen = run.outcomes.of(requirement)
            outcome.reach[requirement.id] = (seen.examples, seen.examples - seen.vacuous)
