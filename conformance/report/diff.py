"""What changed between two runs of one contract: by requirement and by fingerprint, never by ids or times."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from conformance.contracts.pointer import JsonObject
from conformance.report.view import Judged, View
from conformance.results.files import ResultsError, RunResults, read_all
from conformance.results.lines import FindingLine
from conformance.results.normalize import normalize

__all__ = ["Change", "ChangedFinding", "Compared", "Diff", "compare", "paired"]

_NOT_IN_OLD = "not in the old run"


@dataclass(frozen=True)
class ChangedFinding:
    """A finding that shows a change, as `FindingLine` has it."""

    message: str
    expected: str
    observed: str
    fingerprint: str
    reproduced: bool


@dataclass(frozen=True)
class Compared:
    """One of the two runs: its target's name, when it started (RFC 3339), its verdict, hash and version."""

    target: str
    started: str
    overall: str
    document: str
    suite: str


@dataclass(frozen=True)
class Change:
    """One requirement that differs: what it was, what it is, and the findings that show it."""

    requirement: str
    level: str
    says: str
    at: str
    before: str
    after: str
    findings: list[ChangedFinding] = field(default_factory=list)
    about: str = ""


@dataclass
class Diff:
    """The differences of two runs, by kind, and in `notes` what makes the runs hard to compare.

    A requirement broken before and now in other ways is newly failed where both runs tried the same
    things; where they did not, it is `failed_otherwise`, for it may have been so all along.
    """

    title: str
    old: Compared
    new: Compared
    newly_failed: list[Change] = field(default_factory=list)
    newly_fixed: list[Change] = field(default_factory=list)
    newly_untestable: list[Change] = field(default_factory=list)
    newly_tested: list[Change] = field(default_factory=list)
    observed_differently: list[Change] = field(default_factory=list)
    failed_otherwise: list[Change] = field(default_factory=list)
    still_failing: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """What changed, in a sentence."""
        counts = [
            (len(self.newly_failed), "newly failed"),
            (len(self.newly_fixed), "newly fixed"),
            (len(self.newly_untestable), "newly untestable"),
            (len(self.newly_tested), "newly tested"),
            (len(self.observed_differently), "observed differently"),
            (len(self.failed_otherwise), "failed in other ways"),
        ]
        said = ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing changed"
        return f"{self.title}: {said}; {len(self.still_failing)} still failing."

    def as_json(self) -> JsonObject:
        """The diff as plain data."""
        return {"format": "conformance-diff/1", **asdict(self)}


def paired(old: Path, new: Path) -> list[tuple[RunResults, RunResults]]:
    """The runs of the same contract that two files or folders hold.

    Raises:
        ResultsError: one can't be read, or a contract is in one of them only.
    """
    was, now = ({run.run.contract.vendor: run for run in read_all([path])} for path in (old, new))
    if was.keys() != now.keys():
        raise ResultsError(f"{old} holds runs of {', '.join(sorted(was))}, {new} of {', '.join(sorted(now))}")
    return [(was[vendor], now[vendor]) for vendor in was]


def compare(old: RunResults, new: RunResults) -> Diff:
    """Hold two runs of one contract against each other.

    Raises:
        ResultsError: they are of different contracts.
    """
    before, after = old.run.contract, new.run.contract
    if before.vendor != after.vendor:
        raise ResultsError(f"a run of {before.vendor} can't be compared with one of {after.vendor}")
    was, now = View(old), View(new)
    diff = Diff(after.title, _compared(was), _compared(now), notes=list(_notes(old, new)))
    for name, one in now.by_requirement.items():
        _compare(diff, was.by_requirement.get(name), one, alike=not diff.notes)
    for name, one in was.by_requirement.items():
        if name not in now.by_requirement and not one.untested:
            diff.newly_untestable.append(_change(one, one.line.verdict, "not in the new run"))
    return diff


def _compared(view: View) -> Compared:
    run = view.results.run
    return Compared(
        target=view.target_name,
        started=run.started,
        overall=view.results.end.overall,
        document=run.contract.sha256,
        suite=run.suite.version,
    )


