"""What a session is made of: the plan, and a run for each contract."""

from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from conformance.contracts.contract import Contract
from conformance.contracts.pointer import JsonObject
from conformance.engine.plan import Plan, make_plan
from conformance.engine.rule import attach_monitors
from conformance.engine.run import Run
from conformance.reference.server import Reference, available
from conformance.results import waivers
from conformance.results.finding_database import FindingDatabase
from conformance.suite.workers import SHARED
from conformance.targets.config import Options, UsageError
from conformance.targets.target import Target

__all__ = ["Prepared", "prepare"]

_INDIVISIBLE = (
    "-n needs a state URL (--state-url): ids that were given away, and calls that the vendor's own operations make, "
    "can't be told apart by several processes"
)


@dataclass
class Prepared:
    """The plan, the runs by contract, and what must be closed at the end. A worker has what its controller told it."""

    plan: Plan
    runs: dict[str, Run] = field(default_factory=dict)
    closing: ExitStack = field(default_factory=ExitStack)
    from_controller: JsonObject | None = None


def prepare(config: pytest.Config) -> Prepared:
    """Make the plan, start the embedded references, and begin a run for each contract.

    Raises:
        UsageError, ContractError, TargetError, LookupError: what was asked for can't be done.
    """
    told: JsonObject | None = getattr(config, "workerinput", {}).get(SHARED)
    prepared = Prepared(make_plan(_options(config), seed=told["seed"] if told else None), from_controller=told)
    try:
        if told is None:
            _make_folders(prepared.plan)
        for contract in prepared.plan.contracts:
            target = prepared.plan.target or _embedded(prepared, contract)
            prepared.runs[contract.vendor] = _run(prepared, config, contract, target)
    except BaseException:
        prepared.closing.close()
        raise
    return prepared


def _options(config: pytest.Config) -> Options:
    """The options of this run, from pytest's own."""
    given = {
        name: config.getoption(f"conformance_{name}") for name in Options.__dataclass_fields__ if name != "contracts"
    }
    return Options(contracts=list(config.getoption("conformance_contract")), **given)


def _run(prepared: Prepared, config: pytest.Config, contract: Contract, target: Target) -> Run:
    plan, told = prepared.plan, prepared.from_controller or {}
    run = Run(
        contract,
        target,
        seed=plan.seed,
        depth=plan.examples,
        profile=plan.profile,
        stop=bool(config.getoption("maxfail", 0) == 1),
        nonce=told.get("nonce") or plan.nonce,
        worker=str(getattr(config, "workerinput", {}).get("workerid", "")),
        workers=int(told.get("workers", 1)),
        waived=waivers.applying(plan.waivers or [], target.known_as),
    )
    run.broken = told.get("broken", {}).get(contract.vendor)
    if plan.stored_findings is not None and run.shrink:
        run.stored_findings = FindingDatabase(plan.stored_findings)
    if run.needs.indivisible and config.getoption("numprocesses", None):
        raise UsageError(_INDIVISIBLE)
    attach_monitors(run)
    return run


def _make_folders(plan: Plan) -> None:
    """Find out that the results can't be written before the first request is sent."""
    for contract in plan.contracts:
        folder = plan.folder / contract.vendor
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / ".writable"
            probe.touch()
            probe.unlink()
        except OSError as problem:
            raise UsageError(f"the report folder {folder} can't be written: {problem.strerror}") from None


def _embedded(prepared: Prepared, contract: Contract) -> Target:
    if prepared.from_controller is not None:
        return Target(**prepared.from_controller["targets"][contract.vendor], embedded=True)
    if contract.vendor not in available():
        raise UsageError(f"{contract.vendor} has no embedded reference server: name a --target")
    reference = prepared.closing.enter_context(Reference(contract.vendor))
    return Target(
        url=reference.url,
        api_key=reference.api_key,
        state_url=reference.state_url,
        name="reference",
        embedded=True,
    )
