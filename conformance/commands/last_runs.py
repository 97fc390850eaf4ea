"""What the last runs left, for the commands that tell of them."""

import shutil
import sys
import textwrap
from pathlib import Path

from conformance.report.view import View
from conformance.results.files import ResultsError, read
from conformance.results.printable import one_line
from conformance.targets.config import DEFAULT_REPORT, read_config

__all__ = ["last_run", "last_runs", "runs_in", "when", "width", "wrapped"]

_WIDEST = 100
_NARROWEST = 40


def last_runs(report: str | None) -> Path:
    """The folder of the last runs: the one named, else that of the config file, else the one that runs write to.

    Raises:
        UsageError: the config file can't be read.
    """
    return Path(report or read_config(None).report or DEFAULT_REPORT)


def last_run(vendor: str, report: Path) -> View | None:
    """The last run of a contract, from the folder of the last runs; None where there is none that can be read."""
    try:
        return View(read(report / vendor))
    except ResultsError:
        return None


def runs_in(report: Path) -> list[tuple[View, Path]]:
    """The last runs that can be read, of whatever contract, each with its folder."""
    folders = [file.parent for file in sorted(report.glob("*/results.jsonl"))]
    return [(view, folder) for folder in folders if (view := last_run(folder.name, report))]


def when(view: View) -> str:
    """When a run was, of which target, and with which seed."""
    return f"{view.results.run.started}, {view.target_name}, seed {view.results.run.seed}"


def width() -> int:
    """Columns to fill: the terminal's, within reason; elsewhere a page's."""
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDEST
    return max(_NARROWEST, min(columns, _WIDEST))


def wrapped(text: str, indent: int = 2) -> list[str]:
    """The text in lines that fit, each indented by so many columns."""
    pad = " " * indent
    return textwrap.wrap(one_line(text), width(), initial_indent=pad, subsequent_indent=pad) or [pad]
