"""`conformance replay`: what known findings come to today."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from conformance.config import Options, UsageError, read_config, target_of
from conformance.contract import Contract, bundled, load
from conformance.gate import waivers
from conformance.recording import NOTHING_SELECTED
from conformance.replaying import Replayed, replay
from conformance.report.text import one_line, read_all
from conformance.results import EXIT_CODES, Known
from conformance.run import Broken, Run
from conformance.target import Target

__all__ = ["carry_out"]

_STILL, _CANNOT, _BROKEN = EXIT_CODES["non-conformant"], EXIT_CODES["not-fully-verified"], EXIT_CODES["error"]


@dataclass(frozen=True)
class _Stored:
    """A known finding, and what its target is called."""

    target: str
    known: Known


def carry_out(
    file: Path, fingerprint: str, options: Options, say: Callable[[str], None], *, prune: bool = False
) -> int:
    """Replay the findings of results, or of a waiver file, that a fingerprint begins; the exit code.

    With `prune`, waivers of what is fixed are taken out of the file.

    Raises:
        UsageError: none is meant, contract or target can't be told, or there is no waiver file to prune.
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
    runs: dict[tuple[str, str], Run] = {}
    words: dict[str, set[waivers.Key]] = {}
    try:
        for one in stored:
            contract = _contract_of(one.known, contracts)
            place = (contract.vendor, one.target)
            if place not in runs:
                runs[place] = _run(contract, one.target, options)
            replayed = replay(runs[place], one.known)
            words.setdefault(replayed.word, set()).add((one.target, one.known.requirement, one.known.fingerprint))
            say(_line(one.known, replayed))
    except Broken as problem:
        say(f"error: {problem}")
        return _BROKEN
    finally:
        for run in runs.values():
            run.tear_down()
    if prune and "FIXED" in words:
        waivers.remove(file, words["FIXED"])
        say(f"removed from {file}: {len(words['FIXED'])}")
    return _STILL if "STILL FAILING" in words else _CANNOT if "CANNOT TELL" in words else 0


def _stored(file: Path) -> Iterator[_Stored]:
    if file.suffix == ".toml":
        yield from (_Stored(waiver.target, waiver.known) for waiver in waivers.read(file))
        return
    for run in read_all([file]):
        for result in run.of("fail", "warn"):
            for f in result["findings"]:
                known = Known(result["requirement"], f["fingerprint"], f["example"], f["reproduced"])
                yield _Stored(run.known_as, known)


def _contract_of(known: Known, contracts: list[Contract]) -> Contract:
    for contract in contracts:
        if any(r.id == known.requirement for r in contract.requirements):
            return contract
    raise UsageError(f"no contract here has {known.requirement}: give its folder (--contract)")


def _run(contract: Contract, stored: str, options: Options) -> Run:
    named = replace(options, target=options.target or stored)
    try:
        target = target_of(named, read_config(options.config))
    except UsageError as problem:
        raise UsageError(f"{problem} (the results are of {stored!r}; --target says where to replay them)") from None
    assert isinstance(target, Target)  # noqa: S101 - a target was named just above
    target.refuse_production(contract.document.servers)
    contract = load(str(contract.folder), target.interpretations) if target.interpretations else contract
    run = Run(contract, target, seed=0, depth=1, shrink=False)
    run.probe()
    return run


def _line(known: Known, replayed: Replayed) -> str:
    return f"{replayed.word:<15}{known.requirement} [{known.fingerprint}]  {one_line(replayed.why)}"
