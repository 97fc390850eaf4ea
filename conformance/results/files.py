"""Results files: written whole or not at all, read strictly (DESIGN, 8)."""

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, NoReturn

from conformance.contracts.document import Validator
from conformance.results.verdicts import Verdict

__all__ = ["FORMAT", "ResultsError", "RunResults", "read", "schema", "write", "write_whole"]

FORMAT = "conformance-results/1"


class ResultsError(ValueError):
    """A results file can't be read: not one, of another format, or of a run that was cut short."""


def write_whole(file: Path, text: str) -> None:
    """Write a file whole or not at all, by way of another beside it that no other process shares.

    Raises:
        OSError: it can't be written; the error names the file.
    """
    partial = file.with_name(f".{file.name}.{os.getpid()}-{secrets.token_hex(4)}.partial")
    try:
        # Only a name that nothing has: whoever may write into the folder can't have it lead elsewhere.
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
        try:
            with open(descriptor, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor has no path
                stream.write(text)
            partial.replace(file)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    except OSError as problem:
        raise OSError(problem.errno, problem.strerror, str(file)) from None


@dataclass(frozen=True)
class RunResults:
    """A results file, read: its header, its result lines and its end line."""

    run: dict[str, Any]
    results: list[dict[str, Any]]
    end: dict[str, Any]

    @property
    def known_as(self) -> str:
        """What the target is called from run to run, as `Target.known_as`."""
        target = self.run["target"]
        return str(target.get("name") or target["url"]).rstrip("/")

    @property
    def drawn(self) -> dict[str, Any]:
        """How the run drew its examples; two that drew alike met the same cases, up to what the target chose."""
        return {"suite": self.run["suite"]["version"], "seed": self.run["seed"], "examples": self.run["examples"]}

    def of(self, *verdicts: Verdict) -> list[dict[str, Any]]:
        """The result lines with one of these verdicts, in the order of the contract."""
        return [r for r in self.results if r["verdict"] in verdicts]

    def lines(self) -> Iterator[dict[str, Any]]:
        """Every line, in file order."""
        yield self.run
        yield from self.results
        yield self.end


def write(file: Path, results: RunResults) -> None:
    """Write a results file whole or not at all."""
    lines = (json.dumps(line, ensure_ascii=True, allow_nan=False) + "\n" for line in results.lines())
    write_whole(file, "".join(lines))


def read(path: Path) -> RunResults:
    """Read a results file, or the one in a run's folder; every line of it fits the published schema.

    Raises:
        ResultsError: it is missing, no results file, of another format, has no `end` line, or a line does not fit
            the schema; the words say which line, from 1, and which place in it.
    """
    file = path / "results.jsonl" if path.is_dir() else path
    try:
        content = file.read_bytes()
    except (OSError, ValueError) as problem:
        raise ResultsError(f"{file}: {getattr(problem, 'strerror', None) or problem}") from None
    numbered = list(enumerate(content.rstrip(b"\r\n").split(b"\n"), 1))
    lines = [_line(file, number, line) for number, line in numbered]
    if lines[0].get("format") != FORMAT:
        raise ResultsError(f"{file}: line 1: no results of format {FORMAT}")
    if lines[-1].get("kind") != "end":
        raise ResultsError(f"{file}: the run was cut short: there is no end line")
    for (number, _), line in zip(numbered, lines, strict=True):
        kind = "run" if number == 1 else "end" if number == len(lines) else "result"
        if number in {1, len(lines)} or line.get("kind") in _KINDS:
            _hold_to_schema(f"{file}: line {number}", line, kind)
    return RunResults(lines[0], [line for line in lines if line.get("kind") == "result"], lines[-1])


def _line(file: Path, number: int, content: bytes) -> dict[str, Any]:
    """One line as JSON."""
    where = f"{file}: line {number}"
    try:
        line = json.loads(content.decode(), parse_constant=_refuse)
    except UnicodeDecodeError:
        raise ResultsError(f"{where}: not JSON lines: not UTF-8") from None
    except RecursionError:
        raise ResultsError(f"{where}: not JSON lines: nested too deep") from None
    except ValueError as problem:
        raise ResultsError(f"{where}: not JSON lines: {problem}") from None
    if not isinstance(line, dict):
        raise ResultsError(f"{where}: no results of format {FORMAT}: a line is an object")
    return line


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _hold_to_schema(where: str, line: dict[str, Any], kind: str) -> None:
    """Hold a line against what the published schema says of its kind."""
    if line.get("kind") != kind:
        raise ResultsError(f"{where}: /kind: a line of kind {str(line.get('kind'))[:40]!r} where {kind!r} belongs")
    try:
        wrong = next(iter(_validator(kind).iter_errors(line)), None)
    except (ValueError, OverflowError, RecursionError) as problem:
        raise ResultsError(f"{where}: can't be read: {type(problem).__name__}") from None
    if wrong is not None:
        place = "/" + "/".join(map(str, wrong.instance_path))
        # The value itself may be long, and is a stranger's.
        words = wrong.message if len(wrong.message) <= _LONGEST else f"{wrong.message[:_LONGEST]}..."
        raise ResultsError(f"{where}: {place}: {words}")


_KINDS = ("run", "result", "end")
"""Kinds of lines; one of another kind is of a later version, and read over."""


_LONGEST = 200
"""Characters that are told of what is wrong with a line."""


@cache
def _validator(kind: str) -> Validator:
    """The part of the published schema for lines of one kind."""
    import jsonschema_rs

    part = {"$ref": f"#/$defs/{kind}", "$defs": schema()["$defs"]}
    return Validator(jsonschema_rs.Draft202012Validator(part, validate_formats=True))


def schema() -> dict[str, Any]:
    """The published JSON Schema of one line of a results file."""
    text = resources.files("conformance").joinpath("schemas/results.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
