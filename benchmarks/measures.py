"""What every part of the benchmark shares: options, bounds, medians, and where raw figures are kept."""

import json
import re
import statistics
import textwrap
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeAlias

__all__ = [
    "REPORTS",
    "ROOT",
    "SCRATCH",
    "SEED",
    "Bound",
    "Options",
    "Part",
    "Raw",
    "Say",
    "load",
    "median",
    "pathless",
    "prose",
    "row",
    "save",
    "table",
    "timed",
]

ROOT = Path(__file__).parents[1]
REPORTS = ROOT / "reports"
SCRATCH = REPORTS / "runs" / "bench"
"""Raw figures and installed tools; git ignores it."""

SEED = 1
"""Seed of every run, of every tool that takes one, and of every sample."""

Raw: TypeAlias = dict[str, Any]
"""What a part measured, as plain data."""
Say: TypeAlias = Callable[[str], None]
"""Prints a line of progress."""


@dataclass(frozen=True)
class Options:
    """How much to measure.

    `repeat` is the repetitions of every timing, `sample` the faults of each contract that the tools are given
    (None: all), `items` the length of the long list, `peers` whether tools beside Schemathesis are installed
    and tried, `resume` whether trials that an interrupted run left behind stand.
    """

    repeat: int = 5
    sample: int | None = None
    items: int = 1_000_000
    peers: bool = True
    resume: bool = False
    contracts: Sequence[str] = ("cartesia", "ultravox")


class Part(Protocol):
    """A module that measures one thing."""

    TITLE: str

    def measure(self, options: Options, say: Say) -> Raw:
        """Measure."""

    def bounds(self, raw: Raw) -> Iterable["Bound"]:
        """What the figures are held to."""

    def page(self, raw: Raw) -> Iterator[str]:
        """The part's section as lines of Markdown, without its title."""


@dataclass(frozen=True)
class Bound:
    """A figure and the limit that it is held to: at most `limit`, or at least, where `least` is set.

    `measured` is None where there was nothing to measure, with the reason in `why`: then the bound is missed.
    """

    what: str
    limit: float
    measured: float | None
    least: bool = False
    why: str = ""

    @property
    def held(self) -> bool:
        """Whether the figure keeps to the limit."""
        if self.measured is None:
            return False
        return self.measured >= self.limit if self.least else self.measured <= self.limit

    def cells(self) -> list[str]:
        """What, the bound, what was measured, and whether it held."""
        sign = ">=" if self.least else "<="
        measured = self.why or "nothing" if self.measured is None else f"{self.measured:.3g}"
        return [self.what, f"{sign} {self.limit:g}", measured, "held" if self.held else "**missed**"]


def row(*cells: object) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A Markdown table, with an empty line after it."""
    yield row(*head)
    yield "|" + "---|" * len(head)
    yield from (row(*cells) for cells in rows)
    yield ""


def prose(*parts: str) -> str:
    """A paragraph of Markdown, wrapped."""
    return textwrap.fill(" ".join(parts), 120, break_long_words=False, break_on_hyphens=False)


def pathless(text: str) -> str:
    """A tool's words in one line, without paths and addresses of this machine: they go into a published page."""
    return re.sub(r"(https?:/)?(/[\w.@:+-]+){2,}/?", "...", " ".join(text.split()))


def save(part: str, raw: Raw) -> None:
    """Keep what a part measured."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    (SCRATCH / f"{part}.json").write_text(json.dumps(raw, indent=1) + "\n", encoding="utf-8")


def load(part: str) -> Raw | None:
    """What a part measured when it last ran; None where it never did."""
    file = SCRATCH / f"{part}.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else None


def median(values: Iterable[float]) -> float:
    """The median, to four significant digits."""
    return float(f"{statistics.median(values):.4g}")


@dataclass
class Clock:
    """Seconds that a `with` block took."""

    seconds: float = field(default=0.0)


@contextmanager
def timed() -> Iterator[Clock]:
    """Time a block by the monotonic clock."""
    clock, began = Clock(), time.perf_counter()
    try:
        yield clock
    finally:
        clock.seconds = time.perf_counter() - began
