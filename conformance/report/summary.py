"""The terminal summary: the verdict as a sentence, then what is broken, then what was not tested."""

from collections import Counter
from collections.abc import Iterable, Iterator

from conformance.report.view import Judged, View
from conformance.results.files import RunResults
from conformance.results.lines import EndLine, FindingLine
from conformance.results.printable import printable

__all__ = ["render", "sentence"]


_MOST = 5
"""Further findings of a requirement that are told one by one."""


def sentence(view: View) -> str:
    """The verdict in words, with its levels and what it rests on."""
    title, verified = f"{view.title}{_asked(view)}", view.verified_musts
    untested = f", {count} MUST not tested" if (count := view.count("untestable", "MUST")) else ""
    warned = f", {count} SHOULD failed{_condoned(view.of('warn'))}" if (count := view.count("warn", "SHOULD")) else ""
    match view.results.end.overall:
        case "non-conformant":
            broken = f"{view.count('fail', 'MUST')} MUST failed{_condoned(view.of('fail'))}"
            return f"Not conformant to {title}: {broken}, {verified}{untested}{warned}."
        case "error":
            ended = f"{view.count('error')} requirements ended in an error"
            return f"No verdict on {title}: {ended}, {verified}{untested}{warned}."
        case "not-fully-verified":
            return f"Not fully verified against {title}: {verified}{untested}{warned}."
        case _:
            return f"Conformant to {title}: {verified}{warned}."


def _asked(view: View) -> str:
    """What the run was asked for, where that was not all."""
    run = view.results.run
    profile = "" if run.profile == "full" else f" (profile {run.profile})"
    return profile + (f" (only {', '.join(run.selected)})" if run.selected else "")


def _condoned(broken: Iterable[Judged]) -> str:
    waived = sum(one.all_waived for one in broken)
    return f" ({waived} of them waived)" if waived else ""


def render(results: RunResults) -> str:
    """The whole summary as text."""
    view = View(results)
    if results.run.stopped:
        return printable(f"No verdict on {view.title}: {results.run.stopped}\nNothing was tested.")
    gate = [line if number == 0 else f"  {line}" for number, line in enumerate(view.gate)]
    crashed = ["A process of the suite crashed; what it saw is lost."] if results.end.crashed else []
    parts = [sentence(view), *crashed, *gate, _did(results.end)]
    if view.broken:
        parts += ["", "Failed requirements"]
        parts += [line for one in view.broken for line in _broken(one)]
        parts += ["", "Each with its script and exchanges on a page: conformance report RESULTS --html report.html"]
    parts += _waived(view)
    parts += _reasons("Errors", view.of("error"))
    parts += _reasons("Not tested", view.of("untestable"))
    left_out = Counter(one.why for one in view.of("not-applicable"))
    if left_out:
        parts += ["", *(f"{count} left out: {reason}" for reason, count in left_out.items())]
    parts += _observed(view)
    parts += ["", "An API check can't prove erasure from storage, backups or logs."]
    return printable("\n".join(parts))


def _did(end: EndLine) -> str:
    why = f" ({end.leftover_reason})" if end.leftover_reason else ""
    disturbed = f"; disturbances {end.disturbances}" if end.disturbances else ""
    cut = end.cut_short
    bounds = f" The run's bounds (max_calls and its like) cut {cut} requirements short." if cut else ""
    return (
        f"Sent {end.requests} requests in {end.seconds:.1f} s; calls created {end.calls_created}, "
        f"deleted {end.calls_deleted}; accounts left over {end.leftovers}{why}{disturbed}.{bounds}"
    )


def _broken(one: Judged) -> Iterator[str]:
    """A broken requirement: its first finding in four lines, the others by a line each."""
    first, *others = one.open
    yield f"\n  {_name(one, first)}"
    yield f"    failed:    {first.message}"
    yield f"    required:  {one.line.says}  ({one.line.at})"
    yield f"    expected:  {first.expected}"
    yield f"    actual:    {first.observed}"
    yield from (f"    also:      {f.message}  [{f.fingerprint}]{_once(f)}" for f in others[:_MOST])
    if len(others) > _MOST:
        yield f"    and {len(others) - _MOST} more like it"


def _waived(view: View) -> list[str]:
    """Every waived finding, with the terms of its waiver."""
    lines: list[str] = []
    for one in view.waived:
        for finding in one.waived:
            terms = finding.waived.as_json() if finding.waived else {}
            lines += [
                f"\n  {_name(one, finding)}",
                f"    failed:    {finding.message}",
                *(f"    {key + ':':<10} {value}" for key, value in terms.items()),
            ]
    return ["", "Waived", *lines] if lines else []


def _name(one: Judged, finding: FindingLine) -> str:
    return f"{one.line.level} {one.line.requirement}  [{finding.fingerprint}]{_once(finding)}"


def _once(finding: FindingLine) -> str:
    return "" if finding.reproduced else "   (seen once, not again)"


def _reasons(heading: str, judged: Iterable[Judged]) -> list[str]:
    by_reason: dict[str, list[str]] = {}
    for one in judged:
        by_reason.setdefault(one.why, []).append(f"{one.line.requirement} ({one.line.level})")
    told = [f"  {reason}\n    {', '.join(names)}" for reason, names in by_reason.items()]
    return ["", heading, *told] if told else []


def _observed(view: View) -> list[str]:
    seen = [one for one in view.of("observed") if one.line.observed or one.open]
    lines = ["", "Observed, where the document is silent"] if seen else []
    for one in seen:
        lines.append(f"  {one.line.requirement}")
        lines += [f"    {what}: {value}" for what, value in sorted(one.line.observed.items())]
        lines += [f"    {finding.message}: {finding.observed}" for finding in one.open]
    return lines
