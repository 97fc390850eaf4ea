"""The plugin proper: one pytest item a requirement, one results file a contract."""

import signal
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformance.contracts.contract import Contract, ContractError
from conformance.contracts.terms import Requirement
from conformance.engine.exploring import explore, final_sweep
from conformance.engine.interrupts import end_in_order
from conformance.engine.plan import left_out, make_plan
from conformance.engine.preflight import preflight
from conformance.engine.recording import INTERNAL_ERROR, UNWRITTEN, record, written_so_far
from conformance.engine.rule import RULE_MODULES, Rule, attach_monitors
from conformance.engine.run import Broken, Run
from conformance.gate.judging import judge
from conformance.reference.server import Reference, available
from conformance.results import waivers
from conformance.results.files import RunResults, write
from conformance.results.finding_database import FindingDatabase
from conformance.results.internal import describe
from conformance.results.internal import keep as keep_traceback
from conformance.results.printable import printable
from conformance.results.verdicts import worst
from conformance.suite.items import is_rule, options_of, requirement_of, vendor_of
from conformance.suite.judgement import Judgement, words_of
from conformance.suite.workers import SHARED, Teller, Workers, tell_all
from conformance.targets.config import UsageError
from conformance.targets.target import Target, TargetError

__all__ = ["Suite"]

_EVERY = 2.0
"""Seconds between two writings of what a run has so far."""
_INDIVISIBLE = (
    "-n needs a state URL (--state-url): ids that were given away, and calls that the vendor's own operations make, "
    "can't be told apart by several processes"
)


