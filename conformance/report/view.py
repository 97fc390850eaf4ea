"""The one reading of a run that every report and the gate go by: verdicts in words, what is open, what is waived."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from conformance.contracts.terms import Level
from conformance.report.text import cut, host, number, place
from conformance.results.files import RunResults
from conformance.results.lines import FindingLine, ResultLine, RunLine
from conformance.results.printable import one_line
from conformance.results.verdicts import VERDICTS, Verdict

__all__ = ["LEVELS", "MARKS", "WORDS", "Gap", "Judged", "Reason", "View", "target_name", "worst_first"]

LEVELS: Final[tuple[Level, ...]] = ("MUST", "SHOULD", "MAY")
"""The strongest first."""

WORDS: Final[dict[Verdict, str]] = {
    "pass": "pass",
    "fail": "failed",
    "warn": "SHOULD failed",
    "observed": "observed",
    "untestable": "not tested",
    "not-applicable": "left out",
    "error": "error",
}
"""The verdicts in words that need no glossary."""

MARKS: Final[dict[Verdict, str]] = {
    "pass": "✓",
    "fail": "✗",
    "warn": "!",
    "observed": "○",
    "untestable": "?",
    "not-applicable": "-",
    "error": "⚠",
}
"""A sign for each verdict, so that none rests on colour alone."""

_UNTOLD: Final = "no reason was recorded"
_MOST_REASONS, _LONGEST_REASON = 12, 300
"""Reasons of a gate that are told one by one, and characters of each."""


@dataclass(frozen=True)
class Judged:
    """What one requirement came to, as reports tell it; `line` is what the results file has of it."""

    line: ResultLine

    @property
    def word(self) -> str:
        """The verdict in words."""
        return WORDS[self.line.verdict]

    @property
    def mark(self) -> str:
        """The verdict's sign."""
        return MARKS[self.line.verdict]

    @property
    def place(self) -> str:
        """Where the requirement's words stand, with the file they stand in."""
        return place(self.line.at)

    @property
    def why(self) -> str:
        """Why there is no verdict on the target."""
        return self.line.reason or _UNTOLD

    @property
    def untested(self) -> bool:
        """Whether there is no verdict on the target."""
        return self.line.verdict in {"untestable", "error", "not-applicable"}

    @property
    def open(self) -> tuple[FindingLine, ...]:
        """The findings that nobody waived."""
        return tuple(finding for finding in self.line.findings if finding.waived is None)

    @property
    def waived(self) -> tuple[FindingLine, ...]:
        """The findings that are waived."""
        return tuple(finding for finding in self.line.findings if finding.waived is not None)

    @property
    def all_waived(self) -> bool:
        """Whether there are findings, and each of them is waived."""
        return bool(self.line.findings) and not self.open

    @property
    def stale(self) -> tuple[str, ...]:
        """The fingerprints of waivers whose defect is mended: they close the gate until they are removed."""
        return tuple(replay.fingerprint for replay in self.line.replays if replay.word == "FIXED")

    @property
    def verdict_without_findings(self) -> Verdict:
        """The verdict that there would be without the findings, where the search for more broke off."""
        return self.line.verdict_without_findings or self.line.verdict

    @property
    def gap(self) -> "Gap | None":
        """Why the requirement is not known to hold, where it ended in an error, or is a MUST and could not be tested.

        Where all that was seen broken is waived, what else came of the requirement counts.
        """
        kind = self.verdict_without_findings if self.all_waived else self.line.verdict
        if kind != "error" and not (kind == "untestable" and self.line.level == "MUST"):
            return None
        waived = "nothing was seen of it but what is waived" if self.line.findings else _UNTOLD
        return Gap("error" if kind == "error" else "untestable", self, self.line.reason or waived)


@dataclass(frozen=True)
class Gap:
    """A requirement of which it is not known whether it holds, and the reason in words."""

    kind: Literal["error", "untestable"]
    judged: Judged
    reason: str


