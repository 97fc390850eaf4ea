"""What `conformance list` shows: requirements, or the faults or variants of the embedded references."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from conformance.commands.last_runs import last_run, when, width, wrapped
from conformance.contracts.contract import Contract
from conformance.contracts.loading import bundled, load
from conformance.results.printable import printable
from conformance.targets.config import UsageError

__all__ = ["show"]


def show(contracts: Sequence[str], *, faults: bool, variants: bool, report: Path) -> None:
    """Print requirements, or the faults or variants of the embedded references.

    `report` is the folder of the last runs.

    Raises:
        ContractError: a contract can't be read.
        UsageError: a contract has no embedded reference.
    """
    for number, name in enumerate(contracts or bundled()):
        if number:
            click.echo()
        lines = _switches(name, faults=faults) if faults or variants else _requirements(load(name), report)
        click.echo(printable("\n".join(lines)))


def _requirements(contract: Contract, report: Path) -> Iterator[str]:
    levels = Counter(r.level for r in contract.requirements)
    last = last_run(contract.vendor, report)
    seen = {name: judged.word for name, judged in last.by_requirement.items()} if last else {}
    yield f"{contract.title} ({contract.vendor}, document {contract.sha256[:12]})"
    yield ", ".join(f"{count} {level}" for level, count in levels.items())
    if last:
        yield f"last run: {when(last)}"
    names = max((len(r.id) for r in contract.requirements), default=0)
    verdicts = max(map(len, seen.values()), default=-2) + 2
    for one in contract.requirements:
        start = f"  {one.level:<6} {one.id:<{names}}  {seen.get(one.id, ''):<{verdicts}}"
        yield (start + textwrap.shorten(one.words, max(20, width() + 40 - len(start)), placeholder="...")).rstrip()


def _switches(name: str, *, faults: bool) -> Iterator[str]:
    from conformance.reference.server import package

    try:
        reference = package(name)
    except LookupError as problem:
        raise UsageError(str(problem)) from None
    table = reference.FAULTS if faults else reference.VARIANTS
    yield f"{name}: {len(table)} {'faults' if faults else 'variants'}"
    for switch in sorted(table.values(), key=lambda k: (getattr(k, "rule", ""), k.name)):
        about = f"{switch.rule}, {switch.condition.name}" if faults else ""
        yield f"  {switch.name:<36}{about}".rstrip()
        yield from wrapped(switch.story, 6)
