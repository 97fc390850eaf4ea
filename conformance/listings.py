"""What `conformance list` and `conformance explain` show."""

import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from conformance.config import UsageError, meant
from conformance.contract import Contract, Requirement, bundled, load
from conformance.report.text import WORDS, one_line, plural, printable, target_name
from conformance.results import ResultsError, RunResults, read

__all__ = ["explain", "show"]

_WIDEST = 100
_NARROWEST = 40
_LAST_RUN = Path("reports/runs")


def show(contracts: Sequence[str], *, faults: bool, variants: bool) -> None:
    """Print requirements, or the faults or variants of the embedded references.

    Raises:
        ContractError: a contract can't be read.
        UsageError: a contract has no embedded reference.
    """
    for number, name in enumerate(contracts or bundled()):
        if number:
            click.echo()
        lines = _knobs(name, faults=faults) if faults or variants else _requirements(load(name))
        click.echo(printable("\n".join(lines)))


def _width() -> int:
    """Columns to fill: the terminal's, within reason; elsewhere a page's."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDEST
    return max(_NARROWEST, min(columns, _WIDEST))


def _requirements(contract: Contract) -> Iterator[str]:
    levels = Counter(r.level for r in contract.requirements)
    last = _last_run(contract, _LAST_RUN)
    seen = {r["requirement"]: WORDS[r["verdict"]] for r in last.results} if last else {}
    yield f"{contract.title} ({contract.vendor}, document {contract.sha256[:12]})"
    yield ", ".join(f"{count} {level}" for level, count in levels.items())
    if last:
        yield f"last run: {_when(last)}"
    names = max((len(r.id) for r in contract.requirements), default=0)
    verdicts = max(map(len, seen.values()), default=-2) + 2
    for one in contract.requirements:
        start = f"  {one.level:<6} {one.id:<{names}}  {seen.get(one.id, ''):<{verdicts}}"
        yield (start + textwrap.shorten(one.words, max(20, _width() + 40 - len(start)), placeholder="...")).rstrip()


def _knobs(name: str, *, faults: bool) -> Iterator[str]:
    from conformance.reference.server import package

    try:
        reference = package(name)
    except LookupError as problem:
        raise UsageError(str(problem)) from None
    table = reference.FAULTS if faults else reference.VARIANTS
    yield f"{name}: {len(table)} {'faults' if faults else 'variants'}"
    for knob in sorted(table.values(), key=lambda k: (getattr(k, "rule", ""), k.name)):
        about = f"{knob.rule}, {knob.condition.name}" if faults else ""
        yield f"  {knob.name:<36}{about}".rstrip()
        yield from _wrapped(knob.story, 6)


def explain(requirement: str, contracts: Sequence[str], report: Path) -> None:
    """Print what a requirement promises, where it stands, how it is tested and what the last run saw.

    `report` is the folder of the last runs.

    Raises:
        ContractError: a contract can't be read.
        UsageError: no contract has the requirement.
    """
    loaded = [load(name) for name in contracts or bundled()]
    for contract in loaded:
        for one in contract.requirements:
            if one.id == requirement:
                click.echo(printable("\n".join(_explanation(contract, one, report))))
                return
    known = [r.id for c in loaded for r in c.requirements]
    raise UsageError(f"no requirement is called {requirement!r}{meant(requirement, known)}")


def _explanation(contract: Contract, one: Requirement, report: Path) -> Iterator[str]:
    yield f"{one.id}  ({one.level})"
    yield f"{contract.title}, document {contract.sha256[:12]}"
    yield "\nThe document says"
    yield from _wrapped(f'"{one.words}"' if isinstance(one.says, str) else one.words)
    yield f"  {_place(contract, one.at)}"
    if one.basis:
        yield from _wrapped(f"It does not say so in a sentence; it follows: {one.reason}")
    if one.source:
        yield from _wrapped(f"From {one.source}, so no more than a SHOULD.")
    yield "\nHow it is tested"
    yield from _tested(one)
    yield ""
    yield from _last(contract, one, report)


def _wrapped(text: str, indent: int = 2) -> list[str]:
    pad = " " * indent
    return textwrap.wrap(one_line(text), _width(), initial_indent=pad, subsequent_indent=pad) or [pad]


def _place(contract: Contract, at: str) -> str:
    """Where the words stand, with the line, in a file that can be opened."""
    if not at.startswith("/"):
        return f"{_near(contract.folder / 'source.md')}:{at.partition(':')[2]}"
    file = contract.folder / "openapi.yaml"
    line = _line(file, at)
    return f"{_near(file)}{f':{line}' if line else ''}, {at}"


def _near(file: Path) -> Path:
    """The path as one would type it here."""
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


def _line(file: Path, at: str) -> int | None:
    """The line of a JSON pointer in a YAML file, counted from 1; None where nothing stands there."""
    import yaml

    from conformance.pointer import steps

    node: Any = yaml.compose(file.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    mark = node.start_mark
    for step in steps(at):
        if isinstance(node, yaml.MappingNode):
            found = next(((key, value) for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and step.isdecimal() and int(step) < len(node.value):
            found = (node.value[int(step)],) * 2
        else:
            found = None
        if found is None:
            return None
        mark, node = found[0].start_mark, found[1]
    return int(mark.line) + 1


def _tested(one: Requirement) -> Iterator[str]:
    from conformance.rule import rules

    rule = rules()[one.rule]
    yield from _wrapped(rule.obligation)
    yield f"  rule {one.rule}, in {rule.module.replace('.', '/')}.py"
    if rule.needs:
        yield f"  needs of the target: {', '.join(rule.needs)}"
    yield "  sends nothing that could change the target" if rule.read_only else "  changes only calls that it was given"
    if rule.most:
        yield f"  at most {plural(rule.most, 'example')}: there are no more different cases"
    for name, value in one.data.items():
        yield from _wrapped(f"{name}: {', '.join(map(str, value)) if isinstance(value, list) else value}")


def _last_run(contract: Contract, report: Path) -> RunResults | None:
    try:
        return read(report / contract.vendor)
    except ResultsError:
        return None


def _when(results: RunResults) -> str:
    return f"{results.run['started']}, {target_name(results.run)}, seed {results.run['seed']}"


def _last(contract: Contract, one: Requirement, report: Path) -> Iterable[str]:
    results = _last_run(contract, report)
    if results is None:
        return [f"last run: none on record in {report / contract.vendor}"]
    line = next((r for r in results.results if r["requirement"] == one.id), None)
    if line is None:
        return [f"last run: {_when(results)}: it was not among what was asked for"]
    return _seen(results, line, report / contract.vendor)


def _seen(results: RunResults, line: dict[str, Any], folder: Path) -> Iterator[str]:
    depth = f"{plural(line['examples'], 'example')}, {plural(line['requests'], 'request')}"
    yield f"last run: {line['verdict']}, {depth}; {_when(results)}"
    if "reason" in line:
        yield from _wrapped(line["reason"], 4)
    for what, value in sorted(line.get("observed", {}).items()):
        yield from _wrapped(f"{what}: {value}", 4)
    for finding in line["findings"]:
        yield from _wrapped(f"{finding['message']}  [{finding['fingerprint']}]", 4)
        yield from _wrapped(f"expected: {finding['expected']}", 6)
        yield from _wrapped(f"seen:     {finding['observed']}", 6)
    if line["findings"]:
        yield f"  its example as a script: conformance report {folder} --html report.html"
