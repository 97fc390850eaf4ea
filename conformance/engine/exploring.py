"""Explore a requirement: known cases first, cases on purpose, cases by chance, then the smallest of each failure."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import HypothesisException

from conformance.contracts.terms import Requirement
from conformance.engine.attempt import Attempts, Drive, Failure
from conformance.engine.drawing import Choices, OnPurpose, Random, Replay
from conformance.engine.replay import Replayed, replay
from conformance.engine.rule import FinalSweep, Rule
from conformance.engine.run import Run
from conformance.engine.shrink import simplest
from conformance.results.findings import StoredFinding, fingerprint
from conformance.results.outcomes import Outcome

__all__ = ["ON_PURPOSE", "explore", "final_sweep"]

ON_PURPOSE: Final = 16
"""Cases that are planned, before chance has its turn; more where a choice has more options."""
_HOPELESS: Final = 6
"""Cases in a row that reach nothing, at the start after which a rule is given up."""
_SHRINK_EXAMPLES: Final = 120
_SHRINK_SECONDS: Final = 20.0
_MORE_SECONDS: Final = 60.0
"""How long a broken requirement is searched for other ways in which it is broken."""


class _Enough(BaseException):
    """Leaves Hypothesis at once; a BaseException, since Hypothesis holds every other one for a failure."""


class _Exploration(Attempts):
    def __init__(self, run: Run, requirement: Requirement, rule: Rule) -> None:
        super().__init__(run, requirement, rule)
        self.failures: list[Failure] = []
        self._waived = run.outcomes.waivers_of(requirement)
        self._known: set[str] = set()
        self._settled: set[str] = set()
        self._until: float | None = None
        self._smaller_left = _SHRINK_EXAMPLES
        self._smaller_seconds = _SHRINK_SECONDS

    # Searching

    @property
    def _over(self) -> bool:
        """Whether to stop looking: the run's time is up, or what was found closes any gate."""
        if self.run.out_of_time:
            return True
        if self._until is None:
            return False
        hanging = any(v.code == "no-answer" for failure in self.failures for v in failure.violations)
        return self.run.stop or hanging or time.monotonic() > self._until

    def _note(self, failure: Failure | None) -> None:
        """Settle a failure that shows something new; one that is waived is no reason ever to stop."""
        if failure is None or failure.fingerprints <= self._known:
            return
        self._known |= failure.fingerprints
        self.failures.append(failure)
        # At once: every further example leaves more calls on the server, which may stand in the smallest one's way.
        self._settle(failure)
        if not failure.fingerprints <= self._waived.keys():
            self._close()

    def _close(self) -> None:
        """Something was found that nobody knew of: the verdict is certain, and time is bounded from now on."""
        if self._until is None:
            self._until = time.monotonic() + _MORE_SECONDS

    def search(self) -> None:
        """Find the failing examples of the run's depth, one for each new way to fail."""
        if self._over:
            return
        depth = min(
            self.run.depth, self.rule.most or self.run.depth, self.run.needs.cases(self.rule.needs, self.run.depth)
        )
        largest = ON_PURPOSE
        number = 0
        while number < min(depth, largest):
            planned = OnPurpose(self.run.seed, number)
            self._note(self.example(planned))
            largest = max(largest, planned.largest + 1)
            number += 1
            # One case each requirement has, whatever its share: it says which bound it met.
            if (self.number == _HOPELESS and not self.reached) or self._over or self._bounded(depth):
                return
        self._by_chance(depth - number)

    def _bounded(self, depth: int) -> bool:
        """Whether the requirement's share of the run's bounds is used up; noted where it had more cases to come."""
        spent = self.run.limits.spent
        self.run.tally.cut_short += spent and self.number < depth
        return spent

    def _by_chance(self, examples: int) -> None:
        stopped: list[Exception] = []

        def attempt(data: st.DataObject) -> None:
            try:
                self._note(self.example(Random(data)))
            except Exception as problem:  # noqa: BLE001 - Hypothesis would try it again, and hide it
                stopped.append(problem)
            if self._over or stopped or self._bounded(self.number + 1):
                raise _Enough

        if examples > 0:
            self._hypothesis(attempt, examples)
        for problem in stopped:
            raise problem

    def _hypothesis(self, attempt: object, examples: int) -> None:
        configure = settings(
            max_examples=examples,
            phases=[Phase.generate],
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

    # What earlier runs found

    def retry_known(self) -> None:
        """Try first what failed in earlier runs on this target, and forget what is mended."""
        if self.run.stored_findings is None:
            return
        for known in self.run.stored_findings.of(self.run.target, self.requirement.id):
            if self._repeated(known).word != "STILL FAILING":
                self.run.stored_findings.forget(self.run.target, known)

    def confirm(self) -> None:
        """Replay what is waived and was not met: only then is it known whether the waiver is stale."""
        for mark, waiver in self._waived.items():
            if mark not in self.outcome.findings and self.reached:
                replayed = self._repeated(waiver.known)
                self.outcome.replays[mark] = {"word": replayed.word, "why": replayed.why}

    def remember(self) -> None:
        """Keep the findings for the next run on this target."""
        if self.run.stored_findings is not None:
            for finding in self.outcome.findings.values():
                self.run.stored_findings.save(self.run.target, self.requirement.id, finding)

    def _repeated(self, known: StoredFinding) -> Replayed:
        replayed = replay(self.run, known)
        for mark, finding in replayed.findings.items():
            self.outcome.findings.setdefault(mark, finding)
            self._known.add(mark)
            if mark not in self._waived:
                self._close()
        return replayed

    # Settling

    def _settle(self, failure: Failure) -> None:
        """Keep a failure's findings, each in its smallest form unless it is waived."""
        marks = (fingerprint(self.requirement.id, violation) for violation in failure.violations)
        for mark in sorted(dict.fromkeys(marks), key=self._waived.__contains__):
            if mark not in self._settled:
                self._settle_one(failure, mark)

    def keep_as_seen(self) -> None:
        """Keep what was found and could not be settled."""
        for failure in self.failures:
            for violation in failure.violations:
                self.run.outcomes.keep(self.requirement, violation, failure.context.evidence, reproduced=False)

    def _settle_one(self, failure: Failure, wanted: str) -> None:
        small = not self.run.shrink or wanted in self._waived or not any(failure.choices.values())
        smallest = failure if small else self._shrunk(failure, wanted)
        again = self.example(Replay(smallest.choices)) if self.run.shrink else None
        returned = again.fingerprints if again else set()
        for violation in smallest.violations:
            mark = fingerprint(self.requirement.id, violation)
            if mark in self._settled:
                continue
            self._settled.add(mark)
            context = again.context if again and mark in returned else smallest.context
            reproduced = mark in returned or not self.run.shrink
            self.run.outcomes.keep(self.requirement, violation, context.evidence, reproduced=reproduced, smallest=True)

    def _shrunk(self, failure: Failure, wanted: str) -> Failure:
        """The smallest example found that breaks the same promise in the same way."""
        found = {_key(failure.choices): failure}
        began = time.monotonic()

        def fails(choices: Choices) -> Choices | None:
            self._smaller_left -= 1
            if self._smaller_left < 0 or time.monotonic() - began > self._smaller_seconds:
                return None
            smaller = self.example(Replay(choices))
            if smaller is None or wanted not in smaller.fingerprints:
                return None
            found[_key(smaller.choices)] = smaller
            return smaller.choices

        smallest = found[_key(simplest(failure.choices, fails))]
        # The bounds are the requirement's, however many ways it is broken in.
        self._smaller_seconds -= time.monotonic() - began
        return smallest


def _key(choices: Choices) -> tuple[tuple[str, int], ...]:
    return tuple(choices.items())


@contextmanager
def _counted(attempts: Attempts) -> Iterator[None]:
    """Add to the outcome what the attempts cost, however they end."""
    outcome, tally = attempts.outcome, attempts.run.tally
    before, began = tally.requests, time.monotonic()
    try:
        yield
    finally:
        outcome.vacuous += attempts.number - attempts.reached
        outcome.requests += tally.requests - before
        outcome.seconds += time.monotonic() - began


def final_sweep(run: Run, requirement: Requirement, rule: Rule) -> None:
    """Let a rule look once more at what the run did, thing by thing; what it sees then can't be done again.

    Raises:
        Broken: the target or the suite itself failed.
    """
    sweep = rule.sweep
    if sweep is None:
        return
    for item in sweep.items(run):
        attempts = Attempts(run, requirement, rule, _looking_at(sweep, item))
        with _counted(attempts):
            failure = attempts.example(Replay({}))
        if failure is not None:
            for violation in failure.violations:
                run.outcomes.keep(requirement, violation, failure.context.evidence, reproduced=False)


def _looking_at(sweep: FinalSweep, item: object) -> Drive:
    return lambda context: sweep.body(context, item)


def explore(run: Run, requirement: Requirement, rule: Rule) -> Outcome:
    """Test one requirement and return what it came to.

    Raises:
        Broken: the target, its state URL or the suite itself failed.
    """
    run.limits.begin()
    final_sweep(run, requirement, rule)
    exploration = _Exploration(run, requirement, rule)
    outcome = exploration.outcome
    outcome.ran = True
    with _counted(exploration):
        try:
            exploration.retry_known()
            exploration.search()
            exploration.confirm()
            exploration.remember()
        except KeyboardInterrupt:
            # Half a search that found nothing is no pass.
            outcome.ran = False
            raise
        finally:
            exploration.keep_as_seen()
    if outcome.disturbed * 2 > outcome.examples:
        lost = f"{outcome.disturbed} of {outcome.examples} cases"
        outcome.reason = f"the target was disturbed: {lost} were not driven to their end"
    elif not exploration.reached and exploration.vacuous:
        outcome.reason = "; ".join(reason for reason, _ in exploration.vacuous.most_common(3))
    return outcome
