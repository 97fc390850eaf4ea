"""Test one requirement of a run, or look once more at what the run did; what breaks is an error, never a failure."""

from collections.abc import Callable

from conformance.contracts.terms import Requirement
from conformance.engine.exploring import explore, final_sweep
from conformance.engine.rule import Rule
from conformance.engine.run import Run
from conformance.engine.stops import Broken
from conformance.report.text import printable
from conformance.results.internal import describe
from conformance.results.internal import keep as keep_traceback

__all__ = ["internal_error", "run_requirement", "sweep_requirement"]


def run_requirement(run: Run, requirement: Requirement, rule: Rule) -> None:
    """Test a requirement, as far as this run can; what came of it stands in the run's outcomes."""
    outcome = run.outcomes.of(requirement)
    absent = run.needs.left_out(rule.needs, read_only=rule.read_only)
    if run.broken:
        outcome.verdict, outcome.reason = "error", run.broken
    elif absent:
        outcome.verdict, outcome.reason = absent
        outcome.ran = True
    elif run.out_of_time:
        outcome.reason = f"not run: the deadline of {run.target.deadline:g} seconds had passed"
    else:
        _guarded(run, requirement, lambda: explore(run, requirement, rule))


def sweep_requirement(run: Run, requirement: Requirement, rule: Rule) -> None:
    """Look once more at what the run did, for a requirement whose rule does."""
    if rule.sweep and not run.needs.left_out(rule.needs, read_only=rule.read_only):
        _guarded(run, requirement, lambda: final_sweep(run, requirement, rule))


def _guarded(run: Run, requirement: Requirement, work: Callable[[], object]) -> None:
    outcome = run.outcomes.of(requirement)
    try:
        work()
    except Broken as broken:
        outcome.verdict, outcome.reason = "error", printable(run.scrub.text(str(broken)))
        if broken.final:
            run.broken = outcome.reason
    except Exception as problem:  # noqa: BLE001 - told by type and place: its words and frames may hold a credential
        outcome.verdict, outcome.reason = "error", internal_error(run, problem)


def internal_error(run: Run, problem: Exception) -> str:
    """A fault of the suite, counted, and told by type and place."""
    run.tally.internal_errors += 1
    keep_traceback(problem)
    return describe(problem)
