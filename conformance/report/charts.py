"""Charts as inline SVG, drawn from the traffic table of a run; every figure stands in them as text too."""

from collections.abc import Iterable
from dataclasses import dataclass

from conformance.report.text import clock, number
from conformance.results.lines import Traffic

__all__ = ["Bar", "Row", "answers", "latency"]

WIDTH = 640
"""Width of a bar's field, in the SVG's own units."""
_LEAST = 2.0
"""Width of the smallest bar that can still be seen."""


@dataclass(frozen=True)
class Bar:
    """A piece of a row: where it starts, how wide it is, its kind (`s2` to `s5`, or `time`) and its label."""

    x: float
    width: float
    kind: str
    label: str


@dataclass(frozen=True)
class Row:
    """An operation with its bars and the same in words."""

    name: str
    bars: list[Bar]
    words: str


def answers(traffic: Iterable[Traffic]) -> list[Row]:
    """How often each operation answered with which status; rows share one scale."""
    rows = _by_operation(traffic)
    most = max((sum(r.count for r in row) for row in rows.values()), default=0)
    return [Row(name, _stack(row, most), _words(row)) for name, row in rows.items()]


def _words(row: list[Traffic]) -> str:
    return ", ".join(f"{r.status}: {number(r.count)}" for r in row)


def _stack(row: list[Traffic], most: int) -> list[Bar]:
    bars: list[Bar] = []
    x = 0.0
    # What is too small to be seen is drawn wider; the rest gives way so that the row keeps its length.
    wanted = [max(_LEAST, WIDTH * r.count / most) for r in row]
    scale = min(1.0, WIDTH / sum(wanted))
    for r, least in zip(row, wanted, strict=True):
        width = round(least * scale, 1)
        bars.append(Bar(round(x, 1), width, f"s{str(r.status)[0]}", str(r.status)))
        x += width
    return bars


def latency(traffic: Iterable[Traffic]) -> list[Row]:
    """The mean time of an answer, operation by operation."""
    rows = _by_operation(traffic)
    means = {name: sum(r.seconds for r in row) / sum(r.count for r in row) for name, row in rows.items()}
    longest = max(means.values(), default=0.0) or 1.0
    return [
        Row(name, [Bar(0, round(max(_LEAST, WIDTH * mean / longest), 1), "time", clock(mean))], clock(mean))
        for name, mean in means.items()
    ]


def _by_operation(traffic: Iterable[Traffic]) -> dict[str, list[Traffic]]:
    rows: dict[str, list[Traffic]] = {}
    for r in sorted(traffic, key=lambda r: (r.operation, r.status)):
        if r.count > 0:
            rows.setdefault(r.operation or "(no operation of the document)", []).append(r)
    return rows
