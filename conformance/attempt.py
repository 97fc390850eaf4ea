"""One example of a rule, run and judged."""

from collections import Counter
from dataclasses import dataclass

from conformance.contract import Requirement
from conformance.draw import Choices, Draw
from conformance.results import Violation, fingerprint
from conformance.rule import Rule, Vacuous
from conformance.run import Broken, Run
from conformance.scene import Scene
from conformance.session import Overloaded, Unreachable

__all__ = ["Attempts", "Failure"]


@dataclass(frozen=True)
class Failure:
    """An example that broke the requirement under test, and how."""

    choices: Choices
    violations: list[Violation]
    scene: Scene

    @property
    def fingerprints(self) -> set[str]:
        """The stable names of what it broke."""
        return {fingerprint(self.scene.requirement.id, violation) for violation in self.violations}


class Attempts:
    """Runs examples of one requirement, one after the other; `number` and `last` are those of the last one."""

    def __init__(self, run: Run, requirement: Requirement, rule: Rule) -> None:
        self.run = run
        self.requirement = requirement
        self.rule = rule
        self.outcome = run.outcome(requirement)
        self.vacuous: Counter[str] = Counter()
        self.number = 0
        self.reached = 0
        self.last: Scene | None = None

    def example(self, draw: Draw) -> Failure | None:
        """Run one example; tell what it broke of the requirement under test.

        Raises:
            Broken: the target, its state URL or the suite itself failed.
        """
        self.number += 1
        self.outcome.examples += 1
        self.last = scene = Scene(self.run, self.requirement, draw, self.number)
        violations: list[Violation] = []
        try:
            self._drive(scene, violations)
        except Vacuous as why:
            self.vacuous[str(why)] += 1
        else:
            self.reached += 1
        self._hand_on(scene, violations)
        own = [v for v in violations if v.requirement in (None, self.requirement)]
        self.outcome.observed |= scene.observed
        if own:
            return Failure(dict(scene.choices), own, scene)
        if scene.exchanges and self.outcome.witness is None:
            self.outcome.witness = self.run.scrub.exchange(scene.witness or scene.exchanges[-1])
        return None

    def _drive(self, scene: Scene, violations: list[Violation]) -> None:
        try:
            violations.extend(self.rule.body(scene))
        except Overloaded as problem:
            raise Broken(str(problem)) from None
        except Unreachable as problem:
            # Raises Broken where the target answers nothing at all any more.
            self.run.probe()
            violations.append(
                Violation(
                    "no-answer",
                    "the target gave no whole answer to one request, while it answers others",
                    "an answer",
                    str(problem),
                )
            )

    def _hand_on(self, scene: Scene, violations: list[Violation]) -> None:
        """Keep what belongs to other requirements, by the rule that saw it or by a monitor."""
        for violation in violations:
            if violation.requirement not in (None, self.requirement) and violation.requirement is not None:
                self.run.keep(violation.requirement, violation, scene, reproduced=True)
        for requirement, violation, _ in self.run.pending():
            self.run.keep(requirement, violation, scene, reproduced=True)
