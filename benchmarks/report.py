"""reports/benchmark.md and benchmark.jsonl, from the raw figures of the parts."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from benchmarks.measures import REPORTS, Bound, Part, Raw, prose, table

__all__ = ["write"]


def write(parts: Mapping[str, tuple[Part, Raw | None]]) -> Path:
    """Write both files; a part that never ran is said to be missing."""
    file = REPORTS / "benchmark.md"
    file.write_text("\n".join(_lines(parts)).rstrip("\n") + "\n", encoding="utf-8")
    raw = (line for name, (_, raw) in parts.items() for line in raw_lines(name, raw))
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in raw)
    (REPORTS / "benchmark.jsonl").write_text(text, encoding="utf-8")
    return file


def raw_lines(name: str, raw: Raw | None) -> Iterator[dict[str, object]]:
    """A part's raw figures, a line each: every entry of a list by itself, then what is left."""
    rest = dict(raw or {})
    for key in [key for key, value in rest.items() if isinstance(value, list)]:
        yield from ({"part": name, "of": key, "figure": figure} for figure in rest.pop(key))
    yield {"part": name, "figures": rest}


def _lines(parts: Mapping[str, tuple[Part, Raw | None]]) -> Iterator[str]:
    yield from ("# Benchmark", "")
    yield prose(
        "Made by `make bench` (`python -m benchmarks`). Every figure is a ratio of two things measured in one run on",
        "one machine, by median; absolute times stand beside it. `reports/benchmark.jsonl` has the raw figures.",
    )
    yield ""
    yield from _head([raw for _, raw in parts.values() if raw is not None])
    yield from ("## Bounds", "")
    bounds = [bound for name, (part, raw) in parts.items() for bound in _bounds(name, part, raw)]
    yield from table(["figure", "bound", "measured", ""], [bound.cells() for bound in bounds])
    for name, (part, raw) in parts.items():
        yield from (f"## {part.TITLE}", "")
        why = _why_not(name, raw)
        yield from [f"Did not run: {why}", ""] if raw is None or why else part.page(raw)


def _why_not(name: str, raw: Raw | None) -> str:
    """Why a part has no figures; empty where it has."""
    return f"`python -m benchmarks {name}` runs it." if raw is None else str(raw.get("error", ""))


def _bounds(name: str, part: Part, raw: Raw | None) -> Iterable[Bound]:
    """A part's bounds; one that has no figures misses them all."""
    why = _why_not(name, raw)
    return [Bound(name, 0, None, why=f"did not run: {why}"[:120])] if raw is None or why else part.bounds(raw)


def _head(raws: list[Raw]) -> Iterator[str]:
    """The machine, once; parts measured elsewhere or on another day are told apart by their own columns."""
    machines = [tuple(raw["machine"].items()) for raw in raws]
    for machine in dict.fromkeys(machines):
        yield "; ".join(f"{name} {value}" for name, value in machine) + "."
        yield ""
    if len(set(machines)) > 1:
        yield "**The parts were not measured in one run**: versions, machine or date differ, as above."
        yield ""
    earlier = sum(raw.get("earlier", 0) for raw in raws)
    if earlier:
        yield f"**Not measured in one go**: {earlier} trials were kept from interrupted runs (`--resume`)."
        yield ""
