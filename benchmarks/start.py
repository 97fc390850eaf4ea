"""Start-up: what `conformance --help` and `conformance list` take over a Python that does nothing."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measures import Bound, Options, Raw, Say, median, table, timed

TITLE = "Start-up"

_RUNS = 11
_COMMANDS = {"python -c pass": ["-c", "pass"]} | {
    f"conformance {name}": ["-m", "conformance", name] for name in ("--help", "list")
}
_LIMITS = {"conformance --help": 15.0, "conformance list": 40.0}


def measure(options: Options, say: Say) -> Raw:
    """Wall seconds of each command, the commands in turn, so that a busy moment hits all alike."""
    seconds: dict[str, list[float]] = {name: [] for name in _COMMANDS}
    runs = max(_RUNS, options.repeat)
    say(f"{runs} starts of each of {len(_COMMANDS)} commands, some seconds")
    for _ in range(runs):
        for name, arguments in _COMMANDS.items():
            with timed() as clock:
                subprocess.run([sys.executable, *arguments], check=True, capture_output=True, cwd=Path.home())
            seconds[name].append(clock.seconds)
    return {"seconds": seconds}


def _over_nothing(raw: Raw) -> dict[str, float]:
    """Each command's median over that of the Python that does nothing."""
    nothing = median(raw["seconds"]["python -c pass"])
    return {name: median(taken) / nothing for name, taken in raw["seconds"].items()}


def bounds(raw: Raw) -> Iterator[Bound]:
    """A command is to answer before one waits for it."""
    ratios = _over_nothing(raw)
    for name, limit in _LIMITS.items():
        yield Bound(f"{name} / python -c pass", limit, ratios[name])


def page(raw: Raw) -> Iterator[str]:
    """The table of commands."""
    runs = len(raw["seconds"]["python -c pass"])
    yield f"Wall time of a whole process, median of {runs}, the commands in turn. An import too early makes it bad."
    yield ""
    ratios = _over_nothing(raw)
    rows = [(f"`{n}`", f"{ratios[n]:.1f}", f"{median(t) * 1000:.0f} ms") for n, t in raw["seconds"].items()]
    yield from table(["command", "over `python -c pass`", "median"], rows)
