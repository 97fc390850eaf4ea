"""What `conformance list` and `conformance explain` show."""

import re
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click
from msgspec import to_builtins

from conformance.contracts.contract import Contract
from conformance.contracts.loading import bundled, load
from conformance.contracts.terms import Requirement
from conformance.report.text import WORDS, one_line, place, plural, printable, target_name
from conformance.results.files import ResultsError, RunResults, read
from conformance.targets.config import UsageError, meant, read_config

__all__ = ["explain", "last_runs", "show"]

_WIDEST = 100
_NARROWEST = 40
_FINGERPRINT = re.compile(r"\[?([0-9a-f]{4,16})\]?")
_LEVELS = ("MUST ", "SHOULD ", "MAY ")


def last_runs(report: str | None) -> Path:
    """The folder of the last runs: the one named, else that of the config file, else the one that runs write to.

    Raises:
        UsageError: the config file can't be read.
    """
    return Path(report or read_config(None).get("report", "reports/runs"))


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


def _width() -> int:
    """Columns to fill: the terminal's, within reason; elsewhere a page's."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDEST
    return max(_NARROWEST, min(columns, _WIDEST))


def _requirements(contract: Contract, report: Path) -> Iterator[str]:
    levels = Counter(r.level for r in contract.requirements)
    last = _last_run(contract.vendor, report)
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
        yield from _wrapped(switch.story, 6)


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
    told = told or [_recorded(run, line, folder) for run, line, folder in _lines_named(name, report)]
    if not told:
        known = [word for c in loaded for r in c.requirements for word in (r.id, r.rule)]
        raise UsageError(f"no requirement is called {name!r}, nor a rule, nor a finding{meant(name, known)}")
    click.echo(printable("\n\n".join("\n".join(lines) for lines in told)))


def _id_in(name: str) -> str:
    """The id in a name as reports print it."""
    bare = name.strip()
    for level in _LEVELS:
        bare = bare.removeprefix(level)
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
    seen = {line["requirement"] for _, line, _ in _lines_named(name, report)}
    return [pair for pair in everything if pair[1].id in seen]


def _lines_named(name: str, report: Path) -> list[tuple[RunResults, dict[str, Any], Path]]:
    """The lines of the last runs that a name stands for, be their contract at hand or not."""
    mark = _FINGERPRINT.fullmatch(name.strip())
    runs = [(run, file.parent) for file in sorted(report.glob("*/results.jsonl")) if (run := _readable(file))]
    return [
        (run, line, folder)
        for run, folder in runs
        for line in run.results
        if _id_in(name) in {line["requirement"], line["rule"]}
        or (mark and any(f["fingerprint"].startswith(mark[1]) for f in line["findings"]))
    ]


def _recorded(run: RunResults, line: dict[str, Any], folder: Path) -> Iterator[str]:
    """What the last run itself tells of a requirement whose contract is not at hand."""
    yield f"{line['requirement']}  ({line['level']})"
    yield f"{run.run['contract']['title']}, document {run.run['contract']['sha256'][:12]}"
    yield "\nThe document says"
    yield from _wrapped(line["says"])
    yield f"  {place(line['at'])}"
    yield f"\nrule {line['rule']}; name its contract (--contract FOLDER) to read how it is tested"
    yield ""
    yield from _seen(run, line, folder)


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
    line = contract.published.line(at)
    return f"{_near(file)}{f':{line}' if line else ''}, {at}"


def _near(file: Path) -> Path:
    """The path as one would type it here."""
    return file.relative_to(Path.cwd()) if file.is_relative_to(Path.cwd()) else file


def _tested(one: Requirement) -> Iterator[str]:
    from conformance.engine.rule import rules

    rule = rules()[one.rule]
    yield from _wrapped(rule.obligation)
    yield f"  rule {one.rule}, in {rule.module.replace('.', '/')}.py"
    if rule.needs:
        yield f"  needs of the target: {', '.join(rule.needs)}"
    yield "  sends nothing that could change the target" if rule.read_only else "  changes only calls that it was given"
    if rule.most:
        yield f"  at most {plural(rule.most, 'example')}: there are no more different cases"
    for name, value in to_builtins(one.data).items():
        yield from _wrapped(f"{name}: {', '.join(map(str, value)) if isinstance(value, list | tuple) else value}")


def _last_run(vendor: str, report: Path) -> RunResults | None:
    return _readable(report / vendor)


def _readable(file: Path) -> RunResults | None:
    try:
        return read(file)
    except ResultsError:
        return None


def _when(results: RunResults) -> str:
    return f"{results.run['started']}, {target_name(results.run)}, seed {results.run['seed']}"


def _last(contract: Contract, one: Requirement, report: Path) -> Iterable[str]:
    results = _last_run(contract.vendor, report)
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
