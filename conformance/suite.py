"""The plugin proper: one pytest item a requirement, one results file a contract."""

import os
import secrets
import sys
import time
import warnings
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conformance import __version__
from conformance.config import PROFILES, Options, UsageError, meant, read_config, target_of
from conformance.contract import Contract, ContractError, Requirement, bundled, load
from conformance.explore import explore
from conformance.reference.server import Reference, available
from conformance.results import FORMAT, Outcome, Overall, RunResults, Verdict, exit_code, overall, write
from conformance.rule import RULE_MODULES, Rule, rules
from conformance.run import Broken, Run
from conformance.target import Target, TargetError

__all__ = ["DEFAULT_EXAMPLES", "DEFAULT_REPORT", "BrokenPromiseWarning", "Judgement", "Suite"]

DEFAULT_EXAMPLES = 30
DEFAULT_REPORT = "reports/runs"

_INTERRUPTED, _INTERNAL_ERROR, _NOTHING_SELECTED = 2, 3, 5
"""Exit codes, as pytest's."""
_SHARED_BY_WORKERS = "conformance_shared"


class BrokenPromiseWarning(UserWarning):
    """A SHOULD of the contract is broken."""


@dataclass(frozen=True)
class Judgement:
    """What a pytest item tells: a requirement's verdict and why."""

    requirement: Requirement
    verdict: Verdict
    words: str
    strict: bool

    def tell(self) -> None:
        """Pass, fail, warn or skip, as the verdict is."""
        if self.verdict == "fail" or (self.verdict == "warn" and self.strict):
            pytest.fail(self.words, pytrace=False)
        if self.verdict == "warn":
            warnings.warn(BrokenPromiseWarning(self.words), stacklevel=2)
        if self.verdict in {"untestable", "not-applicable"}:
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
        self._began = time.monotonic()
        self._started = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        self._worker = hasattr(config, "workerinput")
        self._collected: set[str] = set()
        self._from_workers: list[dict[str, Any]] = []
        try:
            self._prepare(options_of(config))
        except (UsageError, ContractError, TargetError, LookupError) as problem:
            self._closing.close()
            raise pytest.UsageError(str(problem)) from None

    # Preparing

    def _prepare(self, options: Options) -> None:
        file = read_config(options.config)
        self.profile = options.profile or file.get("profile", "full")
        if self.profile not in PROFILES:
            raise UsageError(f"unknown profile {self.profile!r}{meant(self.profile, PROFILES)}")
        if options.target is not None and not options.contracts:
            raise UsageError("--target needs --contract: which contract does the target claim to speak?")
        self.strict = options.strict or file.get("strict", False)
        self.examples = options.examples or file.get("examples", DEFAULT_EXAMPLES)
        self.seed = self._seed(options, file)
        self.selected = options.select
        self.rules = rules()
        self.folder = Path(options.report or file.get("report", DEFAULT_REPORT))
        target = target_of(options, file)
        contracts = [load(name, target.interpretations if target else ()) for name in options.contracts or bundled()]
        self._check_selection(contracts)
        self._check_contracts(contracts)
        if target is not None:
            for contract in contracts:
                target.refuse_production(contract.document.servers)
        if not self._worker:
            self._make_folders(contracts)
        for contract in contracts:
            self.runs[contract.vendor] = self._run(contract, target or self._embedded(contract))

    def _seed(self, options: Options, file: dict[str, Any]) -> int:
        if self._worker:
            return int(self._shared()["seed"])
        if options.seed is not None:
            return options.seed
        # In CI a change of verdict must come from a change of the target, never from another draw.
        return int(file.get("seed", 0 if os.environ.get("CI") else secrets.randbelow(2**32)))

    def _shared(self) -> dict[str, Any]:
        shared: dict[str, Any] = self.config.workerinput[_SHARED_BY_WORKERS]  # type: ignore[attr-defined] # there in workers only
        return shared

    def _check_selection(self, contracts: list[Contract]) -> None:
        known = {name for c in contracts for r in c.requirements for name in (r.id, r.rule)}
        for name in self.selected:
            if name not in known:
                raise UsageError(f"--select {name!r}: no such rule or requirement{meant(name, known)}")

    def _check_contracts(self, contracts: list[Contract]) -> None:
        for contract in contracts:
            for one in contract.requirements:
                if one.rule not in self.rules:
                    # It would never be tested, and nobody would see that.
                    where = f"{contract.folder / 'contract.yaml'}: {one.id}"
                    raise UsageError(f"{where}: no rule is called {one.rule!r}{meant(one.rule, self.rules)}")
        vendors = [contract.vendor for contract in contracts]
        for repeated in {vendor for vendor in vendors if vendors.count(vendor) > 1}:
            raise UsageError(f"two contracts of the vendor {repeated!r}: their results would lie in one folder")

    def _make_folders(self, contracts: list[Contract]) -> None:
        for contract in contracts:
            folder = self.folder / contract.vendor
            try:
                folder.mkdir(parents=True, exist_ok=True)
                probe = folder / ".writable"
                probe.touch()
                probe.unlink()
            except OSError as problem:
                raise UsageError(f"the report folder {folder} can't be written: {problem.strerror}") from None

    def _embedded(self, contract: Contract) -> Target:
        if self._worker:
            return Target(**self._shared()["targets"][contract.vendor], embedded=True)
        if contract.vendor not in available():
            raise UsageError(f"there is no embedded reference for {contract.vendor!r}: --target says what to check")
        reference = self._closing.enter_context(Reference(contract.vendor))
        return Target(
            url=reference.url, api_key=reference.api_key, state_url=reference.state_url, name="reference", embedded=True
        )

    def _run(self, contract: Contract, target: Target) -> Run:
        run = Run(contract, target, seed=self.seed, depth=self.examples)
        for module in RULE_MODULES:
            attach = getattr(sys.modules[module], "attach", None)
            if attach is not None:
                attach(run)
        return run

    # Workers

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker the seed and where the embedded servers are."""
        targets = {
            v: {
                "url": r.target.url,
                "api_key": r.target.api_key,
                "state_url": r.target.state_url,
                "name": r.target.name,
            }
            for v, r in self.runs.items()
        }
        node.workerinput[_SHARED_BY_WORKERS] = {"seed": self.seed, "targets": targets}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: Any) -> None:  # noqa: ARG002 - pytest-xdist's own types
        """Take in what a worker came to."""
        output = getattr(node, "workeroutput", None)
        if output and "conformance" in output:
            self._from_workers.append(output["conformance"])
            # The controller collects nothing itself.
            self._collected |= set(output["conformance_collected"])

    # Items

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One item for each requirement that binds the test's rule."""
        rule_id = getattr(metafunc.function, "conformance_rule", None)
        if rule_id is None:
            return
        bound = [
            (vendor, r)
            for vendor, run in self.runs.items()
            for r in run.contract.bound(rule_id)
            if self._is_selected(r)
        ]
        metafunc.parametrize("conformance_outcome", bound, ids=[r.id for _, r in bound], indirect=True)

    def _is_selected(self, requirement: Requirement) -> bool:
        return not self.selected or requirement.id in self.selected or requirement.rule in self.selected

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Drop rules that no requirement binds; what looks at the whole run goes last."""
        bound = [
            item
            for item in items
            if _requirement_of(item) or not hasattr(getattr(item, "function", None), "conformance_rule")
        ]
        order = {module: number for number, module in enumerate(RULE_MODULES)}
        bound.sort(key=lambda item: order.get(getattr(getattr(item, "module", None), "__name__", ""), -1))
        items[:] = bound
        self._collected = {r.id for item in items if (r := _requirement_of(item))}

    @pytest.fixture
    def conformance_outcome(self, request: pytest.FixtureRequest) -> Judgement:
        """Test one requirement; a broken connection or suite is an error here, never a failure."""
        vendor, requirement = request.param
        run = self.runs[vendor]
        outcome = run.outcome(requirement)
        rule = self.rules[requirement.rule]
        left_out = self._left_out(rule, run)
        if left_out:
            outcome.verdict, outcome.reason, outcome.ran = left_out[0], left_out[1], True
        else:
            try:
                self._test(run, requirement, rule)
            except Broken as broken:
                outcome.verdict, outcome.reason = "error", str(broken)
                request.node.user_properties.append(("verdict", outcome.judged(requirement)))
                if not outcome.findings:
                    raise
            except Exception as problem:
                # Whatever breaks inside the suite must never leave a requirement looking tested.
                outcome.verdict, outcome.reason = "error", f"internal error: {type(problem).__name__}"
                run.shared["internal error"] = True
                raise
        judgement = Judgement(requirement, outcome.judged(requirement), _words(requirement, outcome), self.strict)
        request.node.user_properties.append(("verdict", judgement.verdict))
        return judgement

    def _test(self, run: Run, requirement: Requirement, rule: Rule) -> None:
        if run.broken:
            raise Broken(run.broken)
        if not run.shared.get("reached"):
            run.probe()
            run.shared["reached"] = True
        explore(run, requirement, rule)

    def _left_out(self, rule: Rule, run: Run) -> tuple[Verdict, str] | None:
        if self.profile == "stateless" and "states" in rule.needs:
            return "not-applicable", "left out by the profile stateless"
        if self.profile == "read-only" and not rule.read_only:
            return "not-applicable", "left out by the profile read-only"
        for need in rule.needs:
            if run.capabilities.get(need) == "absent":
                return "not-applicable", f"the target was declared to be without {need}"
        if "states" in rule.needs and run.target.state_url is None:
            return "untestable", "needs a state URL (--state-url)"
        return None

    # Ending

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Tear down, write the results, and set the exit code."""
        for run in self.runs.values():
            run.tear_down()
        if self._worker:
            output = self.config.workeroutput  # type: ignore[attr-defined] # there in workers only
            output["conformance"] = {v: _state_of(run) for v, run in self.runs.items()}
            output["conformance_collected"] = sorted(self._collected)
            return
        for state in self._from_workers:
            for vendor, seen in state.items():
                _take_in(self.runs[vendor], seen)
        codes = [self._finish(run, int(exitstatus)) for run in self.runs.values() if not self.config.option.collectonly]
        if exitstatus in {0, 1} and codes:
            session.exitstatus = (
                min(codes, key=[1, 3, 11, 10, 0].index) if exitstatus == 0 or self._only_ours(session) else 1
            )
        self._closing.close()

    def _only_ours(self, session: pytest.Session) -> bool:
        return all(_requirement_of(item) for item in session.items) or not session.items

    def _finish(self, run: Run, exitstatus: int) -> int:
        lines: list[dict[str, Any]] = []
        verdicts: list[tuple[Requirement, Verdict]] = []
        for requirement in run.contract.requirements:
            outcome = run.outcomes.get(requirement.id) or Outcome(requirement.id)
            # A finding counts even where its own requirement was not asked for.
            if requirement.id not in self._collected and not outcome.findings:
                continue
            if not outcome.ran and not outcome.findings and outcome.verdict is None:
                outcome.reason = "not run"
            verdict = outcome.judged(requirement)
            verdicts.append((requirement, verdict))
            lines.append(_line(run, requirement, outcome, verdict))
        whole = overall(verdicts)
        code = exit_code(whole, strict=self.strict)
        if whole == "error" and run.shared.get("internal error"):
            code = _INTERNAL_ERROR
        if exitstatus in {_INTERRUPTED, _INTERNAL_ERROR, _NOTHING_SELECTED}:
            code = exitstatus
        self._write(run, lines, whole, code)
        return code

    def _write(self, run: Run, lines: list[dict[str, Any]], verdict: Overall, code: int) -> None:
        counts: dict[str, int] = {}
        for line in lines:
            counts[line["verdict"]] = counts.get(line["verdict"], 0) + 1
        end = {
            "kind": "end",
            "overall": verdict,
            "exit_code": code,
            "counts": counts,
            **run.tally.as_json(),
            "seconds": round(time.monotonic() - self._began, 3),
        }
        results = RunResults(self._header(run), lines, end)
        file = self.folder / run.contract.vendor / "results.jsonl"
        write(file, results)
        self.results[run.contract.vendor], self.files[run.contract.vendor] = results, file

    def _header(self, run: Run) -> dict[str, Any]:
        contract, target = run.contract, run.target
        seen = {name: "absent" if how == "missing" else how for name, how in sorted(run.capabilities.items())}
        return {
            "kind": "run",
            "format": FORMAT,
            "suite": {"version": __version__},
            "contract": {
                "vendor": contract.vendor,
                "title": contract.title,
                "version": contract.version,
                "sha256": contract.sha256,
            },
            "target": {
                "url": run.scrub.text(target.url),
                "name": target.name,
                "capabilities": {"states": "declared" if target.state_url else "absent"} | seen,
            },
            "profile": self.profile,
            "strict": self.strict,
            "seed": self.seed,
            "examples": self.examples,
            "selected": self.selected or None,
            "started": self._started,
        }


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


