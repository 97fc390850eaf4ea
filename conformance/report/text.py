"""Words and figures as every report writes them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from conformance.results.files import ResultsError, RunResults, read
from conformance.results.verdicts import VERDICTS, Verdict

__all__ = [
    "LIMITS_OF_ANY_CHECK",
    "MARKS",
    "WORDS",
    "clock",
    "cut",
    "find",
    "host",
    "number",
    "one_line",
    "place",
    "plural",
    "pretty",
    "printable",
    "read_all",
    "target_name",
    "untested",
    "worst_first",
]

WORDS: dict[str, str] = {
    "pass": "pass",
    "fail": "broken",
    "warn": "SHOULD broken",
    "observed": "observed",
    "untestable": "not tested",
    "not-applicable": "left out",
    "error": "error",
}
"""The verdicts in words that need no glossary."""

MARKS: dict[str, str] = {
    "pass": "✓",
    "fail": "✗",
    "warn": "!",
    "observed": "○",
    "untestable": "?",
    "not-applicable": "-",
    "error": "⚠",
}
"""A sign for each verdict, so that none rests on colour alone."""

LIMITS_OF_ANY_CHECK = (
    "A check through the API sees what the API shows. It can't prove that data is erased from storage, "
    "backups, logs or the systems of third parties."
)


def printable(text: str) -> str:
    """The text without what would steer a terminal or a page, or can't be encoded: a target's words stand in it."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else _spelled(c) for c in text)


def _spelled(char: str) -> str:
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str) -> str:
    """The text printable and without line breaks."""
    return printable(" ".join(text.split()))


def cut(text: str, longest: int) -> str:
    """At most so many characters of the text, and how many were left out."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]} [… {number(len(text) - longest)} more characters in results.jsonl]"


def pretty(text: str | None) -> str:
    """A body as a reader wants it: JSON indented, anything else as it is, nothing as nothing."""
    if not text:
        return ""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def number(value: float) -> str:
    """A count with its thousands apart."""
    return f"{value:,.0f}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def clock(seconds: float) -> str:
    """A duration in the unit that suits it."""
    if seconds < 0.0995:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def place(at: str) -> str:
    """Where a requirement's words stand, with the file they stand in."""
    return f"openapi.yaml {at}" if at.startswith("/") else at


def host(url: str) -> str:
    """Host and port of a URL; the URL itself where it has none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or url
    except ValueError:
        return url


def target_name(run: dict[str, Any]) -> str:
    """What to call a run's target: the name its user gave it, else its host."""
    name = str(run["target"].get("name") or "")
    return name if name and "://" not in name else host(str(run["target"]["url"]))


def untested(result: dict[str, Any]) -> str:
    """Why there is no verdict on the target."""
    return str(result.get("reason") or "no reason was recorded")


def worst_first(results: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Result lines, the worst verdict and the strongest level first, else in the contract's order."""
    levels = ("MUST", "SHOULD", "MAY")
    order: tuple[Verdict, ...] = VERDICTS
    return sorted(results, key=lambda r: (order.index(r["verdict"]), levels.index(r["level"])))


def find(path: Path) -> list[Path]:
    """The results files that a path means: itself, the one in a run's folder, or those of a report folder.

    Raises:
        ResultsError: a folder holds none.
    """
    if not path.is_dir():
        return [path]
    if (path / "results.jsonl").is_file():
        return [path / "results.jsonl"]
    found = sorted(path.glob("*/results.jsonl"))
    if not found:
        raise ResultsError(f"{path}: holds no results.jsonl, nor does a folder in it")
    return found


def read_all(paths: Iterable[Path]) -> list[RunResults]:
    """Every run that the paths mean.

    Raises:
        ResultsError: one can't be read.
    """
    return [read(file) for path in paths for file in find(path)]
