"""`conformance replay`: what known findings come to today."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.contracts.contract import Contract
from conformance.contracts.loading import bundled, load
from conformance.engine.replay import Replayed, replay
from conformance.engine.run import Run
from conformance.engine.stops import Broken
from conformance.results import waivers
from conformance.results.ending import NOTHING_SELECTED
from conformance.results.files import read_all
from conformance.results.findings import StoredFinding
from conformance.results.printable import one_line
from conformance.results.verdicts import EXIT_CODES
from conformance.targets.config import Options, UsageError, read_config, target_of
from conformance.targets.target import Target, shown

__all__ = ["carry_out"]

_STILL, _CANNOT, _BROKEN = EXIT_CODES["non-conformant"], EXIT_CODES["not-fully-verified"], EXIT_CODES["error"]


@dataclass(frozen=True)
class _Stored:
    """A known finding, and what its target is called."""

    target: str
    known: StoredFinding


def carry_out(
    file: Path, fingerprint: str, options: Options, say: Callable[[str], None], *, prune: bool = False
) -> int:
    """Replay the findings of results, or of a waiver file, that a fingerprint begins; the exit code.

    With `prune`, waivers of what is fixed are taken out of the file.

    Raises:
        UsageError: none is meant, contract or target can't be told, the file alone names the target, or there is
            no waiver file to prune.
        ContractError, ResultsError: a contract, or the results, can't be read.
    """
    if prune and file.suffix != ".toml":
        raise UsageError(f"{file}: only a waiver file can be pruned")
    stored = [one for one in _stored(file) if one.known.fingerprint.startswith(fingerprint)]
    if not stored and fingerprint:
        raise UsageError(f"{file}: no finding has a fingerprint that begins with {fingerprint!r}")
    if not stored:
        say(f"{file}: holds no finding, so there is nothing to replay")
        return NOTHING_SELECTED
    contracts = [load(path) for path in (*options.contracts, *bundled())]
    # All of it before the first request: a file that is not to be trusted gets none.
    targets = {one.target: _target(file, one.target, options) for one in stored}
    belongs = [(one, _contract_of(one.known, contracts)) for one in stored]
    for one, contract in belongs:
        targets[one.target].refuse_production(contract.document.servers)
    runs: dict[tuple[str, str], Run] = {}
    words: dict[str, set[waivers.Key]] = {}
    try:
        for one, contract in belongs:
            place = (contract.vendor, one.target)
            if place not in runs:
                runs[place] = _run(contract, targets[one.target])
            replayed = replay(runs[place], one.known)
            words.setdefault(replayed.word, set()).add((one.target, one.known.requirement, one.known.fingerprint))
            say(_line(one.known, replayed))
    except Broken as problem:
        say(one_line(f"error: {problem}"))
        return _BROKEN
    finally:
        for run in runs.values():
            run.set_ups.tear_down()
    if prune and "FIXED" in words:
        waivers.remove(file, words["FIXED"])
        say(f"removed from {file}: {len(words['FIXED'])}")
    if "CANNOT TELL" in words and any(target.state_url is None for target in targets.values()):
        say("the target has no state URL to set examples up with: --state-url, or state_url in the config, names it")
    return _STILL if "STILL FAILING" in words else _CANNOT if "CANNOT TELL" in words else 0


def _stored(file: Path) -> Iterator[_Stored]:
    if file.suffix == ".toml":
        yield from (_Stored(waiver.target, waiver.known) for waiver in waivers.read(file))
        return
    for run in read_all([file]):
        for line in run.of("fail", "warn"):
            for f in line.findings:
                known = StoredFinding(line.requirement, f.fingerprint, f.example.as_json(), f.reproduced)
                yield _Stored(run.known_as, known)


def _contract_of(known: StoredFinding, contracts: list[Contract]) -> Contract:
    for contract in contracts:
        if any(r.id == known.requirement for r in contract.requirements):
            return contract
    raise UsageError(f"no contract here has {one_line(known.requirement)}: give its folder (--contract)")


def _target(file: Path, stored: str, options: Options) -> Target:
    """Where findings of a stored target are replayed: where the user says, never where the file alone does.

    Whoever wrote the file could have any URL in it, and would be sent the credential.
    """
    config = read_config(options.config)
    name = options.target or config.target_known_as(stored)
    if name is None:
        raise UsageError(
            f"{file}: its target, {one_line(shown(stored))}, is none of the config file's, and a file alone does not "
            "get the credential: say where to replay (--target URL or NAME)"
        )
    target = target_of(replace(options, target=name), config)
    assert isinstance(target, Target)  # noqa: S101 - a target was named just above
    return target


def _run(contract: Contract, target: Target) -> Run:
    contract = load(str(contract.folder), target.interpretations) if target.interpretations else contract
    run = Run(contract, target, seed=0, depth=1, shrink=False)
    run.connection.probe()
    return run


def _line(known: StoredFinding, replayed: Replayed) -> str:
    return f"{replayed.word:<15}{one_line(known.requirement)} [{known.fingerprint}]  {one_line(replayed.why)}"
