"""Results files: written whole or not at all, read strictly (DESIGN, 8)."""

import json
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NoReturn, TypeVar

from msgspec import ValidationError, structs

from conformance.contracts.document import Validator
from conformance.contracts.pointer import JsonObject
from conformance.results.lines import FORMAT, EndLine, GateLine, ResultLine, RunLine
from conformance.results.verdicts import Verdict

__all__ = [
    "ResultsError",
    "RunResults",
    "find",
    "read",
    "read_all",
    "schema",
    "write",
    "write_lines",
    "write_whole",
]

_Line = TypeVar("_Line", RunLine, ResultLine, EndLine)


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

    run: RunLine
    results: tuple[ResultLine, ...]
    end: EndLine

    @property
    def known_as(self) -> str:
        """What the target is called from run to run, as `Target.known_as`."""
        return (self.run.target.name or self.run.target.url).rstrip("/")

    @property
    def drawn(self) -> JsonObject:
        """How the run drew its examples; two that drew alike met the same cases, up to what the target chose."""
        return {"suite": self.run.suite.version, "seed": self.run.seed, "examples": self.run.examples}

    def of(self, *verdicts: Verdict) -> tuple[ResultLine, ...]:
        """The result lines with one of these verdicts, in the order of the contract."""
        return tuple(line for line in self.results if line.verdict in verdicts)

    def with_gate(self, gate: GateLine) -> "RunResults":
        """The same with what a gate made of it: its exit code is the gate's."""
        return replace(self, end=structs.replace(self.end, exit_code=gate.exit_code, gate=gate))

    def lines(self) -> Iterator[RunLine | ResultLine | EndLine]:
        """Every line, in file order."""
        yield self.run
        yield from self.results
        yield self.end


def write(file: Path, results: RunResults) -> None:
    """Write a results file whole or not at all.

    Raises:
        OSError: it can't be written; the error names the file.
    """
    write_lines(file, results.lines())


def write_lines(file: Path, lines: Iterable[RunLine | ResultLine | EndLine]) -> None:
    """Write lines of results whole or not at all; a run that goes on has no end line yet.

    Raises:
        OSError: they can't be written; the error names the file.
    """
    write_whole(file, "".join(json.dumps(line.as_json(), ensure_ascii=True, allow_nan=False) + "\n" for line in lines))


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
    placed = [(f"{file}: line {number}", line) for (number, _), line in zip(numbered, lines, strict=True)]
    # Lines of another kind are a later version's, and read over.
    between = (one for one in placed[1:-1] if one[1].get("kind") in _KINDS)
    return RunResults(
        _typed(*placed[0], "run", RunLine),
        tuple(_typed(*one, "result", ResultLine) for one in between),
        _typed(*placed[-1], "end", EndLine),
    )


def _line(file: Path, number: int, content: bytes) -> JsonObject:
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


def _typed(where: str, line: JsonObject, kind: str, type_: type[_Line]) -> _Line:
    """A line that fits the published schema, in types."""
    _hold_to_schema(where, line, kind)
    try:
        return type_.of(line)
    except ValidationError as problem:
        raise ResultsError(f"{where}: {problem}") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _hold_to_schema(where: str, line: JsonObject, kind: str) -> None:
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
"""The kinds of lines that there are."""


_LONGEST = 200
"""Characters that are told of what is wrong with a line."""


@cache
def _validator(kind: str) -> Validator:
    """The part of the published schema for lines of one kind."""
    import jsonschema_rs

    part = {"$ref": f"#/$defs/{kind}", "$defs": schema()["$defs"]}
    return Validator(jsonschema_rs.Draft202012Validator(part, validate_formats=True))


def schema() -> JsonObject:
    """The published JSON Schema of one line of a results file."""
    text = resources.files("conformance").joinpath("schemas/results.schema.json").read_text("utf-8")
    loaded: JsonObject = json.loads(text)
    return loaded