def _notes(old: RunResults, new: RunResults) -> Iterator[str]:
    was, now = old.run, new.run
    if was.contract.sha256 != now.contract.sha256:
        hashes = f"{was.contract.sha256[:12]}, then {now.contract.sha256[:12]}"
        yield f"the documents differ ({hashes}): a change may be the document's"
    if was.suite.version != now.suite.version:
        versions = f"{was.suite.version}, then {now.suite.version}"
        yield f"the suites differ ({versions}): a change may be the suite's"
    for name, before, after, meaning in (
        ("seed", was.seed, now.seed, "other examples were drawn"),
        ("examples", was.examples, now.examples, "the depth differs"),
    ):
        if before != after:
            yield f"{name} {before}, then {after}: {meaning}, so what is rare may have been met in one run only"
    if was.profile != now.profile or was.selected != now.selected:
        yield "the runs were not asked for the same requirements"


def _compare(diff: Diff, was: Judged | None, now: Judged, *, alike: bool) -> None:
    old, new = was.line.verdict if was else _NOT_IN_OLD, now.line.verdict
    if now.untested:
        if was is not None and not was.untested:
            diff.newly_untestable.append(_change(now, old, f"{new}: {now.why}"))
        return
    if was is not None and was.untested and new not in {"fail", "warn"}:
        diff.newly_tested.append(_change(now, old, new))
    if now.line.level != "MAY":
        # Where the document is silent there is nothing to break.
        _findings(diff, was, now, alike=alike)
    if was is not None and not was.untested:
        diff.observed_differently += _observations(was, now, alike=alike)


def _findings(diff: Diff, was: Judged | None, now: Judged, *, alike: bool) -> None:
    old, new = _by_fingerprint(was), _by_fingerprint(now)
    fresh = [finding for mark, finding in new.items() if mark not in old]
    gone = [finding for mark, finding in old.items() if mark not in new]
    verdicts = (was.line.verdict if was else _NOT_IN_OLD, now.line.verdict)
    if fresh:
        # What was seen once and not again may be chance; a promise that held before is broken all the same.
        broke = not old or (alike and any(finding.reproduced for finding in fresh))
        (diff.newly_failed if broke else diff.failed_otherwise).append(_change(now, *verdicts, fresh))
    if gone and (alike or not new):
        diff.newly_fixed.append(_change(now, *verdicts, gone))
    if old and new:
        diff.still_failing.append(_change(now, *verdicts, list(new.values())))


def _by_fingerprint(judged: Judged | None) -> dict[str, FindingLine]:
    return {finding.fingerprint: finding for finding in judged.line.findings} if judged else {}


def _observations(was: Judged, now: Judged, *, alike: bool) -> Iterator[Change]:
    old, new = was.line.observed, now.line.observed
    # Under another seed other cases are met: only what both runs looked at can be compared.
    names = old.keys() | new.keys() if alike else old.keys() & new.keys()
    for name in sorted(names):
        before, after = str(old.get(name, "not seen")), str(new.get(name, "not seen"))
        if normalize(before) != normalize(after):
            yield _change(now, before, after, about=name)
    if now.line.level == "MAY":
        yield from _silent(was, now)


def _silent(was: Judged, now: Judged) -> Iterator[Change]:
    old, new = _by_fingerprint(was), _by_fingerprint(now)
    for mark in sorted(old.keys() ^ new.keys()):
        finding = new.get(mark) or old[mark]
        before, after = ("seen", "not seen") if mark in old else ("not seen", "seen")
        yield _change(now, before, after, [finding])


def _change(judged: Judged, before: str, after: str, findings: Sequence[FindingLine] = (), about: str = "") -> Change:
    line = judged.line
    told = [ChangedFinding(f.message, f.expected, f.observed, f.fingerprint, f.reproduced) for f in findings]
    return Change(line.requirement, line.level, line.says, judged.place, before, after, told, about)
