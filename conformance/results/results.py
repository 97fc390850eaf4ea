"""Verdicts, findings and `results.jsonl`, from which every report is made."""

import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal, NoReturn, TypeAlias

from conformance.contracts.document import Validator
from conformance.contracts.terms import Requirement
from conformance.http.exchange import Exchange

__all__ = [
    "EXIT_CODES",
    "FORMAT",
    "VERDICTS",
    "WORST_FIRST",
    "Finding",
    "Outcome",
    "Overall",
    "ResultsError",
    "RunResults",
    "Shown",
    "StoredFinding",
    "Verdict",
    "Violation",
    "exit_code",
    "fingerprint",
    "overall",
    "read",
    "schema",
    "worst",
    "write",
    "write_whole",
]

FORMAT = "conformance-results/1"

Verdict: TypeAlias = Literal["pass", "fail", "warn", "observed", "untestable", "not-applicable", "error"]
VERDICTS: tuple[Verdict, ...] = ("fail", "error", "warn", "untestable", "observed", "not-applicable", "pass")
"""Every verdict, worst first."""

Overall: TypeAlias = Literal["non-conformant", "error", "not-fully-verified", "conformant-with-warnings", "conformant"]

EXIT_CODES: dict[Overall, int] = {
    "conformant": 0,
    "conformant-with-warnings": 0,
    "non-conformant": 1,
    "not-fully-verified": 10,
    "error": 11,
}

WORST_FIRST = (1, 3, 11, 10, 0)
"""Exit codes of several runs, in the order in which they count."""


class ResultsError(ValueError):
    """A results file can't be read: not one, of another format, or of a run that was cut short."""


@dataclass(frozen=True, repr=False)
class Shown:
    """A JSON value that the target showed, with a note: how it may be told is for the one who writes it to decide."""

    value: Any
    note: str = ""


@dataclass(frozen=True)
class Violation:
    """What an oracle saw broken. `code` and `where` are free of ids and times: they make the fingerprint.

    `expected` and `observed` are words, or a `Shown` value of the target's. `requirement` is set where the violation
    belongs to another requirement than the one under test, `unless` where it would, were that one known to be broken.
    `about` are the exchanges that show it, the offending one last; where none are named, all of its case.
    """

    code: str
    message: str
    expected: "str | Shown"
    observed: "str | Shown"
    where: str = ""
    requirement: Requirement | None = None
    unless: Requirement | None = None
    about: tuple[Exchange, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Finding:
    """A violation with the smallest example that shows it, ready to be written.

    `unless` names the requirement that it belongs to where that one is broken.
    """

    code: str
    message: str
    expected: str
    observed: str
    fingerprint: str
    reproduced: bool
    example: dict[str, Any]
    curl: list[str]
    exchanges: list[dict[str, Any]]
    unless: str | None = None


@dataclass(frozen=True)
class StoredFinding:
    """A finding of an earlier run: its requirement and fingerprint, its example, and whether it came a second time."""

    requirement: str
    fingerprint: str
    example: Mapping[str, Any]
    reproduced: bool = True


@dataclass
class Outcome:
    """What one requirement came to, in one process; outcomes of several processes add up.

    Of its `examples`, `vacuous` ones never reached what it is about, `disturbed` ones among them because the way to
    the target failed. `proof` holds exchanges by which a pass can be seen, each with its part (`before`, `act`,
    `after`). `replays` tells of each waived finding that was not met, by fingerprint, what its replay came to.
    """

    requirement: str
    examples: int = 0
    vacuous: int = 0
    disturbed: int = 0
    requests: int = 0
    seconds: float = 0.0
    ran: bool = False
    reason: str | None = None
    verdict: Verdict | None = None
    observed: dict[str, Any] = field(default_factory=dict)
    proof: list[dict[str, Any]] = field(default_factory=list)
    findings: dict[str, Finding] = field(default_factory=dict)
    replays: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, other: "Outcome") -> None:
        """Take in what another process, or another rule, saw of the same requirement."""
        self.examples += other.examples
        self.vacuous += other.vacuous
        self.disturbed += other.disturbed
        self.requests += other.requests
        self.seconds += other.seconds
        self.ran = self.ran or other.ran
        self.reason = self.reason or other.reason
        self.verdict = self.verdict or other.verdict
        self.observed |= other.observed
        self.proof = self.proof or other.proof
        self.findings = {**other.findings, **self.findings}
        self.replays |= other.replays

    def judged(self, requirement: Requirement) -> Verdict:
        """The one verdict of the requirement."""
        if self.findings:
            return {"MUST": "fail", "SHOULD": "warn", "MAY": "observed"}[requirement.level]  # type: ignore[return-value] # the literal is lost in the look-up
        return self.verdict_without_findings(requirement)

    def verdict_without_findings(self, requirement: Requirement) -> Verdict:
        """The verdict that the requirement would have without its findings."""
        if self.verdict is not None:
            return self.verdict
        if not self.ran or self.examples == 0 or self.vacuous >= self.examples:
            return "untestable"
        if self.disturbed * 2 > self.examples:
            return "untestable"
        return "observed" if requirement.level == "MAY" else "pass"

    def as_json(self) -> dict[str, Any]:
        """The outcome as plain data, to be sent from a worker to the controller."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Outcome":
        """The inverse of `as_json`."""
        findings = {key: Finding(**stated) for key, stated in data["findings"].items()}
        return cls(**{**data, "findings": findings})


def fingerprint(requirement: str, violation: Violation) -> str:
    """A stable name of a violation: the same in every run that sees it, whatever the ids."""
    text = f"{requirement}\0{violation.code}\0{violation.where}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def overall(verdicts: Iterable[tuple[Requirement, Verdict]]) -> Overall:
    """The verdict on the target."""
    seen = list(verdicts)
    kinds = {verdict for _, verdict in seen}
    if "fail" in kinds:
        return "non-conformant"
    if "error" in kinds:
        return "error"
    if any(v == "untestable" and r.level == "MUST" for r, v in seen):
        return "not-fully-verified"
    if not kinds & {"pass", "warn", "observed"}:
        # Nothing was tested: no test is no proof.
        return "not-fully-verified"
    return "conformant-with-warnings" if "warn" in kinds else "conformant"


def worst(codes: Iterable[int]) -> int:
    """The exit code of several runs: that of one that did not end, else the first in `WORST_FIRST`."""
    return min(codes, key=lambda code: WORST_FIRST.index(code) if code in WORST_FIRST else -1)


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


def exit_code(verdict: Overall, *, strict: bool) -> int:
    """The process exit code for a verdict; with `strict`, warnings are failures."""
    return 1 if strict and verdict == "conformant-with-warnings" else EXIT_CODES[verdict]


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