@dataclass(frozen=True)
class Reason:
    """Requirements that have no verdict on the target, for one and the same reason."""

    why: str
    verdict: Verdict
    judged: tuple[Judged, ...]

    @property
    def musts(self) -> int:
        """How many of them are MUSTs."""
        return sum(one.line.level == "MUST" for one in self.judged)

    @property
    def levels(self) -> str:
        """How many there are of each level."""
        counts = Counter(one.line.level for one in self.judged)
        return ", ".join(f"{counts[level]} {level}" for level in LEVELS if counts[level])


@dataclass(frozen=True)
class View:
    """A finished run, as reports tell it."""

    results: RunResults

    @cached_property
    def judged(self) -> tuple[Judged, ...]:
        """Every requirement, in the contract's order."""
        return tuple(map(Judged, self.results.results))

    @cached_property
    def by_requirement(self) -> dict[str, Judged]:
        """Every requirement by its id, in the contract's order."""
        return {one.line.requirement: one for one in self.judged}

    def of(self, *verdicts: Verdict) -> tuple[Judged, ...]:
        """The requirements with one of these verdicts, in the contract's order."""
        return tuple(one for one in self.judged if one.line.verdict in verdicts)

    def count(self, verdict: Verdict, *levels: Level) -> int:
        """How many requirements of these levels, or of any, have the verdict."""
        return sum(one.line.level in (levels or LEVELS) for one in self.of(verdict))

    @property
    def title(self) -> str:
        """What the contract is called."""
        return self.results.run.contract.title

    @property
    def target_name(self) -> str:
        """What to call the target."""
        return target_name(self.results.run)

    @property
    def verified_musts(self) -> str:
        """How many of the MUSTs that apply were seen to hold."""
        applying = sum(one.line.level == "MUST" for one in self.judged) - self.count("not-applicable", "MUST")
        return f"{self.count('pass', 'MUST')} of {applying} MUST verified"

    @property
    def broken(self) -> tuple[Judged, ...]:
        """The MUSTs and SHOULDs of which more is broken than is waived, in the contract's order."""
        return tuple(one for one in self.of("fail", "warn") if one.open)

    @property
    def waived(self) -> tuple[Judged, ...]:
        """The requirements of which something is waived, in the contract's order."""
        return tuple(one for one in self.judged if one.waived)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The requirements without a verdict on the target, by reason, as the reasons first come up."""
        alike: dict[tuple[str, Verdict], list[Judged]] = {}
        for one in self.judged:
            if one.untested:
                alike.setdefault((one.why, one.line.verdict), []).append(one)
        return tuple(Reason(why, verdict, tuple(each)) for (why, verdict), each in alike.items())

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What is not known, the errors first, else in the contract's order."""
        found = [gap for one in self.judged if (gap := one.gap) is not None]
        return tuple(sorted(found, key=lambda gap: gap.kind != "error"))

    @property
    def ended(self) -> bool:
        """Whether the run came to its end: it was not interrupted, did not fail inside, and had something to test."""
        return self.results.end.exit_code not in {2, 3, 5}

    @property
    def verified(self) -> bool:
        """Whether the run came to its end and judged every MUST that applies."""
        return self.ended and self.results.end.overall not in {"error", "not-fully-verified"} and not self.gaps

    @property
    def gate(self) -> tuple[str, ...]:
        """What the gate decided, why, and what it passed in spite of, a line each; empty where no gate was applied."""
        gate = self.results.end.gate
        if gate is None:
            return ()
        decided = "open" if gate.passed else f"closed, exit code {gate.exit_code}"
        return (f"Gate: {decided}", *_told("closed by", gate.closed_by), *_told("note", gate.notes))


def _told(word: str, reasons: tuple[str, ...]) -> list[str]:
    lines = [f"{word}: {cut(one_line(reason), _LONGEST_REASON)}" for reason in reasons[:_MOST_REASONS]]
    more = len(reasons) - _MOST_REASONS
    return [*lines, f"{word}: {number(more)} more, in results.jsonl"] if more > 0 else lines


def target_name(run: RunLine) -> str:
    """What to call a run's target: the name its user gave it, else its host."""
    name = run.target.name
    return name if name and "://" not in name else host(run.target.url)


def worst_first(judged: Iterable[Judged]) -> list[Judged]:
    """The worst verdict and the strongest level first, else as they come."""
    return sorted(judged, key=lambda one: (VERDICTS.index(one.line.verdict), LEVELS.index(one.line.level)))
