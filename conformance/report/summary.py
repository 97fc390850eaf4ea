"""The terminal summary: the verdict as a sentence, then what is broken, then what was not tested."""

from collections import Counter
from typing import Any

from conformance.results import RunResults

__all__ = ["render", "sentence"]


def sentence(results: RunResults) -> str:
    """The verdict in words, with its levels and what it rests on."""
    title = results.run["contract"]["title"]
    musts = Counter(r["verdict"] for r in results.results if r["level"] == "MUST")
    shoulds = Counter(r["verdict"] for r in results.results if r["level"] == "SHOULD")
    verified = f"{musts['pass']} of {sum(musts.values()) - musts['not-applicable']} MUST verified"
    untested = f", {musts['untestable']} MUST not tested" if musts["untestable"] else ""
    warned = f", {shoulds['warn']} SHOULD broken" if shoulds["warn"] else ""
    broken = f"{musts['fail']} MUST broken"
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
    did = (
        f"Sent {end['requests']} requests in {end['seconds']:.1f} s; calls created {end['calls_created']}, "
        f"deleted {end['calls_deleted']}; accounts left over {end['leftovers']}."
    )
    parts = [sentence(results), did]
    broken = results.of("fail", "warn")
    if broken:
        parts += ["", "Broken promises"]
        parts += [_broken(result, finding) for result in broken for finding in result["findings"]]
    parts += _reasons("Errors", results.of("error"))
    parts += _reasons("Not tested", results.of("untestable"))
    left_out = results.of("not-applicable")
    if left_out:
        reasons = Counter(r.get("reason", "") for r in left_out)
        parts += ["", *(f"{count} left out: {reason}" for reason, count in reasons.items())]
    parts += _observed(results)
    parts += ["", "An API check can't prove erasure from storage, backups or logs."]
    return _printable("\n".join(parts))


def _printable(text: str) -> str:
    """The text without what would steer a terminal, or can't be written: a target's words stand in it."""
    return "".join(c if c.isprintable() or c == "\n" else f"\\x{ord(c):02x}" for c in text)


def _broken(result: dict[str, Any], finding: dict[str, Any]) -> str:
    seen = "" if finding["reproduced"] else "   (seen once, not again)"
    return (
        f"\n  {result['level']} {result['requirement']}  [{finding['fingerprint']}]{seen}\n"
        f"    done:      {finding['message']}\n"
        f"    required:  {result['says']}  ({result['at']})\n"
        f"    expected:  {finding['expected']}\n"
        f"    seen:      {finding['observed']}"
    )


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
    seen = [r for r in results.of("observed") if r.get("observed") or r["findings"]]
    if not seen:
        return []
    lines = ["", "Observed, where the document is silent"]
    for result in seen:
        lines.append(f"  {result['requirement']}")
        lines += [f"    {what}: {value}" for what, value in sorted(result.get("observed", {}).items())]
        lines += [f"    {finding['message']}: {finding['observed']}" for finding in result["findings"]]
    return lines