def _line(run: Run, requirement: Requirement, outcome: Outcome, verdict: Verdict) -> dict[str, Any]:
    operation = next((o.id for role, o in run.contract.roles.items() if role in {"delete", "tombstones"}), "")
    line: dict[str, Any] = {
        "kind": "result",
        "requirement": requirement.id,
        "rule": requirement.rule,
        "level": requirement.level,
        "says": requirement.words,
        "at": requirement.at,
        "operation": operation,
        "verdict": verdict,
    }
    if outcome.reason or verdict == "untestable":
        line["reason"] = run.scrub.text(outcome.reason or "no example reached the situation that the rule is about")
    if outcome.observed:
        line["observed"] = outcome.observed
    line |= {
        "examples": outcome.examples,
        "vacuous": outcome.vacuous,
        "requests": outcome.requests,
        "seconds": round(outcome.seconds, 3),
    }
    if verdict in {"pass", "observed"} and outcome.witness:
        line["witness"] = outcome.witness
    return {**line, "findings": [vars(finding) for finding in outcome.findings.values()]}


def _state_of(run: Run) -> dict[str, Any]:
    return {
        "outcomes": [outcome.as_json() for outcome in run.outcomes.values()],
        "tally": run.tally.as_json(),
        "capabilities": run.capabilities,
    }


def _take_in(run: Run, state: dict[str, Any]) -> None:
    """Add what a worker saw to the controller's run."""
    for data in state["outcomes"]:
        outcome = Outcome.from_json(data)
        known = run.outcomes.setdefault(outcome.requirement, Outcome(outcome.requirement))
        known.add(outcome)
    tally, seen = run.tally, state["tally"]
    for name in ("requests", "calls_created", "calls_deleted", "leftovers"):
        setattr(tally, name, getattr(tally, name) + seen[name])
    for row in seen["traffic"]:
        tally.answers[row["operation"], row["status"]] += row["count"]
        tally.seconds[row["operation"], row["status"]] += row["seconds"]
    run.capabilities |= state["capabilities"]
