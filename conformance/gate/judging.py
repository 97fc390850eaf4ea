"""The gate: what of a finished run is known and let through, and what is not."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.results.ending import INTERNAL_ERROR
from conformance.results.files import RunResults
from conformance.results.verdicts import EXIT_CODES, WORST_FIRST
from conformance.results.waivers import Waiver, applying

__all__ = ["Baseline", "Gate", "baseline", "judge", "lines"]

_BROKEN, _ERROR, _UNVERIFIED = EXIT_CODES["non-conformant"], EXIT_CODES["error"], EXIT_CODES["not-fully-verified"]


@dataclass(frozen=True)
class Gate:
    """Whether a run may pass: `closed_by` says what is in the way, `notes` what it passed in spite of."""

    exit_code: int
    closed_by: list[str]
    notes: list[str]

    def as_json(self) -> dict[str, Any]:
        """The gate as the end line of the results has it."""
        return {"passed": self.exit_code == 0, **vars(self)}


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
    from conformance.report.diff import compare

    was = {result["requirement"]: result for result in old.results}
    now = {result["requirement"]: result for result in new.results}
    fresh = {(c.requirement, f["fingerprint"]) for c in compare(old, new).newly_broken for f in c.findings}
    broken = {(name, f["fingerprint"]) for name, result in now.items() for f in result["findings"]} - fresh
    return Baseline(
        broken=frozenset(broken),
        untested=frozenset(
            name for name, r in was.items() if r.get("verdict_without_findings", r["verdict"]) == "untestable"
        ),
        lost=tuple(
            r["requirement"] for r in old.of("pass", "fail") if r["requirement"] not in now and r["level"] == "MUST"
        ),
    )


def lines(run: RunResults, gate: Gate) -> Iterator[str]:
    """The gate in words: open or closed, then why, then what was let through."""
    what = f"{run.run['contract']['title']} on {run.known_as}"
    yield f"Gate {'closed' if gate.exit_code else 'open'} for {what} (exit code {gate.exit_code})"
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
) -> Gate:
    """Decide whether a run may pass.

    Waivers and baseline let known findings through. With `strict` they let nothing through: every MUST must be
    verified and no SHOULD broken.
    """
    ended = int(run.end["exit_code"])
    if ended not in WORST_FIRST:
        # Interrupted, or nothing was selected: whatever was seen, it is not the whole.
        return Gate(ended, [f"the run did not end: exit code {ended}"], [])
    said = [*_Judging(run, applying(waivers, run.known_as), baseline, strict).say(), *_of_other_targets(run, waivers)]
    codes = {one.code for one in said} | ({ended} & {INTERNAL_ERROR})
    closed, notes = ([one for one in said if bool(one.code) is wanted] for wanted in (True, False))
    return Gate(min(codes or {0}, key=WORST_FIRST.index), list(_merged(closed)), list(_merged(notes)))


def _merged(said: Iterable[_Said]) -> Iterator[str]:
    """What is said of several names, said once."""
    names: dict[str, list[str]] = {}
    for one in said:
        names.setdefault(one.what, []).append(one.name)
    for what, of in names.items():
        more = f" and {len(of) - _MOST} more" if len(of) > _MOST else ""
        yield f"{what}: {'; '.join(of[:_MOST])}{more}" if any(of) else what


def _of_other_targets(run: RunResults, waivers: Iterable[Waiver]) -> Iterator[_Said]:
    tested = {result["requirement"] for result in run.results}
    for waiver in waivers:
        if waiver.requirement in tested and waiver.target != run.known_as:
            what = f"waived for {waiver.target}, which this run is not of (it is of {run.known_as})"
            yield _Said(0, what, waiver.name)


@dataclass(frozen=True)
class _Judging:
    run: RunResults
    waived: Mapping[str, Mapping[str, Waiver]]
    baseline: Baseline | None
    strict: bool

    def say(self) -> Iterator[_Said]:
        """Everything that there is to tell, in the order of the contract."""
        for result in self.run.results:
            yield from self._findings(result)
            yield from self._unverified(result)
            yield from self._not_met(result)
        yield from self._whole()

    # What is broken

    def _findings(self, result: dict[str, Any]) -> Iterator[_Said]:
        counting = {"fail", "warn"} if self.strict or self.run.run.get("strict") else {"fail"}
        for finding in result["findings"] if result["verdict"] in counting else []:
            known = self._known(result["requirement"], finding["fingerprint"])
            code = 0 if known and not self.strict else _BROKEN
            yield _Said(
                code,
                f"{known or 'broken'}: {result['requirement']}",
                f"[{finding['fingerprint']}] {finding['message']}",
            )

    def _known(self, requirement: str, mark: str) -> str:
        """What lets a finding through; nothing where it is news."""
        waiver = self.waived.get(requirement, {}).get(mark)
        if waiver is not None:
            return f"waived ({', '.join(waiver.shown().values())})"
        old = self.baseline is not None and (requirement, mark) in self.baseline.broken
        return "broken in the baseline too" if old else ""

    # What is not known

    def _unverified(self, result: dict[str, Any]) -> Iterator[_Said]:
        name, reason = result["requirement"], result.get("reason", "no reason was recorded")
        must = result["level"] == "MUST"
        # A known finding says nothing of what broke off beside it.
        match result.get("verdict_without_findings", result["verdict"]):
            case "error":
                yield _Said(_ERROR, f"error ({reason})", name)
            case "untestable" if must and self._as_before(name):
                yield _Said(0, f"not tested, nor in the baseline ({reason})", name)
            case "untestable" if must or name in self.waived:
                yield _Said(_UNVERIFIED, f"not tested ({reason})", name)
            case "not-applicable" if must and self.strict and self.run.run["profile"] != "full":
                yield _Said(_UNVERIFIED, reason, name)

    def _as_before(self, requirement: str) -> bool:
        untested = self.baseline is not None and requirement in self.baseline.untested
        return untested and not self.strict and requirement not in self.waived

    def _whole(self) -> Iterator[_Said]:
        if not self.run.of("pass", "fail", "warn", "observed"):
            yield _Said(_UNVERIFIED, "nothing was tested", "")
        if self.run.run["selected"] and self.strict:
            yield _Said(_UNVERIFIED, "only a selection was asked for", ", ".join(self.run.run["selected"]))
        for requirement in self.baseline.lost if self.baseline else ():
            yield _Said(_UNVERIFIED, "tested in the baseline and not in this run", requirement)

    # Waivers whose finding was not met

    def _not_met(self, result: dict[str, Any]) -> Iterator[_Said]:
        if result.get("verdict_without_findings", result["verdict"]) in {"error", "untestable", "not-applicable"}:
            return
        met = {finding["fingerprint"] for finding in result["findings"]}
        replays = {replay["fingerprint"]: replay for replay in result.get("replays", [])}
        for mark, waiver in self.waived.get(result["requirement"], {}).items():
            if mark not in met:
                yield self._staleness(waiver, replays.get(mark))

    def _staleness(self, waiver: Waiver, replay: dict[str, Any] | None) -> _Said:
        if replay is not None and replay["word"] == "FIXED":
            return _Said(_BROKEN, f"{_STALE} (its example {replay['why']})", waiver.name)
        # What showed the defect once was tried again: it would have shown again.
        if replay is None and waiver.reproduced and waiver.drawn == self.run.drawn:
            return _Said(_BROKEN, f"{_STALE} (the examples that showed it hold now)", waiver.name)
        why = replay["why"] if replay else "it was not replayed, and other examples were drawn"
        return _Said(0, f"waived, not met, and perhaps stale ({why})", waiver.name)


_MOST = 4
"""Names that are told of what is said of many."""
_STALE = "stale waiver, to be removed from the waiver file: the defect is mended"
