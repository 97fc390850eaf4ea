"""What changed between two runs of one contract: by requirement and by fingerprint, never by ids or times."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from conformance.report.text import place, read_all, target_name, untested
from conformance.results.files import ResultsError, RunResults
from conformance.results.normalize import normalize

__all__ = ["Change", "Diff", "compare", "paired"]

_BROKEN = {"fail", "warn"}
_UNTESTED = {"untestable", "error", "not-applicable"}


@dataclass(frozen=True)
class Change:
    """One requirement that differs: what it was, what it is, and the findings that show it.

    A finding has `message`, `expected`, `observed`, `fingerprint` and `reproduced`.
    """

    requirement: str
    level: str
    says: str
    at: str
    before: str
    after: str
    findings: list[dict[str, Any]] = field(default_factory=list)
    about: str = ""


@dataclass
class Diff:
    """The differences of two runs, by kind, and in `notes` what makes the runs hard to compare.

    A requirement broken before and now in other ways is newly broken where both runs tried the same
    things; where they did not, it is `broken_otherwise`, for it may have been so all along.
    """

    title: str
    old: dict[str, Any]
    new: dict[str, Any]
    newly_broken: list[Change] = field(default_factory=list)
    newly_mended: list[Change] = field(default_factory=list)
    newly_untestable: list[Change] = field(default_factory=list)
    newly_tested: list[Change] = field(default_factory=list)
    observed_differently: list[Change] = field(default_factory=list)
    broken_otherwise: list[Change] = field(default_factory=list)
    still_broken: list[Change] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """What changed, in a sentence."""
        counts = [
            (len(self.newly_broken), "newly broken"),
            (len(self.newly_mended), "newly mended"),
            (len(self.newly_untestable), "newly untestable"),
            (len(self.newly_tested), "newly tested"),
            (len(self.observed_differently), "observed differently"),
            (len(self.broken_otherwise), "broken in other ways"),
        ]
        said = ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing changed"
        return f"{self.title}: {said}; {len(self.still_broken)} still broken."

    def as_json(self) -> dict[str, Any]:
        """The diff as plain data."""
        return {"format": "conformance-diff/1", **asdict(self)}


def paired(old: Path, new: Path) -> list[tuple[RunResults, RunResults]]:
    """The runs of the same contract that two files or folders hold.

    Raises:
        ResultsError: one can't be read, or a contract is in one of them only.
    """
    was, now = ({r.run["contract"]["vendor"]: r for r in read_all([path])} for path in (old, new))
    if was.keys() != now.keys():
        raise ResultsError(f"{old} holds runs of {', '.join(sorted(was))}, {new} of {', '.join(sorted(now))}")
    return [(was[vendor], now[vendor]) for vendor in was]


def compare(old: RunResults, new: RunResults) -> Diff:
    """Hold two runs of one contract against each other.

    Raises:
        ResultsError: they are of different contracts.
    """
    before, after = old.run["contract"], new.run["contract"]
    if before["vendor"] != after["vendor"]:
        raise ResultsError(f"a run of {before['vendor']} can't be compared with one of {after['vendor']}")
    diff = Diff(after["title"], _run(old), _run(new), notes=list(_notes(old, new)))
    was = {r["requirement"]: r for r in old.results}
    now = {r["requirement"]: r for r in new.results}
    for name, result in now.items():
        _compare(diff, was.get(name), result, alike=not diff.notes)
    for name, result in was.items():
        if name not in now and result["verdict"] not in _UNTESTED:
            diff.newly_untestable.append(_change(result, result["verdict"], "not in the new run"))
    return diff


def _run(results: RunResults) -> dict[str, Any]:
    run = results.run
    return {
        "target": target_name(run),
        "started": run["started"],
        "overall": results.end["overall"],
        "document": run["contract"]["sha256"],
        "suite": run["suite"]["version"],
    }


def _notes(old: RunResults, new: RunResults) -> Iterator[str]:
    was, now = old.run, new.run
    if was["contract"]["sha256"] != now["contract"]["sha256"]:
        hashes = f"{was['contract']['sha256'][:12]}, then {now['contract']['sha256'][:12]}"
        yield f"the documents differ ({hashes}): a change may be the document's"
    if was["suite"]["version"] != now["suite"]["version"]:
        versions = f"{was['suite']['version']}, then {now['suite']['version']}"
        yield f"the suites differ ({versions}): a change may be the suite's"
    for name, meaning in (("seed", "other examples were drawn"), ("examples", "the depth differs")):
        if was[name] != now[name]:
            yield f"{name} {was[name]}, then {now[name]}: {meaning}, so what is rare may have been met in one run only"
    if was["profile"] != now["profile"] or was["selected"] != now["selected"]:
        yield "the runs were not asked for the same requirements"


def _compare(diff: Diff, was: dict[str, Any] | None, now: dict[str, Any], *, alike: bool) -> None:
    old, new = (was or {}).get("verdict", "not in the old run"), now["verdict"]
    if new in _UNTESTED:
        if was is not None and old not in _UNTESTED:
            diff.newly_untestable.append(_change(now, old, f"{new}: {untested(now)}"))
        return
    if old in _UNTESTED and new not in _BROKEN:
        diff.newly_tested.append(_change(now, old, new))
    if now["level"] != "MAY":
        # Where the document is silent there is nothing to break.
        _findings(diff, was, now, alike=alike)
    if was is not None and old not in _UNTESTED:
        diff.observed_differently += _observations(was, now, alike=alike)


def _findings(diff: Diff, was: dict[str, Any] | None, now: dict[str, Any], *, alike: bool) -> None:
    old = {f["fingerprint"]: f for f in (was or {}).get("findings", [])}
    new = {f["fingerprint"]: f for f in now["findings"]}
    fresh = [f for mark, f in new.items() if mark not in old]
    gone = [f for mark, f in old.items() if mark not in new]
    verdicts = ((was or {}).get("verdict", "not in the old run"), now["verdict"])
    if fresh:
        # What was seen once and not again may be chance; a promise that held before is broken all the same.
        broke = not old or (alike and any(f["reproduced"] for f in fresh))
        (diff.newly_broken if broke else diff.broken_otherwise).append(_change(now, *verdicts, fresh))
    if gone and (alike or not new):
        diff.newly_mended.append(_change(now, *verdicts, gone))
    if old and new:
        diff.still_broken.append(_change(now, *verdicts, list(new.values())))


def _observations(was: dict[str, Any], now: dict[str, Any], *, alike: bool) -> Iterator[Change]:
    old, new = was.get("observed", {}), now.get("observed", {})
    # Under another seed other cases are met: only what both runs looked at can be compared.
    names = old.keys() | new.keys() if alike else old.keys() & new.keys()
    for name in sorted(names):
        before, after = str(old.get(name, "not seen")), str(new.get(name, "not seen"))
        if normalize(before) != normalize(after):
            yield _change(now, before, after, about=name)
    if now["level"] == "MAY":
        yield from _silent(was, now)


def _silent(was: dict[str, Any], now: dict[str, Any]) -> Iterator[Change]:
    old, new = ({f["fingerprint"]: f for f in result["findings"]} for result in (was, now))
    for mark in sorted(old.keys() ^ new.keys()):
        finding = new.get(mark) or old[mark]
        before, after = ("seen", "not seen") if mark in old else ("not seen", "seen")
        yield _change(now, before, after, [finding])


def _change(
    result: dict[str, Any], before: str, after: str, findings: Sequence[dict[str, Any]] = (), about: str = ""
) -> Change:
    names = ("message", "expected", "observed", "fingerprint", "reproduced")
    told = [{name: finding[name] for name in names} for finding in findings]
    return Change(
        result["requirement"], result["level"], result["says"], place(result["at"]), before, after, told, about
    )
