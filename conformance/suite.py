"""The plugin proper: one pytest item a requirement, one results file a contract."""

import warnings
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformance.config import Options, UsageError
from conformance.contract import Contract, ContractError, Requirement
from conformance.explore import explore, look_again
from conformance.finds import Finds
from conformance.gate import waivers
from conformance.gate.judging import judge
from conformance.planning import left_out, make_plan
from conformance.recording import record
from conformance.reference.server import Reference, available
from conformance.results import Outcome, RunResults, Verdict, worst, write
from conformance.rule import RULE_MODULES, Rule, attach_monitors
from conformance.run import Broken, Run
from conformance.target import Target, TargetError

__all__ = ["BrokenPromiseWarning", "Judgement", "Suite"]

_SHARED_BY_WORKERS = "conformance_shared"
_INDIVISIBLE = (
    "-n needs a state URL (--state-url): ids that were given away, and calls that the vendor's own operations make, "
    "can't be told apart by several processes"
)


class BrokenPromiseWarning(UserWarning):
    """A SHOULD of the contract is broken."""


@dataclass(frozen=True)
class Judgement:
    """What a pytest item tells: a requirement's verdict and why.

    `waived` is true where all that is broken is waived, `stale` names waivers whose defect is mended.
    """

    requirement: Requirement
    verdict: Verdict
    words: str
    strict: bool
    waived: bool
    stale: str

    def tell(self) -> None:
        """Pass, fail, warn, skip or fail as expected, as the verdict is."""
        if self.stale:
            pytest.fail(f"{self.requirement.id}: stale waiver, mended: {self.stale}", pytrace=False)
        if self.waived:
            pytest.xfail(f"waived: {self.words}")
        if self.verdict == "fail" or (self.verdict == "warn" and self.strict):
            pytest.fail(self.words, pytrace=False)
        if self.verdict == "warn":
            warnings.warn(BrokenPromiseWarning(self.words), stacklevel=2)
        if self.verdict in {"untestable", "not-applicable"}:
            # DESIGN, 7: what could not be tested is skipped in pytest; the exit code counts it.
            pytest.skip(f"{self.verdict}: {self.words}")


def options_of(config: pytest.Config) -> Options:
    """The options of this run, from pytest's own."""
    given = {
        name: config.getoption(f"conformance_{name}") for name in Options.__dataclass_fields__ if name != "contracts"
    }
    return Options(contracts=list(config.getoption("conformance_contract")), **given)


