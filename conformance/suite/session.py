"""The plugin proper: one pytest item a requirement, one results file a contract."""

import signal
import time
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformance.contracts.contract import ContractError
from conformance.engine.interrupts import end_in_order, whole
from conformance.engine.preflight import preflight
from conformance.engine.recording import record, written_so_far
from conformance.engine.rule import rule_of
from conformance.engine.run import Run
from conformance.engine.stops import Broken
from conformance.gate.judging import judge
from conformance.results.ending import Ending, session_code, unwritten_code
from conformance.results.files import RunResults, write
from conformance.results.internal import describe
from conformance.results.internal import keep as keep_traceback
from conformance.results.printable import printable
from conformance.suite.items import RequirementItem
from conformance.suite.judgement import Judgement
from conformance.suite.preparing import prepare
from conformance.suite.testing import internal_error, run_requirement, sweep_requirement
from conformance.suite.workers import Teller, Workers, tell_all
from conformance.targets.config import UsageError
from conformance.targets.target import TargetError

__all__ = ["Suite"]

_EVERY = 2.0
"""Seconds between two writings of what a run has so far."""


class Suite:
    """Prepares the runs, turns requirements into items, and writes what they came to."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.results: dict[str, RunResults] = {}
        self.files: dict[str, Path] = {}
        self.notes: dict[str, list[str]] = {}
        self.unwritten = ""
        self.problems: list[str] = []
        self._started = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self._collected: set[str] = set()
        self._others_failed = False
        self._written = 0.0
        self._interrupted = False
        try:
            prepared = prepare(config)
        except (UsageError, ContractError, TargetError, LookupError) as problem:
            raise pytest.UsageError(str(problem)) from None
        self.plan, self.runs, self._closing = prepared.plan, prepared.runs, prepared.closing
        self._is_worker = prepared.from_controller is not None
        shared = {
            "seed": self.plan.seed,
            "nonce": self.plan.nonce,
            "workers": len(config.getoption("tx", None) or [None]),
        }
        self.workers = Workers(self.runs, shared)
        helper = Teller(self.runs) if self._is_worker else self.workers
        config.pluginmanager.register(helper, "conformance-workers")

    # Beginning

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionstart(self) -> Generator[None]:
        """Look at the targets before the first requirement; what is told to end here still leaves results."""
        try:
            for number, handler in end_in_order():
                self._closing.callback(signal.signal, number, handler)
            if not self._is_worker and not self.config.option.collectonly:
                self._look_first()
        except KeyboardInterrupt:
            self._interrupted = True
        try:
            yield
        except KeyboardInterrupt:
            # pytest ends a session in order only once it has begun.
            self._interrupted = True

    def _look_first(self) -> None:
        for run in self.runs.values():
            try:
                self.notes[run.contract.vendor] = [printable(run.scrub.text(note)) for note in preflight(run)]
            except Broken as problem:
                run.stopped = printable(run.scrub.text(str(problem)))
            except Exception as problem:  # noqa: BLE001 - told by type and place, like every internal error
                run.stopped = internal_error(run, problem)
            run.broken = run.stopped

    # Items

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Hand on what came while the session began."""
        if self._interrupted:
            ids = ((r.id, r.rule) for run in self.runs.values() for r in run.contract.requirements)
            self._collected |= {name for name, rule in ids if self.plan.selects(name, rule)}
            raise KeyboardInterrupt

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(
        self, collector: pytest.Module | pytest.Class, name: str, obj: object
    ) -> list[RequirementItem] | None:
        """One item for each requirement that binds the rule."""
        rule = rule_of(obj)
        if rule is None:
            return None
        return [
            RequirementItem.from_parent(
                collector,
                name=f"{name}[{requirement.id}]",
                run=run,
                requirement=requirement,
                rule=rule,
                judge=self._judged,
            )
            for run in self.runs.values()
            for requirement in run.contract.bound(rule.id)
            if self.plan.selects(requirement.id, rule.id)
        ]

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """What looks at the whole run goes last, what is long first where several processes share the work."""
        others = [item for item in items if not isinstance(item, RequirementItem)]
        ours = sorted((item for item in items if isinstance(item, RequirementItem)), key=lambda item: item.rule.place)
        self._collected |= {item.requirement.id for item in ours}
        ours = list(_spread(ours)) if self._is_worker else ours
        for run in self.runs.values():
            asked = sum(r.id in self._collected for r in run.contract.requirements)
            run.limits.expect(-(-asked // run.workers))
            if run.broken:
                # One line says why; 46 of them would say no more.
                of_run = [item for item in ours if item.target_run is run]
                ours = [item for item in ours if item not in of_run[1:]]
        items[:] = [*others, *ours]

    def _judged(self, item: RequirementItem) -> Judgement:
        """Test an item's requirement; what came of it."""
        run = item.target_run
        run_requirement(run, item.requirement, item.rule)
        if run.stop and run.outcomes.open_findings(strict=self.plan.strict):
            item.session.shouldfail = "a requirement failed, and -x stops at the first"
        return Judgement.of(item.requirement, run.outcomes, strict=self.plan.strict)

    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """A requirement that could not be judged is an error, not a failure."""
        if report.when == "call" and ("verdict", "error") in report.user_properties:
            return "error", "E", "ERROR"
        return None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write what there is, and remember failures of others' tests."""
        ours = any(name == "requirement" for name, _ in report.user_properties)
        # What a crashed worker leaves is a report without properties.
        ours = ours or self.workers.requirement_of(report.nodeid) is not None
        self._others_failed = self._others_failed or (report.failed and not ours)
        due = time.monotonic() - self._written >= _EVERY
        if not self._is_worker and ours and report.when == "teardown" and due and not self.problems:
            self._guarded(self._write_so_far)

    # Ending

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Look at everything once more when the items ended, by -x too; interrupts are pytest's to handle."""
        try:
            ended = yield
        except session.Failed:
            self._sweep()
            raise
        self._sweep()
        return ended

    def _sweep(self) -> None:
        """Let the rules that look at the whole run see the rest of it: each process looks at what it did itself."""
        for run in self.runs.values() if not self.config.option.collectonly else ():
            stopped = run.stop and run.outcomes.open_findings(strict=self.plan.strict)
            if run.broken or run.out_of_time or stopped:
                continue
            for requirement in run.contract.requirements:
                if requirement.id in self._collected:
                    sweep_requirement(run, requirement, self.plan.rules[requirement.rule])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Tear down, write the results, and set the exit code."""
        if self._is_worker:
            # Whoever ends its workers asks again after some seconds: what is half torn down would stay.
            with whole():
                self._end_worker()
            return
        self._tear_down()
        self._guarded(self._hand_over)
        codes: list[int] = []
        for run in self.runs.values() if not self.config.option.collectonly else ():
            self._guarded(lambda run=run: codes.append(self._finish(run, int(exitstatus))))  # type: ignore[misc] # a loop's own value
        session.exitstatus = session_code(
            int(exitstatus), codes, others_failed=self._others_failed, broke=bool(self.problems)
        )
        self._guarded(self._closing.close)

    def _tear_down(self) -> None:
        for run in self.runs.values():
            self._guarded(run.set_ups.tear_down)

    def _end_worker(self) -> None:
        self._tear_down()
        for run in self.runs.values():
            run.tally.internal_errors += len(self.problems)
        tell_all(self.config, self.runs)

    def _hand_over(self) -> None:
        self.workers.hand_over()
        self._collected |= self.workers.collected
        for run in self.runs.values():
            run.outcomes.give_back()

    def _finish(self, run: Run, exitstatus: int) -> int:
        ending = Ending(exitstatus, self.workers.crashed, run.tally.internal_errors)
        vendor = run.contract.vendor
        notes = self.notes.get(vendor, [])
        results = record(run, self.plan, self._collected, ending=ending, started=self._started, notes=notes)
        if self.plan.waivers is not None:
            results = results.with_gate(judge(results, self.plan.waivers))
        self.results[vendor], self.files[vendor] = results, self.plan.folder / vendor / "results.jsonl"
        try:
            write(self.files[vendor], results)
            self._partial(run).unlink(missing_ok=True)
        except OSError as problem:
            # What was found is told all the same; without its file it is no proof.
            self.unwritten = f"{problem.filename}: {problem.strerror or problem}"
        end = results.end
        return unwritten_code(end.overall) if self.unwritten else end.exit_code

    # Results that are on their way, and what breaks in a hook

    def _guarded(self, work: Callable[[], None]) -> None:
        """Whatever breaks in a hook is told by type and place: pytest would show its words and frames."""
        try:
            work()
        except Exception as problem:  # noqa: BLE001 - as above
            keep_traceback(problem)
            self.problems.append(describe(problem))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell what broke in a hook, where pytest's own terminal is there."""
        for problem in self.problems:
            terminalreporter.write_line(problem)

    def _write_so_far(self) -> None:
        """A run that is killed leaves what it had; the file has no end line, so nobody takes it for a whole one."""
        for vendor, run in self.runs.items():
            told = self.workers.so_far(vendor)
            written_so_far(run, self.plan, self._collected, started=self._started, file=self._partial(run), told=told)
        self._written = time.monotonic()

    def _partial(self, run: Run) -> Path:
        return self.plan.folder / run.contract.vendor / f"results.{run.nonce}.partial"


def _spread(items: list[RequirementItem]) -> Iterator[RequirementItem]:
    """The items for workers, the long ones first, each with a short one: they are handed out two by two."""
    long = [item for item in items if item.rule.long]
    short = [item for item in items if not item.rule.long]
    for number, item in enumerate(long):
        yield item
        yield from short[number : number + 1]
    yield from short[len(long) :]
