"""What `conformance explain` tells of a requirement: its words, how it is tested, what the last run saw."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
from msgspec import to_builtins

from conformance.commands.last_runs import last_run, runs_in, when, wrapped
from conformance.contracts.contract import Contract
from conformance.contracts.loading import bundled, load
from conformance.contracts.terms import Requirement
from conformance.report.text import plural
from conformance.report.view import LEVELS, Judged, View
from conformance.results.printable import printable
from conformance.targets.config import UsageError, meant

__all__ = ["explain"]

_FINGERPRINT = re.compile(r"\[?([0-9a-f]{4,16})\]?")


def explain(name: str, contracts: Sequence[str], report: Path) -> None:
    """Print what a requirement promises, where it stands, how it is tested and what the last run saw.

    It is named by its id, its rule, or the fingerprint of a finding, or the beginning of one; a level before the id and
    a fingerprint behind it are what reports print. `report` is the folder of the last runs.

    Raises:
        ContractError: a contract can't be read.
        UsageError: no contract has it, nor has a last run.
    """
    loaded = [load(one) for one in contracts or bundled()]
    told = [_explanation(contract, one, report) for contract, one in _named(name, loaded, report)]
    told = told or [_recorded(view, judged, folder) for view, judged, folder in _judged_as(name, report)]
    if not told:
        known = [word for c in loaded for r in c.requirements for word in (r.id, r.rule)]
        raise UsageError(f"no requirement is called {name!r}, nor a rule, nor a finding{meant(name, known)}")
    click.echo(printable("\n\n".join("\n".join(lines) for lines in told)))


def _id_in(name: str) -> str:
    """The id in a name as reports print it."""
    bare = name.strip()
    for level in LEVELS:
        bare = bare.removeprefix(f"{level} ")
    return bare.partition(" [")[0].strip()


def _named(name: str, loaded: Sequence[Contract], report: Path) -> list[tuple[Contract, Requirement]]:
    """The requirements that a name stands for: an id's own, a rule's all, a finding's."""
    bare = _id_in(name)
    everything = [(contract, one) for contract in loaded for one in contract.requirements]
    for chosen in (
        [pair for pair in everything if pair[1].id == bare],
        [pair for pair in everything if pair[1].rule == bare],
    ):
        if chosen:
            return chosen
    seen = {judged.line.requirement for _, judged, _ in _judged_as(name, report)}
    return [pair for pair in everything if pair[1].id in seen]


def _judged_as(name: str, report: Path) -> list[tuple[View, Judged, Path]]:
    """What the last runs have of a requirement that a name stands for, be its contract at hand or not."""
    mark = _FINGERPRINT.fullmatch(name.strip())
    return [
        (view, judged, folder)
        for view, folder in runs_in(report)
        for judged in view.judged
        if _id_in(name) in {judged.line.requirement, judged.line.rule}
        or (mark and any(finding.fingerprint.startswith(mark[1]) for finding in judged.line.findings))
    ]


def _recorded(view: View, judged: Judged, folder: Path) -> Iterator[str]:
    """What the last run itself tells of a requirement whose contract is not at hand."""
    line = judged.line
    yield f"{line.requirement}  ({line.level})"
    yield f"{view.title}, document {view.results.run.contract.sha256[:12]}"
    yield "\nThe document says"
    yield from wrapped(line.says)
    yield f"  {judged.place}"
    yield f"\nrule {line.rule}; name its contract (--contract FOLDER) to read how it is tested"
    yield ""
    yield from _seen(view, judged, folder)


def _explanation(contract: Contract, one: Requirement, report: Path) -> Iterator[str]:
    yield f"{one.id}  ({one.level})"
    yield f"{contract.title}, document {contract.sha256[:12]}"
    yield "\nThe document says"
    yield from wrapped(f'"{one.words}"' if isinstance(one.says, str) else one.words)
    yield f"  {_place(contract, one.at)}"
    if one.basis:
        yield from wrapped(f"It does not say so in a sentence; it follows: {one.reason}")
    if one.source:
        yield from wrapped(f"From {one.source}, so no more than a SHOULD.")
    yield "\nHow it is tested"
    yield from _tested(one)
    yield ""
    yield from _last(contract, one, report)


def _place(contract: Contract, at: str) -> str:
    """Where the words stand, with the line, in a file that can be opened."""
    if not at.startswith("/"):
        return f"{_near(contract.folder / 'source.md')}:{at.partition(':')[2]}"
    file = contract.folder / "openapi.yaml"
    line = contract.published.line(at)
    return f"{_near(file)}{f':{line}' if line else ''}, {at}"


def _near(file: Path) -> Path:
    """The path as one would type it here."""
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


def _tested(one: Requirement) -> Iterator[str]:
    from conformance.engine.rule import rules

    rule = rules()[one.rule]
    yield from wrapped(rule.obligation)
    yield f"  rule {one.rule}, in {rule.module.replace('.', '/')}.py"
    if rule.needs:
        yield f"  needs of the target: {', '.join(rule.needs)}"
    yield "  sends nothing that could change the target" if rule.read_only else "  changes only calls that it was given"
    if rule.most:
        yield f"  at most {plural(rule.most, 'example')}: there are no more different cases"
    for name, value in to_builtins(one.data).items():
        yield from wrapped(f"{name}: {', '.join(map(str, value)) if isinstance(value, list | tuple) else value}")


def _last(contract: Contract, one: Requirement, report: Path) -> Iterable[str]:
    view = last_run(contract.vendor, report)
    if view is None:
        return [f"last run: none on record in {report / contract.vendor}"]
    judged = view.by_requirement.get(one.id)
    if judged is None:
        return [f"last run: {when(view)}: it was not among what was asked for"]
    return _seen(view, judged, report / contract.vendor)


def _seen(view: View, judged: Judged, folder: Path) -> Iterator[str]:
    line = judged.line
    depth = f"{plural(line.examples, 'example')}, {plural(line.requests, 'request')}"
    yield f"last run: {line.verdict}, {depth}; {when(view)}"
    if line.reason:
        yield from wrapped(line.reason, 4)
    for what, value in sorted(line.observed.items()):
        yield from wrapped(f"{what}: {value}", 4)
    for finding in line.findings:
        yield from wrapped(f"{finding.message}  [{finding.fingerprint}]", 4)
        yield from wrapped(f"expected: {finding.expected}", 6)
        yield from wrapped(f"actual:   {finding.observed}", 6)
    if line.findings:
        yield f"  its example as a script: conformance report {folder} --html report.html"