class Suite:
    """Prepares the runs, turns requirements into items, and writes what they came to."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.runs: dict[str, Run] = {}
        self.results: dict[str, RunResults] = {}
        self.files: dict[str, Path] = {}
        self._closing = ExitStack()
        self._started = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self._from_controller: dict[str, Any] | None = getattr(config, "workerinput", {}).get(_SHARED_BY_WORKERS)
        self._collected: set[str] = set()
        self._from_workers: list[dict[str, Any]] = []
        try:
            self._prepare()
        except (UsageError, ContractError, TargetError, LookupError) as problem:
            self._closing.close()
            raise pytest.UsageError(str(problem)) from None

    # Preparing

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
        run = Run(contract, target, seed=plan.seed, depth=plan.examples, profile=plan.profile, stop=stop)
        run.waived = waivers.applying(plan.waivers or [], target.known_as)
        if plan.finds is not None and run.shrink:
            run.finds = Finds(plan.finds)
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

    # Workers

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker the seed and where the embedded servers are."""
        targets = {
            vendor: {name: getattr(run.target, name) for name in ("url", "api_key", "state_url", "name")}
            for vendor, run in self.runs.items()
        }
        node.workerinput[_SHARED_BY_WORKERS] = {"seed": self.plan.seed, "targets": targets}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: Any) -> None:  # noqa: ARG002 - pytest-xdist's own types
        """Take in what a worker came to."""
        output = getattr(node, "workeroutput", None)
        if output and "conformance" in output:
            self._from_workers.append(output["conformance"])
            # The controller of several workers collects nothing itself.
            self._collected |= set(output["conformance_collected"])

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
        bound = [item for item in items if _requirement_of(item) or not _is_rule(item)]
        order = {module: number for number, module in enumerate(RULE_MODULES)}
        bound.sort(key=lambda item: order.get(getattr(getattr(item, "module", None), "__name__", ""), -1))
        items[:] = bound if self._from_controller is None else list(self._spread(bound))
        self._collected = {r.id for item in items if (r := _requirement_of(item))}

    def _spread(self, items: list[pytest.Item]) -> Iterator[pytest.Item]:
        """The items for workers, the long ones first, each with a short one: they are handed out two by two."""
        bound = ((item, _requirement_of(item)) for item in items)
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
        absent = left_out(self.plan, rule, run)
        if absent:
            outcome.verdict, outcome.reason = absent
            outcome.ran = True
        else:
            self._test_guarded(run, requirement, rule, request.node)
        judgement = Judgement(
            requirement,
            outcome.judged(requirement),
            _words(requirement, outcome),
            self.plan.strict,
            waived=bool(outcome.findings) and outcome.findings.keys() <= run.waived.get(requirement.id, {}).keys(),
            stale=", ".join(mark for mark, seen in outcome.replays.items() if seen["word"] == "FIXED"),
        )
        shown = "stale" if judgement.stale else "waived" if judgement.waived else judgement.verdict
        request.node.user_properties.append(("verdict", shown))
        return judgement

    def _test_guarded(self, run: Run, requirement: Requirement, rule: Rule, item: pytest.Item) -> None:
        """Test a requirement; a broken connection is told by the item only where nothing was found before it broke."""
        try:
            with _guarded(run, requirement):
                self._test(run, requirement, rule)
        except Broken:
            if not run.outcome(requirement).findings:
                item.user_properties.append(("verdict", "error"))
                raise

    def _test(self, run: Run, requirement: Requirement, rule: Rule) -> None:
        if run.broken:
            raise Broken(run.broken)
        if not run.shared.get("reached"):
            run.probe()
            run.shared["reached"] = True
        if run.out_of_time:
            run.outcome(requirement).reason = f"not run: the deadline of {run.target.deadline:g} seconds had passed"
            return
        explore(run, requirement, rule)

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
        if not run.shared.get("reached") or run.broken or run.out_of_time or (run.stop and run.found):
            return
        for requirement in run.contract.requirements:
            rule = self.plan.rules[requirement.rule]
            if rule.again and requirement.id in self._collected and not left_out(self.plan, rule, run):
                with suppress(Broken), _guarded(run, requirement):
                    look_again(run, requirement, rule)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Tear down, write the results, and set the exit code."""
        for run in self.runs.values():
            run.tear_down()
        if self._from_controller is not None:
            output = self.config.workeroutput  # type: ignore[attr-defined] # there in workers only
            output["conformance"] = {vendor: run.as_json() for vendor, run in self.runs.items()}
            output["conformance_collected"] = sorted(self._collected)
            return
        for state in self._from_workers:
            for vendor, seen in state.items():
                self.runs[vendor].take_in(seen)
        for run in self.runs.values():
            run.give_back()
        if not self.config.option.collectonly:
            codes = [self._finish(run, int(exitstatus)) for run in self.runs.values()]
            if exitstatus in {0, 1} and codes:
                mixed = exitstatus == 1 and not all(_requirement_of(item) for item in session.items)
                session.exitstatus = 1 if mixed else worst(codes)
        self._closing.close()

    def _finish(self, run: Run, exitstatus: int) -> int:
        results = record(run, self.plan, self._collected, exitstatus=exitstatus, started=self._started)
        if self.plan.waivers is not None:
            gate = judge(results, self.plan.waivers)
            results.end.update(exit_code=gate.exit_code, gate=gate.as_json())
        vendor = run.contract.vendor
        self.results[vendor], self.files[vendor] = results, self.plan.folder / vendor / "results.jsonl"
        write(self.files[vendor], results)
        return int(results.end["exit_code"])


@contextmanager
def _guarded(run: Run, requirement: Requirement) -> Iterator[None]:
    """Whatever breaks inside the suite never leaves a requirement looking tested."""
    outcome = run.outcome(requirement)
    try:
        yield
    except Broken as broken:
        outcome.verdict, outcome.reason = "error", str(broken)
        raise
    except Exception as problem:
        outcome.verdict, outcome.reason = "error", f"internal error: {type(problem).__name__}"
        run.shared["internal error"] = True
        raise


def _is_rule(item: pytest.Item) -> bool:
    return hasattr(getattr(item, "function", None), "conformance_rule")


def _requirement_of(item: pytest.Item) -> Requirement | None:
    callspec = getattr(item, "callspec", None)
    value = callspec.params.get("conformance_outcome") if callspec else None
    return value[1] if isinstance(value, tuple) else None


def _words(requirement: Requirement, outcome: Outcome) -> str:
    if outcome.findings:
        first = next(iter(outcome.findings.values()))
        what = f"{requirement.id}: {first.message}"
        return f"{what}\nrequired: {requirement.words}\nexpected: {first.expected}\nseen: {first.observed}"
    return f"{requirement.id}: {outcome.reason or 'never reached the situation that it is about'}"
