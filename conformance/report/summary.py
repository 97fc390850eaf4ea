"""The terminal summary: the verdict as a sentence, then what is broken, then what was not tested."""

from collections import Counter
from typing import Any

from conformance.report.text import printable
from conformance.report.waived import all_waived, gate_lines, open_part, waived_part
from conformance.results.files import RunResults

__all__ = ["render", "sentence"]


_MOST = 5
"""Further findings of a requirement that are told one by one."""


def sentence(results: RunResults) -> str:
    """The verdict in words, with its levels and what it rests on."""
    title = results.run["contract"]["title"]
    musts = Counter(r["verdict"] for r in results.results if r["level"] == "MUST")
    shoulds = Counter(r["verdict"] for r in results.results if r["level"] == "SHOULD")
    verified = f"{musts['pass']} of {sum(musts.values()) - musts['not-applicable']} MUST verified"
    untested = f", {musts['untestable']} MUST not tested" if musts["untestable"] else ""
    warned = f", {shoulds['warn']} SHOULD broken" if shoulds["warn"] else ""
    condoned = sum(r["level"] == "SHOULD" and all_waived(r) for r in results.of("warn"))
    warned += f" ({condoned} of them waived)" if condoned else ""
    waived = sum(r["level"] == "MUST" and all_waived(r) for r in results.of("fail"))
    broken = f"{musts['fail']} MUST broken" + (f" ({waived} of them waived)" if waived else "")
    errors = (
        musts["error"] + shoulds["error"] + sum(r["verdict"] == "error" for r in results.results if r["level"] == "MAY")
    )
    profile = "" if results.run["profile"] == "full" else f" (profile {results.run['profile']})"
    if results.run["selected"]:
        profile += f" (only {', '.join(results.run['selected'])})"
    match results.end["overall"]:
        case "non-conformant":
            return f"Not conformant to {title}{profile}: {broken}, {verified}{untested}{warned}."
        case "error":
            ended = f"{errors} requirements ended in an error"
            return f"No verdict on {title}{profile}: {ended}, {verified}{untested}{warned}."
        case "not-fully-verified":
            return f"Not fully verified against {title}{profile}: {verified}{untested}{warned}."
        case _:
            return f"Conformant to {title}{profile}: {verified}{warned}."


def render(results: RunResults) -> str:
    """The whole summary as text."""
    end = results.end
    if results.run.get("stopped"):
        title = results.run["contract"]["title"]
        return printable(f"No verdict on {title}: {results.run['stopped']}\nNothing was tested.")
    did = _did(end)
    gate = [line if number == 0 else f"  {line}" for number, line in enumerate(gate_lines(results))]
    crashed = ["A process of the suite crashed; what it saw is lost."] if end.get("crashed") else []
    parts = [sentence(results), *crashed, *gate, did]
    broken = [part for part in map(open_part, results.of("fail", "warn")) if part["findings"]]
    if broken:
        parts += ["", "Broken promises"]
        parts += [line for result in broken for line in _broken(result)]
        parts += ["", "Each with its script and exchanges on a page: conformance report RESULTS --html report.html"]
    parts += _waived(results)
    parts += _reasons("Errors", results.of("error"))
    parts += _reasons("Not tested", results.of("untestable"))
    left_out = results.of("not-applicable")
    if left_out:
        reasons = Counter(r.get("reason", "") for r in left_out)
        parts += ["", *(f"{count} left out: {reason}" for reason, count in reasons.items())]
    parts += _observed(results)
    parts += ["", "An API check can't prove erasure from storage, backups or logs."]
    return printable("\n".join(parts))


def _did(end: dict[str, Any]) -> str:
    why = f" ({end['leftover_reason']})" if end.get("leftover_reason") else ""
    disturbed = f"; disturbances {end['disturbances']}" if end.get("disturbances") else ""
    cut = end.get("cut_short", 0)
    bounds = f" The run's bounds (max_calls and its like) cut {cut} requirements short." if cut else ""
    return (
        f"Sent {end['requests']} requests in {end['seconds']:.1f} s; calls created {end['calls_created']}, "
        f"deleted {end['calls_deleted']}; accounts left over {end['leftovers']}{why}{disturbed}.{bounds}"
    )


def _broken(result: dict[str, Any]) -> list[str]:
    """A broken requirement: its first finding in four lines, the others by a line each."""
    first, *others = result["findings"]
    lines = [
        f"\n  {result['level']} {result['requirement']}  [{first['fingerprint']}]{_once(first)}",
        f"    done:      {first['message']}",
        f"    required:  {result['says']}  ({result['at']})",
        f"    expected:  {first['expected']}",
        f"    seen:      {first['observed']}",
    ]
    lines += [f"    also:      {f['message']}  [{f['fingerprint']}]{_once(f)}" for f in others[:_MOST]]
    return lines + ([f"    and {len(others) - _MOST} more like it"] if len(others) > _MOST else [])


def _waived(results: RunResults) -> list[str]:
    """Every waived finding, with the terms of its waiver."""
    lines: list[str] = []
    for result in map(waived_part, results.results):
        for finding in result["findings"]:
            lines += [
                f"\n  {result['level']} {result['requirement']}  [{finding['fingerprint']}]{_once(finding)}",
                f"    done:      {finding['message']}",
                *(f"    {key + ':':<10} {value}" for key, value in finding["waived"].items()),
            ]
    return ["", "Waived", *lines] if lines else []


def _once(finding: dict[str, Any]) -> str:
    return "" if finding["reproduced"] else "   (seen once, not again)"


def _reasons(heading: str, results: list[dict[str, Any]]) -> list[str]:
    by_reason: dict[str, list[str]] = {}
    for result in results:
        by_reason.setdefault(result.get("reason", "no reason given"), []).append(
            f"{result['requirement']} ({result['level']})"
        )
    return (
        ["", heading, *(f"  {reason}\n    {', '.join(names)}" for reason, names in by_reason.items())]
        if by_reason
        else []
    )


def _observed(results: RunResults) -> list[str]:
    seen = [r for r in map(open_part, results.of("observed")) if r.get("observed") or r["findings"]]
    if not seen:
        return []
    lines = ["", "Observed, where the document is silent"]
    for result in seen:
        lines.append(f"  {result['requirement']}")
        lines += [f"    {what}: {value}" for what, value in sorted(result.get("observed", {}).items())]
        lines += [f"    {finding['message']}: {finding['observed']}" for finding in result["findings"]]
    return lines
