"""The compatibility matrix: requirements down, targets across, one part for each document."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from conformance.report.html import template
from conformance.report.markdown import LARGEST, code, fitted, inline, table
from conformance.report.summary import sentence
from conformance.report.text import cut
from conformance.report.view import LEVELS, WORDS, Judged, View
from conformance.results.files import ResultsError, find, read
from conformance.results.lines import ContractUnderTest
from conformance.results.verdicts import VERDICTS

__all__ = ["Cell", "Column", "Matrix", "Observations", "Row", "html", "load", "markdown", "matrices"]


@dataclass(frozen=True)
class Column:
    """One target: its display name and its run."""

    name: str
    view: View

    @property
    def sentence(self) -> str:
        """The verdict on the target in words."""
        return sentence(self.view)


@dataclass(frozen=True)
class Cell:
    """What a requirement came to at a target; `note` counts from 1 within the matrix, None where nothing is to tell."""

    judged: Judged
    note: int | None = None


@dataclass(frozen=True)
class Row:
    """A requirement and its cells, in the order of the columns; None where a run has no such requirement."""

    judged: Judged
    cells: list[Cell | None]

    @property
    def kinds(self) -> str:
        """What the row can be filtered by."""
        return " ".join(sorted({self.judged.line.level, *(cell.judged.line.verdict for cell in self.cells if cell)}))


@dataclass(frozen=True)
class Observations:
    """What was looked at where the document is silent, each with what every target showed."""

    judged: Judged
    facts: list[tuple[str, list[str]]]


@dataclass
class Matrix:
    """All targets held against one document; `notes` say what was seen, in the order of their numbers."""

    contract: ContractUnderTest
    columns: list[Column]
    rows: list[Row] = field(default_factory=list)
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    observed: list[Observations] = field(default_factory=list)

    def note(self, target: str, requirement: str, words: str) -> int:
        """Keep a footnote and tell its number."""
        self.notes.append((target, requirement, words))
        return len(self.notes)


def load(arguments: Iterable[str]) -> list[Column]:
    """The runs that the arguments mean: `FILE`, `DIR`, or either with a display name before it, `NAME=FILE`.

    Raises:
        ResultsError: one can't be read, or two columns of one contract would bear the same name.
    """
    columns: list[Column] = []
    for argument in arguments:
        # A file whose own name has an equals sign is still a file.
        name, equals, path = ("", "", argument) if Path(argument).exists() else argument.partition("=")
        given = Path(path if equals else argument)
        columns += [Column(name or view.target_name, view) for view in map(View, map(read, find(given)))]
    seen: set[tuple[str, str]] = set()
    for column in columns:
        mark = (column.view.results.run.contract.vendor, column.name)
        if mark in seen:
            raise ResultsError(f"two runs of {mark[0]} are called {mark[1]!r}: name them, as in 'staging=FILE'")
        seen.add(mark)
    return columns


def matrices(columns: Sequence[Column]) -> list[Matrix]:
    """A matrix for each contract.

    Raises:
        ResultsError: runs of one vendor were held against different documents, so that they can't be compared.
    """
    found: dict[str, Matrix] = {}
    for column in columns:
        contract = column.view.results.run.contract
        matrix = found.setdefault(contract.vendor, Matrix(contract, []))
        if contract.sha256 != matrix.contract.sha256:
            first = matrix.columns[0].name
            raise ResultsError(
                f"{contract.vendor}: {first!r} was held against the document {matrix.contract.sha256[:12]}, "
                f"{column.name!r} against {contract.sha256[:12]}: different promises can't stand in one row. "
                "Run both against the same document."
            )
        matrix.columns.append(column)
    for matrix in found.values():
        _fill(matrix)
    return list(found.values())


def _fill(matrix: Matrix) -> None:
    runs = [column.view.by_requirement for column in matrix.columns]
    stated = {name: one for run in reversed(runs) for name, one in run.items()}
    # The contract's order is that of the longest run: a selection has only some of it.
    order = list(dict.fromkeys([*max(runs, key=_length), *stated]))
    ranked = [stated[name] for name in order if stated[name].line.level != "MAY"]
    for one in sorted(ranked, key=lambda one: _badness(one, runs)):
        each = [(column.name, run.get(one.line.requirement)) for column, run in zip(matrix.columns, runs, strict=True)]
        matrix.rows.append(Row(one, [_cell(matrix, target, at) for target, at in each]))
    matrix.observed = list(_observations([stated[name] for name in order], runs))


_ByRequirement: TypeAlias = Mapping[str, Judged]


def _length(run: _ByRequirement) -> int:
    return len(run)


def _badness(one: Judged, runs: Sequence[_ByRequirement]) -> tuple[int, int, int]:
    """Sorts the worst first: the worst verdict anywhere, then how many targets have it, then the level."""
    name = one.line.requirement
    ranks = [VERDICTS.index(run[name].line.verdict) for run in runs if name in run]
    return (min(ranks), -ranks.count(min(ranks)), LEVELS.index(one.line.level))


def _cell(matrix: Matrix, target: str, judged: Judged | None) -> Cell | None:
    if judged is None:
        return None
    words = _seen(judged)
    return Cell(judged, matrix.note(target, judged.line.requirement, words) if words else None)


def _seen(judged: Judged) -> str:
    findings = judged.line.findings
    if findings:
        first, more = findings[0], len(findings) - 1
        also = f" (and {more} more like it)" if more else ""
        once = "" if first.reproduced else " (seen once, not again)"
        expected, seen = cut(first.expected, 300), cut(first.observed, 300)
        return f"{first.message}; expected {expected}; seen {seen}{once}{also}"
    return judged.why if judged.untested else ""


def _observations(stated: Iterable[Judged], runs: Sequence[_ByRequirement]) -> Iterable[Observations]:
    """What was observed, requirement by requirement: what was looked at, and what each target showed."""
    for one in stated:
        each = [_facts(run.get(one.line.requirement)) for run in runs]
        names = sorted({name for facts in each for name in facts})
        if names:
            rows = [(name, [facts.get(name, "") for facts in each]) for name in names]
            # Where targets differ is what the part is read for.
            yield Observations(one, sorted(rows, key=lambda row: len(set(row[1])) == 1))


def _facts(judged: Judged | None) -> dict[str, str]:
    if judged is None:
        return {}
    said = judged.line.observed.items()
    facts = {name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for name, value in said}
    if judged.line.level == "MAY":
        facts |= {finding.message: finding.observed for finding in judged.line.findings}
    return facts


def html(found: Sequence[Matrix]) -> str:
    """The matrices as one self-contained HTML file."""
    verdicts = {cell.judged.line.verdict for m in found for row in m.rows for cell in row.cells if cell}
    kinds = [(verdict, WORDS[verdict]) for verdict in VERDICTS if verdict in verdicts]
    levels = [(level, level) for level in LEVELS[:2]]
    title = "Call deletion: who keeps which promise"
    return template("compat.html", title=title, matrices=found, kinds=[*kinds, *levels])


def markdown(found: Sequence[Matrix], largest: int = LARGEST) -> str:
    """The matrices as Markdown of at most `largest` bytes."""
    blocks = ["# Call deletion: who keeps which promise"]
    for matrix in found:
        blocks += _blocks(matrix)
    return fitted(blocks, largest)


def _blocks(matrix: Matrix) -> Iterable[str]:
    contract = matrix.contract
    names = [inline(column.name) for column in matrix.columns]
    yield f"## {inline(contract.title)} {inline(contract.version)} ({code(contract.sha256[:12])})"
    yield table(["Target", "Verdict", "Date", "Suite", "Document"], map(_target, matrix.columns))
    rows = [[code(row.judged.line.requirement), row.judged.line.level, *map(_marked, row.cells)] for row in matrix.rows]
    yield table(["Requirement", "Level", *names], rows)
    yield "\n".join(
        f"{n}. {inline(target)}, {code(requirement)}: {inline(words)}"
        for n, (target, requirement, words) in enumerate(matrix.notes, 1)
    )
    for seen in matrix.observed:
        one = seen.judged
        yield f"Observed, where the document is silent: {code(one.line.requirement)}, {code(one.place)}"
        facts = [[inline(what), *(code(cut(value, 120)) for value in each)] for what, each in seen.facts]
        yield table(["What", *names], facts)


def _target(column: Column) -> list[str]:
    run = column.view.results.run
    suite, document = code(run.suite.version), code(run.contract.sha256[:12])
    return [inline(column.name), inline(column.sentence), run.started[:10], suite, document]


def _marked(cell: Cell | None) -> str:
    if cell is None:
        return ""
    return f"{cell.judged.mark} {cell.judged.word}" + (f" [{cell.note}]" if cell.note else "")
