"""The gate: what of a finished run is known and let through, and what is not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from conformance.report.diff import compare
from conformance.report.view import Judged, View
from conformance.results.ending import INTERNAL_ERROR
from conformance.results.files import RunResults
from conformance.results.lines import GateLine, ReplayLine
from conformance.results.verdicts import EXIT_CODES, WORST_FIRST
from conformance.results.waivers import Waiver, applying

__all__ = ["Baseline", "baseline", "judge", "lines"]

_BROKEN, _ERROR, _UNVERIFIED = EXIT_CODES["non-conformant"], EXIT_CODES["error"], EXIT_CODES["not-fully-verified"]


@dataclass(frozen=True)
class Baseline:
    """What an earlier run of the same contract makes old news.

    `broken` are requirement and fingerprint of findings that are not new, `untested` the requirements that
    could not be tested then either, `lost` those that were tested then and are not in the run at all now.
    """

    broken: frozenset[tuple[str, str]]
    untested: frozenset[str]
    lost: tuple[str, ...]


def baseline(old: RunResults, new: RunResults) -> Baseline:
    """What of a new run is as it was in an old one.

    Raises:
        ResultsError: they are of different contracts.
    """
    was, now = View(old), View(new).by_requirement
    fresh = {(c.requirement, f.fingerprint) for c in compare(old, new).newly_failed for f in c.findings}
    broken = {(name, f.fingerprint) for name, one in now.items() for f in one.line.findings} - fresh
    untested = {one.line.requirement for one in was.judged if one.verdict_without_findings == "untestable"}
    tested = [one.line.requirement for one in was.of("pass", "fail") if one.line.level == "MUST"]
    return Baseline(frozenset(broken), frozenset(untested), tuple(name for name in tested if name not in now))


def lines(run: RunResults, gate: GateLine) -> Iterator[str]:
    """The gate in words: open or closed, then why, then what was let through."""
    what = f"{run.run.contract.title} on {run.known_as}"
    yield f"Gate {'open' if gate.passed else 'closed'} for {what} (exit code {gate.exit_code})"
    yield from (f"  {words}" for words in gate.closed_by)
    if gate.notes:
        yield "  passed over:"
        yield from (f"    {words}" for words in gate.notes)


@dataclass(frozen=True)
class _Said:
    """One thing to tell of one name; `code` is the exit code that it asks for, 0 for a mere note."""

    code: int
    what: str
    name: str


def judge(
    run: RunResults,
    waivers: Iterable[Waiver],
    baseline: Baseline | None = None,
    *,
    strict: bool = False,
) -> GateLine:
    """Decide whether a run may pass.

    Waivers and baseline let known findings through. With `strict` they let nothing through: every MUST must be
    verified and no SHOULD failed.
    """
    ended = run.end.exit_code
    if ended not in WORST_FIRST:
        # Interrupted, or nothing was selected: whatever was seen, it is not the whole.
        return _gate(ended, [f"the run did not end: exit code {ended}"], [])
    said = [
        *_Judging(View(run), applying(waivers, run.known_as), baseline, strict).say(),
        *_of_other_targets(run, waivers),
    ]
    codes = {one.code for one in said} | ({ended} & {INTERNAL_ERROR})
    closed, notes = ([one for one in said if bool(one.code) is wanted] for wanted in (True, False))
    return _gate(min(codes or {0}, key=WORST_FIRST.index), _merged(closed), _merged(notes))


def _gate(code: int, closed_by: Iterable[str], notes: Iterable[str]) -> GateLine:
    return GateLine(passed=code == 0, exit_code=code, closed_by=tuple(closed_by), notes=tuple(notes))


def _merged(said: Iterable[_Said]) -> Iterator[str]:
    """What is said of several names, said once."""
    names: dict[str, list[str]] = {}
    for one in said:
        names.setdefault(one.what, []).append(one.name)
    for what, of in names.items():
        more = f" and {len(of) - _MOST} more" if len(of) > _MOST else ""
        yield f"{what}: {'; '.join(of[:_MOST])}{more}" if any(of) else what


def _of_other_targets(run: RunResults, waivers: Iterable[Waiver]) -> Iterator[_Said]:
    tested = {line.requirement for line in run.results}
    for waiver in waivers:
        if waiver.requirement in tested and waiver.target != run.known_as:
            what = f"waived for {waiver.target}, which this run is not of (it is of {run.known_as})"
            yield _Said(0, what, waiver.name)


@dataclass(frozen=True)
class _Judging:
    view: View
    waived: Mapping[str, Mapping[str, Waiver]]
    baseline: Baseline | None
    strict: bool

    def say(self) -> Iterator[_Said]:
        """Everything that there is to tell, in the order of the contract."""
        for one in self.view.judged:
            yield from self._findings(one)
            yield from self._unverified(one)
            yield from self._not_met(one)
        yield from self._whole()

    # What failed

    def _findings(self, one: Judged) -> Iterator[_Said]:
        line = one.line
        counting = {"fail", "warn"} if self.strict or self.view.results.run.strict else {"fail"}
        for finding in line.findings if line.verdict in counting else ():
            known = self._known(line.requirement, finding.fingerprint)
            what = f"{known or 'failed'}: {line.requirement}"
            code = 0 if known and not self.strict else _BROKEN
            yield _Said(code, what, f"[{finding.fingerprint}] {finding.message}")

    def _known(self, requirement: str, mark: str) -> str:
        """What lets a finding through; nothing where it is news."""
        waiver = self.waived.get(requirement, {}).get(mark)
        if waiver is not None:
            return f"waived ({', '.join(waiver.terms.as_json().values())})"
        old = self.baseline is not None and (requirement, mark) in self.baseline.broken
        return "failed in the baseline too" if old else ""

    # What is not known

    def _unverified(self, one: Judged) -> Iterator[_Said]:
        name, must = one.line.requirement, one.line.level == "MUST"
        # A known finding says nothing of what broke off beside it.
        match one.verdict_without_findings:
            case "error":
                yield _Said(_ERROR, f"error ({one.why})", name)
            case "untestable" if must and self._as_before(name):
                yield _Said(0, f"not tested, nor in the baseline ({one.why})", name)
            case "untestable" if must or name in self.waived:
                yield _Said(_UNVERIFIED, f"not tested ({one.why})", name)
            case "not-applicable" if must and self.strict and self.view.results.run.profile != "full":
                yield _Said(_UNVERIFIED, one.why, name)

    def _as_before(self, requirement: str) -> bool:
        untested = self.baseline is not None and requirement in self.baseline.untested
        return untested and not self.strict and requirement not in self.waived

    def _whole(self) -> Iterator[_Said]:
        selected = self.view.results.run.selected
        if not self.view.of("pass", "fail", "warn", "observed"):
            yield _Said(_UNVERIFIED, "nothing was tested", "")
        if selected and self.strict:
            yield _Said(_UNVERIFIED, "only a selection was asked for", ", ".join(selected))
        for requirement in self.baseline.lost if self.baseline else ():
            yield _Said(_UNVERIFIED, "tested in the baseline and not in this run", requirement)

    # Waivers whose finding was not met

    def _not_met(self, one: Judged) -> Iterator[_Said]:
        if one.verdict_without_findings in {"error", "untestable", "not-applicable"}:
            return
        met = {finding.fingerprint for finding in one.line.findings}
        replays = {replay.fingerprint: replay for replay in one.line.replays}
        for mark, waiver in self.waived.get(one.line.requirement, {}).items():
            if mark not in met:
                yield self._staleness(waiver, replays.get(mark))

    def _staleness(self, waiver: Waiver, replay: ReplayLine | None) -> _Said:
        if replay is not None and replay.word == "FIXED":
            return _Said(_BROKEN, f"{_STALE} (its example {replay.why})", waiver.name)
        # What showed the defect once was tried again: it would have shown again.
        if replay is None and waiver.reproduced and waiver.drawn == self.view.results.drawn:
            return _Said(_BROKEN, f"{_STALE} (the examples that showed it hold now)", waiver.name)
        why = replay.why if replay else "it was not replayed, and other examples were drawn"
        return _Said(0, f"waived, not met, and perhaps stale ({why})", waiver.name)


_MOST = 4
"""Names that are told of what is said of many."""
_STALE = "stale waiver, to be removed from the waiver file: the defect is fixed"
