"""What `conformance list` and `conformance explain` show."""

import textwrap
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from conformance.config import UsageError, meant
from conformance.contract import Contract, Requirement, bundled, load

__all__ = ["explain", "show"]

_WIDTH = 96


def show(contracts: Sequence[str], *, faults: bool, variants: bool) -> None:
    """Print requirements, or the faults or variants of the embedded references.

    Raises:
        ContractError: a contract can't be read.
        UsageError: a contract has no embedded reference.
    """
    for name in contracts or bundled():
        if faults or variants:
            _knobs(name, faults=faults)
        else:
            _requirements(load(name))


def _requirements(contract: Contract) -> None:
    click.echo(f"{contract.title} ({contract.vendor}, document {contract.sha256[:12]})")
    for requirement in contract.requirements:
        click.echo(f"  {requirement.level:<7}{requirement.id:<46}{_cut(requirement.words)}")


def _knobs(name: str, *, faults: bool) -> None:
    from conformance.reference.server import package

    try:
        reference = package(name)
    except LookupError as problem:
        raise UsageError(str(problem)) from None
    table = reference.FAULTS if faults else reference.VARIANTS
    click.echo(f"{name}: {len(table)} {'faults' if faults else 'variants'}")
    for knob in sorted(table.values(), key=lambda k: (getattr(k, "rule", ""), k.name)):
        about = f"{knob.rule}, {knob.condition.name}" if faults else ""
        click.echo(f"  {knob.name:<36}{about}")
        click.echo(textwrap.fill(knob.story, _WIDTH, initial_indent="      ", subsequent_indent="      "))


def explain(requirement: str, contracts: Sequence[str], report: Path) -> None:
    """Print what a requirement promises, where it stands, how it is tested and what the last run saw.

    Raises:
        ContractError: a contract can't be read.
        UsageError: no contract has the requirement.
    """
    loaded = [load(name) for name in contracts or bundled()]
    for contract in loaded:
        for one in contract.requirements:
            if one.id == requirement:
                click.echo("\n".join(_explanation(contract, one, report)))
                return
    known = [r.id for c in loaded for r in c.requirements]
    raise UsageError(f"no requirement is called {requirement!r}{meant(requirement, known)}")


def _explanation(contract: Contract, one: Requirement, report: Path) -> Iterable[str]:
    from conformance.rule import rules

    rule = rules()[one.rule]
    yield f"{one.id}   {one.level}   {contract.title}"
    yield ""
    yield from textwrap.wrap(f"says: {one.words}", _WIDTH, subsequent_indent="      ")
    yield f"at:   {one.at}"
    if one.basis:
        yield f"      entailed: {one.reason}"
    if one.source:
        yield f"      from: {one.source} (so no more than a SHOULD)"
    yield ""
    yield f"rule: {one.rule}"
    yield from textwrap.wrap(rule.obligation, _WIDTH, initial_indent="      ", subsequent_indent="      ")
    yield f"      in {rule.module.replace('.', '/')}.py"
    if rule.needs:
        yield f"      needs {', '.join(rule.needs)}"
    if one.data:
        yield f"data: {one.data}"
    yield ""
    yield _last(contract, one, report)


def _last(contract: Contract, one: Requirement, report: Path) -> str:
    from conformance.results import ResultsError, read

    try:
        results = read(report / contract.vendor)
    except ResultsError:
        return "last run: none on record"
    for line in results.results:
        if line["requirement"] == one.id:
            reason = f" ({line['reason']})" if "reason" in line else ""
            seen = "".join(f"\n          {f['message']}; seen: {f['observed']}" for f in line["findings"])
            return (
                f"last run: {line['verdict']}{reason}, {results.run['started']}, {results.run['target']['url']}{seen}"
            )
    return "last run: did not test it"


def _cut(text: str) -> str:
    return text if len(text) <= _WIDTH - 50 else text[: _WIDTH - 53] + "..."
