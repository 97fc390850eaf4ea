"""One example of a rule, run and judged; what networks do by themselves makes it void, and it is driven anew."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final, get_args

from conformance.contracts.terms import Requirement
from conformance.engine.context import Context
from conformance.engine.drawing import Choices, Draw, Resumed
from conformance.engine.interrupts import heed
from conformance.engine.rule import Rule
from conformance.engine.run import Run
from conformance.engine.stops import Broken, NotReached
from conformance.engine.supporting import require_operations
from conformance.http.safety import UnsafePath
from conformance.http.session import Disturbance
from conformance.results.findings import Violation, fingerprint
from conformance.results.lines import Part

__all__ = ["Attempts", "Drive", "Failure"]

_SAME_STEP: Final = 3
"""Times that one step of a case must be disturbed before it is a finding (DESIGN, 7)."""
_TRIES: Final = 6
"""Times that a case is driven before it is given up as disturbed."""
_PAUSES: Final = (0.0, 0.05, 0.2, 0.5, 1.0, 1.0)
"""Seconds before each further try, where the target asked for none."""

_PARTS: Final[tuple[Part, ...]] = get_args(Part)
"""In the order in which a proof is read."""

Drive = Callable[[Context], Iterator[Violation]]
"""What makes one case of a context, and judges it."""


@dataclass(frozen=True)
class Failure:
    """An example that broke the requirement under test, and how."""

    choices: Choices
    violations: list[Violation]
    context: Context

    @property
    def fingerprints(self) -> set[str]:
        """The stable names of what it broke."""
        return {fingerprint(self.context.requirement.id, violation) for violation in self.violations}


class Attempts:
    """Runs examples of one requirement, one after the other; `number` and `last` are those of the last one."""

    def __init__(self, run: Run, requirement: Requirement, rule: Rule, drive: Drive | None = None) -> None:
        self.run = run
        self.requirement = requirement
        self.rule = rule
        self.outcome = run.outcomes.of(requirement)
        self.vacuous: Counter[str] = Counter()
        self.number = 0
        self.reached = 0
        self.last: Context | None = None
        self._drive = drive or rule.body

    def example(self, draw: Draw) -> Failure | None:
        """Run one example; tell what it broke of the requirement under test.

        Raises:
            Broken: the target, its state URL or the suite itself failed.
        """
        heed()
        self.number += 1
        self.outcome.examples += 1
        violations: list[Violation] = []
        steps: Counter[str] = Counter()
        reached = self.reached
        for pause in _PAUSES[:_TRIES]:
            self.last = context = Context(self.run, self.requirement, draw, self.number)
            try:
                self._judged(context, violations)
                break
            except Disturbance as problem:
                steps[self._void(context, problem, pause)] += 1
                if max(steps.values()) == _SAME_STEP:
                    violations.append(self._unanswered(problem))
                    break
                violations.clear()
                draw = Resumed(dict(context.choices), draw)
        else:
            self.vacuous["the target was disturbed"] += 1
            self.outcome.disturbed += 1
        self._hand_on(context, violations)
        own = [v for v in violations if v.requirement in (None, self.requirement)]
        self.outcome.observed |= context.observed
        if own:
            return Failure(dict(context.choices), own, context)
        if self.reached > reached:
            self._keep_proof(context)
        return None

    def _judged(self, context: Context, violations: list[Violation]) -> None:
        try:
            require_operations(context, self.rule.needs)
            violations.extend(self._drive(context))
        except (NotReached, UnsafePath) as why:
            self.vacuous[str(why)] += 1
        else:
            self.reached += 1

    def _void(self, context: Context, problem: Disturbance, pause: float) -> str:
        """Note a disturbance, and wait; the step of the case that it hit.

        Raises:
            Broken: the target answers nothing at all any more.
        """
        self.run.tally.disturbances += 1
        time.sleep(max(problem.wait, pause))
        self.run.connection.probe()
        return f"{problem.what} after {len(context.exchanges)}"

    def _unanswered(self, problem: Disturbance) -> Violation:
        if problem.what.endswith("state URL"):
            raise Broken(f"state URL: {problem.why}, {_SAME_STEP} times at the same step")
        self.reached += 1
        return Violation(
            "no-answer",
            f"{problem.what} was not answered in {_SAME_STEP} cases at the same step, while other requests are",
            "an answer",
            problem.why,
            problem.what,
        )

    def _keep_proof(self, context: Context) -> None:
        """Keep the exchanges that prove a case, if they have more of the rule's parts than those that are kept."""
        parts = {part for part, _ in context.proof}
        if len(parts) > len({one.part for one in self.outcome.proof}):
            in_order = sorted(context.proof, key=lambda one: (_PARTS.index(one[0]), one[1].began))
            self.run.outcomes.prove(self.requirement, in_order)

    def _hand_on(self, context: Context, violations: list[Violation]) -> None:
        """Keep what belongs to other requirements, by the rule that saw it or by a monitor."""
        keep = self.run.outcomes.keep
        for violation in violations:
            if violation.requirement not in (None, self.requirement) and violation.requirement is not None:
                keep(violation.requirement, violation, context.evidence, reproduced=True)
        for seen in self.run.monitors.taken():
            about = replace(seen.violation, about=(seen.exchange,))
            keep(seen.requirement, about, seen.gather, reproduced=True)