class Suite:
    """Prepares the runs, turns requirements into items, and writes what they came to."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.runs: dict[str, Run] = {}
        self.results: dict[str, RunResults] = {}
        self.files: dict[str, Path] = {}
        self.notes: dict[str, list[str]] = {}
        self._closing = ExitStack()
        self._started = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self._from_controller: dict[str, Any] | None = getattr(config, "workerinput", {}).get(SHARED)
        self._collected: set[str] = set()
        self.workers = Workers(self.runs)
        self._others_failed = False
        self._written = 0.0
        self._interrupted = False
        self.unwritten = ""
        self.problems: list[str] = []
        try:
            self._prepare()
            self._register(config)
        except (UsageError, ContractError, TargetError, LookupError) as problem:
            self._closing.close()
            raise pytest.UsageError(str(problem)) from None

    # Preparing

    def _register(self, config: pytest.Config) -> None:
        if self._from_controller is not None:
            config.pluginmanager.register(Teller(self.runs), "conformance-teller")
            return
        shared = {
            "seed": self.plan.seed,
            "nonce": self.plan.nonce,
            "workers": len(config.getoption("tx", None) or [None]),
        }
        self.workers.shared = shared
        config.pluginmanager.register(self.workers, "conformance-workers")

    def _prepare(self) -> None:
        seed = self._from_controller["seed"] if self._from_controller else None
        self.plan = make_plan(options_of(self.config), seed=seed)
        if self._from_controller is None:
            self._make_folders()
        for contract in self.plan.contracts:
            target = self.plan.target or self._embedded(contract)
            run = self._run(contract, target)
            if run.indivisible and self.config.getoption("numprocesses", None):
                raise UsageError(_INDIVISIBLE)
            self.runs[contract.vendor] = run

    def _run(self, contract: Contract, target: Target) -> Run:
        plan = self.plan
        stop = bool(self.config.getoption("maxfail", 0) == 1)
        shared = self._from_controller or {}
        run = Run(
            contract,
            target,
            seed=plan.seed,
            depth=plan.examples,
            profile=plan.profile,
            stop=stop,
            nonce=shared.get("nonce") or plan.nonce,
            worker=str(getattr(self.config, "workerinput", {}).get("workerid", "")),
            workers=int(shared.get("workers", 1)),
        )
        run.broken = shared.get("broken", {}).get(contract.vendor)
        run.waived = waivers.applying(plan.waivers or [], target.known_as)
        if plan.stored_findings is not None and run.shrink:
            run.stored_findings = FindingDatabase(plan.stored_findings)
        attach_monitors(run)
        return run

    def _make_folders(self) -> None:
        """Find out that the results can't be written before the first request is sent."""
        for contract in self.plan.contracts:
            folder = self.plan.folder / contract.vendor
            try:
                folder.mkdir(parents=True, exist_ok=True)
                probe = folder / ".writable"
                probe.touch()
                probe.unlink()
            except OSError as problem:
                raise UsageError(f"the report folder {folder} can't be written: {problem.strerror}") from None

    def _embedded(self, contract: Contract) -> Target:
        if self._from_controller is not None:
            return Target(**self._from_controller["targets"][contract.vendor], embedded=True)
        if contract.vendor not in available():
            raise UsageError(f"{contract.vendor} has no embedded reference server: name a --target")
        reference = self._closing.enter_context(Reference(contract.vendor))
        return Target(
            url=reference.url,
            api_key=reference.api_key,
            state_url=reference.state_url,
            name="reference",
            embedded=True,
        )

    @pytest.hookimpl(wrapper=True)
    def pytest_sessionstart(self) -> Generator[None]:
        """Look at the targets before the first requirement; what is told to end here still leaves results."""
        try:
            for number, handler in end_in_order():
                self._closing.callback(signal.signal, number, handler)
            if self._from_controller is None:
                self._look_first()
        except KeyboardInterrupt:
            self._interrupted = True
        try:
            yield
        except KeyboardInterrupt:
            # pytest ends a session in order only once it has begun.
            self._interrupted = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Hand on what came while the session began."""
        if self._interrupted:
            ids = ((r.id, r.rule) for run in self.runs.values() for r in run.contract.requirements)
            self._collected |= {name for name, rule in ids if self.plan.selects(name, rule)}
            raise KeyboardInterrupt

    def _look_first(self) -> None:
        if self.config.option.collectonly:
            return
        for run in self.runs.values():
            try:
                self.notes[run.contract.vendor] = [printable(run.scrub.text(note)) for note in preflight(run)]
            except Broken as problem:
                run.broken = printable(run.scrub.text(str(problem)))
            except Exception as problem:  # noqa: BLE001 - told by type and place, like every internal error
                run.broken = _told(run, problem)
            run.shared["stopped"] = run.broken

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write what there is, and remember failures of others' tests."""
        ours = any(name == "requirement" for name, _ in report.user_properties)
        # What a crashed worker leaves is a report without properties.
        ours = ours or self.workers.requirement_of(report.nodeid) is not None
        self._others_failed = self._others_failed or (report.failed and not ours)
        due = time.monotonic() - self._written >= _EVERY
        if self._from_controller is None and ours and report.when == "teardown" and due and not self.problems:
            self._guarded(self._write_so_far)

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

    # Items

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One item for each requirement that binds the test's rule."""
        rule_id = getattr(metafunc.function, "conformance_rule", None)
        if rule_id is None:
            return
        bound = [
            (vendor, requirement)
            for vendor, run in self.runs.items()
            for requirement in run.contract.bound(rule_id)
            if self.plan.selects(requirement.id, rule_id)
        ]
        metafunc.parametrize("conformance_outcome", bound, ids=[r.id for _, r in bound], indirect=True)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Drop rules that no requirement binds; what looks at the whole run goes last, or what is long first."""
        bound = [item for item in items if requirement_of(item) or not is_rule(item)]
        order = {module: number for number, module in enumerate(RULE_MODULES)}
        bound.sort(key=lambda item: order.get(getattr(getattr(item, "module", None), "__name__", ""), -1))
        items[:] = bound if self._from_controller is None else list(self._spread(bound))
        self._collected |= {r.id for item in items if (r := requirement_of(item))}
        for run in self.runs.values():
            asked = sum(r.id in self._collected for r in run.contract.requirements)
            run.left = -(-asked // run.workers)
            if run.broken:
                # One line says why; 46 of them would say no more.
                ours = [item for item in items if vendor_of(item) == run.contract.vendor]
                items[:] = [item for item in items if item not in ours[1:]]

    def _spread(self, items: list[pytest.Item]) -> Iterator[pytest.Item]:
        """The items for workers, the long ones first, each with a short one: they are handed out two by two."""
        bound = ((item, requirement_of(item)) for item in items)
        long = [item for item, requirement in bound if requirement and self.plan.rules[requirement.rule].long]
        short = [item for item in items if item not in long]
        for number, item in enumerate(long):
            yield item
            yield from short[number : number + 1]
        yield from short[len(long) :]

    @pytest.fixture
    def conformance_outcome(self, request: pytest.FixtureRequest) -> Judgement:
        """Test one requirement; a broken connection or suite is an error here, never a failure."""
        vendor, requirement = request.param
        run = self.runs[vendor]
        outcome = run.outcome(requirement)
        rule = self.plan.rules[requirement.rule]
        told = request.node.user_properties
        told.append(("requirement", requirement.id))
        absent = left_out(self.plan, rule, run)
        if absent and not run.broken:
            outcome.verdict, outcome.reason = absent
            outcome.ran = True
        else:
            problem = self._tested(run, requirement, rule)
            if problem and not outcome.findings:
                told.append(("verdict", "error"))
                pytest.fail(printable(problem), pytrace=False)
        judgement = Judgement(
            requirement,
            outcome.judged(requirement),
            printable(words_of(requirement, outcome)),
            self.plan.strict,
            waived=bool(outcome.findings) and outcome.findings.keys() <= run.waived.get(requirement.id, {}).keys(),
            stale=", ".join(mark for mark, seen in outcome.replays.items() if seen.word == "FIXED"),
        )
        shown = "stale" if judgement.stale else "waived" if judgement.waived else judgement.verdict
        told += [("verdict", shown), ("broken", sorted(run.open_findings(strict=True)))]
        told.append(("cases", [outcome.examples, outcome.examples - outcome.vacuous]))
        if run.stop and run.open_findings(strict=self.plan.strict):
            request.session.shouldfail = "a promise is broken, and -x stops at the first"
        return judgement

    def _tested(self, run: Run, requirement: Requirement, rule: Rule) -> str | None:
        """Test a requirement; what broke of the suite or the connection, if anything did."""
        outcome = run.outcome(requirement)
        try:
            if run.broken:
                outcome.verdict, outcome.reason = "error", run.broken
            elif run.out_of_time:
                outcome.reason = f"not run: the deadline of {run.target.deadline:g} seconds had passed"
            else:
                explore(run, requirement, rule)
        except Broken as broken:
            outcome.verdict, outcome.reason = "error", run.scrub.text(str(broken))
        except Exception as problem:  # noqa: BLE001 - told by type and place: its words and frames may hold a credential
            outcome.verdict, outcome.reason = "error", _told(run, problem)
        return outcome.reason if outcome.verdict == "error" else None

    # Ending

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Look at everything once more when the items ended, by -x too; interrupts are pytest's to handle."""
        try:
            ended = yield
        except session.Failed:
            self._look_at_rest()
            raise
        self._look_at_rest()
        return ended

    def _look_at_rest(self) -> None:
        for run in self.runs.values():
            self._look_again(run)

    def _look_again(self, run: Run) -> None:
        """Let the rules that look at the whole run see the rest of it: each process looks at what it did itself."""
        if (
            run.broken
            or run.out_of_time
            or (run.stop and run.open_findings(strict=self.plan.strict))
            or self.config.option.collectonly
        ):
            return
        for requirement in run.contract.requirements:
            rule = self.plan.rules[requirement.rule]
            if rule.again and requirement.id in self._collected and not left_out(self.plan, rule, run):
                outcome = run.outcome(requirement)
                try:
                    final_sweep(run, requirement, rule)
                except Broken as broken:
                    outcome.verdict, outcome.reason = "error", run.scrub.text(str(broken))
                except Exception as problem:  # noqa: BLE001 - as in a requirement's own test
                    outcome.verdict, outcome.reason = "error", _told(run, problem)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Tear down, write the results, and set the exit code."""
        for run in self.runs.values():
            self._guarded(run.tear_down)
        if self._from_controller is not None:
            for run in self.runs.values():
                run.tally.internal_errors += len(self.problems)
            tell_all(self.config, self.runs)
            return
        self._guarded(self._hand_over)
        codes: list[int] = []
        for run in self.runs.values() if not self.config.option.collectonly else ():
            self._guarded(lambda run=run: codes.append(self._finish(run, int(exitstatus))))  # type: ignore[misc] # a loop's own value
        if exitstatus in {0, 1} and (codes or self.problems):
            more = [1] * self._others_failed + [INTERNAL_ERROR] * bool(self.problems)
            session.exitstatus = worst([*codes, *more])
        self._guarded(self._closing.close)

    def _hand_over(self) -> None:
        self.workers.hand_over()
        self._collected |= self.workers.collected
        for run in self.runs.values():
            run.give_back()

    def _finish(self, run: Run, exitstatus: int) -> int:
        results = record(
            run,
            self.plan,
            self._collected,
            exitstatus=exitstatus,
            started=self._started,
            notes=self.notes.get(run.contract.vendor, []),
            crashed=self.workers.crashed,
        )
        if self.plan.waivers is not None:
            results = results.with_gate(judge(results, self.plan.waivers))
        vendor = run.contract.vendor
        self.results[vendor], self.files[vendor] = results, self.plan.folder / vendor / "results.jsonl"
        try:
            write(self.files[vendor], results)
            self._partial(run).unlink(missing_ok=True)
        except OSError as problem:
            # What was found is told all the same; without its file it is no proof.
            self.unwritten = f"{problem.filename}: {problem.strerror or problem}"
            return 1 if results.end.overall == "non-conformant" else UNWRITTEN
        return results.end.exit_code


def _told(run: Run, problem: Exception) -> str:
    """A fault of the suite, counted, and told by type and place."""
    run.tally.internal_errors += 1
    keep_traceback(problem)
    return describe(problem)
