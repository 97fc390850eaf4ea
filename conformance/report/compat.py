"""The compatibility matrix: requirements down, targets across, one part for each document."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.report.html import template
from conformance.report.markdown import LARGEST, code, fitted, inline, table
from conformance.report.summary import sentence
from conformance.report.text import MARKS, WORDS, cut, find, place, target_name, untested
from conformance.results.files import ResultsError, RunResults, read
from conformance.results.verdicts import VERDICTS

__all__ = ["Cell", "Column", "Matrix", "Row", "html", "load", "markdown", "matrices"]

_LEVELS = ("MUST", "SHOULD", "MAY")


@dataclass(frozen=True)
class Column:
    """One target: its display name and its run."""

    name: str
    results: RunResults

    @property
    def sentence(self) -> str:
        """The verdict on the target in words."""
        return sentence(self.results)


@dataclass(frozen=True)
class Cell:
    """What a requirement came to at a target; `note` counts from 1 within the matrix, None where nothing is to tell."""

    verdict: str
    note: int | None = None


@dataclass(frozen=True)
class Row:
    """A requirement and its cells, in the order of the columns; None where a run has no such requirement."""

    result: dict[str, Any]
    cells: list[Cell | None]

    @property
    def kinds(self) -> str:
        """What the row can be filtered by."""
        return " ".join(sorted({self.result["level"], *(c.verdict for c in self.cells if c)}))


@dataclass
class Matrix:
    """All targets held against one document; `notes` say what was seen, in the order of their numbers."""

    contract: dict[str, Any]
    columns: list[Column]
    rows: list[Row] = field(default_factory=list)
    notes: list[tuple[str, str, str]] = field(default_factory=list)
    observed: list[tuple[dict[str, Any], list[tuple[str, list[str]]]]] = field(default_factory=list)

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
        columns += [Column(name or target_name(run.run), run) for run in map(read, find(given))]
    seen: set[tuple[str, str]] = set()
    for column in columns:
        mark = (column.results.run["contract"]["vendor"], column.name)
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
        contract = column.results.run["contract"]
        matrix = found.setdefault(contract["vendor"], Matrix(contract, []))
        if contract["sha256"] != matrix.contract["sha256"]:
            first = matrix.columns[0].name
            raise ResultsError(
                f"{contract['vendor']}: {first!r} was held against the document {matrix.contract['sha256'][:12]}, "
                f"{column.name!r} against {contract['sha256'][:12]}: different promises can't stand in one row. "
                "Run both against the same document."
            )
        matrix.columns.append(column)
    for matrix in found.values():
        _fill(matrix)
    return list(found.values())


def _fill(matrix: Matrix) -> None:
    lines = [{r["requirement"]: r for r in column.results.results} for column in matrix.columns]
    stated = {name: result for by_name in reversed(lines) for name, result in by_name.items()}
    # The contract's order is that of the longest run: a selection has only some of it.
    order = list(dict.fromkeys([*max(lines, key=_length), *stated]))
    judged = [stated[name] for name in order if stated[name]["level"] != "MAY"]
    for result in sorted(judged, key=lambda r: _badness(r["requirement"], r["level"], lines)):
        cells = [
            _cell(matrix, c.name, by_name.get(result["requirement"]))
            for c, by_name in zip(matrix.columns, lines, strict=True)
        ]
        matrix.rows.append(Row(result, cells))
    matrix.observed = list(_observations([stated[name] for name in order], lines))


def _length(by_name: dict[str, dict[str, Any]]) -> int:
    return len(by_name)


def _badness(requirement: str, level: str, lines: Sequence[dict[str, dict[str, Any]]]) -> tuple[int, int, int]:
    """Sorts the worst first: the worst verdict anywhere, then how many targets have it, then the level."""
    ranks = [VERDICTS.index(by_name[requirement]["verdict"]) for by_name in lines if requirement in by_name]
    return (min(ranks), -ranks.count(min(ranks)), _LEVELS.index(level))


def _cell(matrix: Matrix, target: str, result: dict[str, Any] | None) -> Cell | None:
    if result is None:
        return None
    words = _seen(result)
    return Cell(result["verdict"], matrix.note(target, result["requirement"], words) if words else None)


def _seen(result: dict[str, Any]) -> str:
    if result["findings"]:
        first = result["findings"][0]
        more = len(result["findings"]) - 1
        also = f" (and {more} more like it)" if more else ""
        once = "" if first["reproduced"] else " (seen once, not again)"
        expected, seen = cut(first["expected"], 300), cut(first["observed"], 300)
        return f"{first['message']}; expected {expected}; seen {seen}{once}{also}"
    return untested(result) if result["verdict"] in {"untestable", "not-applicable", "error"} else ""


def _observations(
    stated: Iterable[dict[str, Any]], lines: Sequence[dict[str, dict[str, Any]]]
) -> Iterable[tuple[dict[str, Any], list[tuple[str, list[str]]]]]:
    """What was observed, requirement by requirement: what was looked at, and what each target showed."""
    for result in stated:
        each = [_facts(by_name.get(result["requirement"])) for by_name in lines]
        names = sorted({name for facts in each for name in facts})
        if names:
            rows = [(name, [facts.get(name, "") for facts in each]) for name in names]
            # Where targets differ is what the part is read for.
            yield result, sorted(rows, key=lambda row: len(set(row[1])) == 1)


def _facts(result: dict[str, Any] | None) -> dict[str, str]:
    if result is None:
        return {}
    said = result.get("observed", {}).items()
    facts = {name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) for name, value in said}
    if result["level"] == "MAY":
        facts |= {f["message"]: f["observed"] for f in result["findings"]}
    return facts


def html(found: Sequence[Matrix]) -> str:
    """The matrices as one self-contained HTML file."""
    verdicts = {c.verdict for m in found for row in m.rows for c in row.cells if c}
    kinds = [(v, WORDS[v]) for v in VERDICTS if v in verdicts] + [(level, level) for level in _LEVELS[:2]]
    return template("compat.html", title="Call deletion: who keeps which promise", matrices=found, kinds=kinds)


def markdown(found: Sequence[Matrix], largest: int = LARGEST) -> str:
    """The matrices as Markdown of at most `largest` bytes."""
    blocks = ["# Call deletion: who keeps which promise"]
    for matrix in found:
        blocks += _blocks(matrix)
    return fitted(blocks, largest)


def _blocks(matrix: Matrix) -> Iterable[str]:
    contract = matrix.contract
    names = [inline(c.name) for c in matrix.columns]
    yield f"## {inline(contract['title'])} {inline(contract['version'])} ({code(contract['sha256'][:12])})"
    runs = [c.results.run for c in matrix.columns]
    yield table(
        ["Target", "Verdict", "Date", "Suite", "Document"],
        [
            [
                name,
                inline(c.sentence),
                run["started"][:10],
                code(run["suite"]["version"]),
                code(contract["sha256"][:12]),
            ]
            for name, c, run in zip(names, matrix.columns, runs, strict=True)
        ],
    )
    rows = [[code(r.result["requirement"]), r.result["level"], *(_marked(c) for c in r.cells)] for r in matrix.rows]
    yield table(["Requirement", "Level", *names], rows)
    yield "\n".join(
        f"{n}. {inline(target)}, {code(requirement)}: {inline(words)}"
        for n, (target, requirement, words) in enumerate(matrix.notes, 1)
    )
    for result, facts in matrix.observed:
        yield f"Observed, where the document is silent: {code(result['requirement'])}, {code(place(result['at']))}"
        yield table(["What", *names], [[inline(what), *(code(cut(v, 120)) for v in seen)] for what, seen in facts])


def _marked(cell: Cell | None) -> str:
    if cell is None:
        return ""
    return f"{MARKS[cell.verdict]} {WORDS[cell.verdict]}" + (f" [{cell.note}]" if cell.note else "")
