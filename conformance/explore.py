"""Explore a requirement: cases on purpose, then cases by chance, then the smallest failing one again."""

import time
from collections import Counter
from dataclasses import dataclass
from typing import Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from conformance.contract import Requirement
from conformance.draw import Choices, Draw, OnPurpose, Random, Replay
from conformance.results import Outcome, Violation, fingerprint
from conformance.rule import Rule, Vacuous
from conformance.run import Broken, Run
from conformance.scene import Scene
from conformance.session import Overloaded, Unreachable
from conformance.shrink import simplest

__all__ = ["ON_PURPOSE", "explore"]

ON_PURPOSE: Final = 16
"""Cases that are planned, before chance has its turn: enough for the largest deck of options."""
_HOPELESS: Final = 6
"""Vacuous examples in a row at the start after which a rule is given up."""
_SHRINK_EXAMPLES: Final = 120
_SHRINK_SECONDS: Final = 20.0


class _Enough(BaseException):
    """Leaves Hypothesis at once; a BaseException, since Hypothesis holds every other one for a failure."""


@dataclass(frozen=True)
class _Failure:
    choices: Choices
    violations: list[Violation]
    scene: Scene


class _Exploration:
    def __init__(self, run: Run, requirement: Requirement, rule: Rule) -> None:
        self.run = run
        self.requirement = requirement
        self.rule = rule
        self.outcome = run.outcome(requirement)
        self.vacuous: Counter[str] = Counter()
        self.number = 0
        self.reached = 0

    def example(self, draw: Draw) -> _Failure | None:
        """Run one example; tell what it broke of the requirement under test."""
        self.number += 1
        self.outcome.examples += 1
        scene = Scene(self.run, self.requirement, draw, self.number)
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
            return _Failure(dict(scene.choices), own, scene)
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

    def search(self) -> _Failure | None:
        """The first failing example of the run's depth."""
        depth = min(self.run.depth, self.rule.most or self.run.depth, self.run.given(self.rule.needs))
        for number in range(min(depth, ON_PURPOSE)):
            failure = self.example(OnPurpose(self.run.seed, number))
            if failure is not None:
                return failure
            if (self.number == _HOPELESS and not self.reached) or self.run.out_of_time:
                return None
        return self._by_chance(depth - ON_PURPOSE)

    def _by_chance(self, examples: int) -> _Failure | None:
        found: list[_Failure] = []

        def attempt(data: st.DataObject) -> None:
            failure = self.example(Random(data))
            if failure is not None:
                found.append(failure)
            if found or self.run.out_of_time:
                raise _Enough

        if examples > 0:
            self._hypothesis(attempt, examples, [Phase.generate])
        return found[0] if found else None

    def shrink(self, failure: _Failure) -> _Failure:
        """The smallest example found that breaks the same promise in the same way."""
        wanted = fingerprint(self.requirement.id, failure.violations[0])
        found = {_key(failure.choices): failure}
        left = _SHRINK_EXAMPLES
        until = time.monotonic() + _SHRINK_SECONDS

        def fails(choices: Choices) -> Choices | None:
            nonlocal left
            left -= 1
            if left < 0 or time.monotonic() > until:
                return None
            smaller = self.example(Replay(choices))
            if smaller is None or all(fingerprint(self.requirement.id, v) != wanted for v in smaller.violations):
                return None
            found[_key(smaller.choices)] = smaller
            return smaller.choices

        return found[_key(simplest(failure.choices, fails))]

    def _hypothesis(self, attempt: object, examples: int, phases: list[Phase]) -> None:
        configure = settings(
            max_examples=examples,
            phases=phases,
            database=None,
            deadline=None,
            derandomize=False,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        test = configure(seeded(f"{self.run.seed}:{self.requirement.id}")(given(st.data())(attempt)))  # type: ignore[arg-type] # any hashable is a seed; given() takes the function as it is
        try:
            test()
        except _Enough:
            return
        except (HypothesisException, BaseExceptionGroup):
            # Hypothesis' ways of saying that an example went otherwise the second time: so targets are.
            return

    def settle(self, failure: _Failure) -> None:
        """Keep the failure's findings in their smallest form; as they were seen, if interrupted."""
        try:
            self._settle(failure)
        except BaseException:
            for violation in failure.violations:
                self.run.keep(self.requirement, violation, failure.scene, reproduced=False)
            raise

    def _settle(self, failure: _Failure) -> None:
        smallest = self.shrink(failure) if self.run.shrink and any(failure.choices.values()) else failure
        again = self.example(Replay(smallest.choices)) if self.run.shrink else None
        returned = {fingerprint(self.requirement.id, v) for v in again.violations} if again else set()
        for violation in smallest.violations:
            mark = fingerprint(self.requirement.id, violation)
            scene = again.scene if again and mark in returned else smallest.scene
            reproduced = mark in returned or not self.run.shrink
            self.run.keep(self.requirement, violation, scene, reproduced=reproduced, smallest=True)


def _key(choices: Choices) -> tuple[tuple[str, int], ...]:
    return tuple(choices.items())


def explore(run: Run, requirement: Requirement, rule: Rule) -> Outcome:
    """Test one requirement and return what it came to.

    Raises:
        Broken: the target, its state URL or the suite itself failed.
    """
    exploration = _Exploration(run, requirement, rule)
    outcome = exploration.outcome
    outcome.ran = True
    before, began = run.tally.requests, time.monotonic()
    try:
        failure = exploration.search()
        if failure is not None:
            exploration.settle(failure)
    except KeyboardInterrupt:
        # Half a search that found nothing is no pass.
        outcome.ran = False
        raise
    finally:
        outcome.vacuous += exploration.number - exploration.reached
        outcome.requests += run.tally.requests - before
        outcome.seconds += time.monotonic() - began
    if not exploration.reached and exploration.vacuous:
        outcome.reason = "; ".join(reason for reason, _ in exploration.vacuous.most_common(3))
    return outcome
