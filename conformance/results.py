"""Verdicts, findings and `results.jsonl`, from which every report is made."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any, Literal, TypeAlias

from conformance.contract import Requirement

__all__ = [
    "EXIT_CODES",
    "FORMAT",
    "VERDICTS",
    "WORST_FIRST",
    "Finding",
    "Known",
    "Outcome",
    "Overall",
    "ResultsError",
    "RunResults",
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


@dataclass(frozen=True)
class Violation:
    """What an oracle saw broken. `code` and `where` are free of ids and times: they make the fingerprint.

    `requirement` is set where the violation belongs to another requirement than the one under test, `unless` where it
    would, were that one known to be broken.
    """

    code: str
    message: str
    expected: str
    observed: str
    where: str = ""
    requirement: Requirement | None = None
    unless: Requirement | None = None


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
class Known:
    """A finding of an earlier run: its requirement and fingerprint, its example, and whether it came a second time."""

    requirement: str
    fingerprint: str
    example: Mapping[str, Any]
    reproduced: bool = True


@dataclass
class Outcome:
    """What one requirement came to, in one process; outcomes of several processes add up.

    `replays` tells of each waived finding that was not met, by fingerprint, what its replay came to.
    """

    requirement: str
    examples: int = 0
    vacuous: int = 0
    requests: int = 0
    seconds: float = 0.0
    ran: bool = False
    reason: str | None = None
    verdict: Verdict | None = None
    observed: dict[str, Any] = field(default_factory=dict)
    witness: dict[str, Any] | None = None
    findings: dict[str, Finding] = field(default_factory=dict)
    replays: dict[str, dict[str, str]] = field(default_factory=dict)

    def add(self, other: "Outcome") -> None:
        """Take in what another process, or another rule, saw of the same requirement."""
        self.examples += other.examples
        self.vacuous += other.vacuous
        self.requests += other.requests
        self.seconds += other.seconds
        self.ran = self.ran or other.ran
        self.reason = self.reason or other.reason
        self.verdict = self.verdict or other.verdict
        self.observed |= other.observed
        self.witness = self.witness or other.witness
        self.findings = {**other.findings, **self.findings}
        self.replays |= other.replays

    def judged(self, requirement: Requirement) -> Verdict:
        """The one verdict of the requirement."""
        if self.findings:
            return {"MUST": "fail", "SHOULD": "warn", "MAY": "observed"}[requirement.level]  # type: ignore[return-value] # the literal is lost in the look-up
        return self.besides(requirement)

    def besides(self, requirement: Requirement) -> Verdict:
        """The verdict that the requirement would have without its findings."""
        if self.verdict is not None:
            return self.verdict
        if not self.ran or self.examples == 0 or self.vacuous >= self.examples:
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
    """Write a file whole or not at all.

    Raises:
        OSError: it can't be written.
    """
    partial = file.with_suffix(".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(file)


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
    """Read a results file, or the one in a run's folder.

    Raises:
        ResultsError: it is missing, no results file, of another format, or has no `end` line.
    """
    file = path / "results.jsonl" if path.is_dir() else path
    try:
        lines: Sequence[Any] = [json.loads(line) for line in file.read_text("utf-8").rstrip("\n").split("\n")]
    except OSError as problem:
        raise ResultsError(f"{file}: {problem.strerror or problem}") from None
    except ValueError as problem:
        raise ResultsError(f"{file}: not JSON lines: {problem}") from None
    if not all(isinstance(line, dict) for line in lines) or lines[0].get("format") != FORMAT:
        raise ResultsError(f"{file}: no results of format {FORMAT}")
    if lines[-1].get("kind") != "end":
        raise ResultsError(f"{file}: the run was cut short: there is no end line")
    return RunResults(lines[0], [line for line in lines if line.get("kind") == "result"], lines[-1])


def schema() -> dict[str, Any]:
    """The published JSON Schema of one line of a results file."""
    text = resources.files("conformance").joinpath("schemas/results.schema.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
