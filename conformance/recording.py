"""What a run came to, as the lines of its results file."""

from collections import Counter
from typing import Any

from conformance import __version__
from conformance.contract import Requirement
from conformance.gate.waivers import Waiver
from conformance.planning import Plan
from conformance.results import FORMAT, Finding, Outcome, Overall, RunResults, Verdict, exit_code, overall
from conformance.run import Run

__all__ = ["INTERNAL_ERROR", "INTERRUPTED", "NOTHING_SELECTED", "record"]

INTERRUPTED, INTERNAL_ERROR, NOTHING_SELECTED = 2, 3, 5
"""Exit codes, as pytest's."""

_UNVERIFIED = {"error", "untestable"}


def record(run: Run, plan: Plan, collected: set[str], *, exitstatus: int, started: str) -> RunResults:
    """Judge every requirement that was collected and make the lines of the results file.

    `exitstatus` is pytest's own, `started` an RFC 3339 instant.
    """
    judged: list[tuple[Requirement, Verdict]] = []
    lines: list[dict[str, Any]] = []
    for requirement in run.contract.requirements:
        outcome = run.outcomes.get(requirement.id) or Outcome(requirement.id)
        # A finding counts even where its own requirement was not asked for.
        if requirement.id not in collected and not outcome.findings:
            continue
        if not outcome.ran and not outcome.findings and outcome.verdict is None:
            outcome.reason = outcome.reason or "not run"
        verdict = outcome.judged(requirement)
        judged.append((requirement, verdict))
        lines.append(_line(run, requirement, outcome, verdict, asked=requirement.id in collected))
    whole = overall(judged)
    end = {
        "kind": "end",
        "overall": whole,
        "exit_code": _code(run, plan, whole, exitstatus),
        "counts": dict(Counter(line["verdict"] for line in lines)),
        **run.tally.as_json(),
        "seconds": round(sum(outcome.seconds for outcome in run.outcomes.values()), 3),
    }
    return RunResults(_header(run, plan, started), lines, end)


def _code(run: Run, plan: Plan, whole: Overall, exitstatus: int) -> int:
    if exitstatus in {INTERRUPTED, INTERNAL_ERROR, NOTHING_SELECTED}:
        return exitstatus
    if whole == "error" and run.shared.get("internal error"):
        return INTERNAL_ERROR
    return exit_code(whole, strict=plan.strict)


def _header(run: Run, plan: Plan, started: str) -> dict[str, Any]:
    contract, target = run.contract, run.target
    seen = {name: "absent" if how == "missing" else how for name, how in sorted(run.capabilities.items())}
    return {
        "kind": "run",
        "format": FORMAT,
        "suite": {"version": __version__},
        "contract": {
            "vendor": contract.vendor,
            "title": contract.title,
            "version": contract.version,
            "sha256": contract.sha256,
            "file": contract.file,
        },
        "target": {
            "url": run.scrub.text(target.url),
            "name": target.name,
            "capabilities": {"states": "declared" if target.state_url else "absent"} | seen,
        },
        "profile": plan.profile,
        "strict": plan.strict,
        "seed": plan.seed,
        "examples": plan.examples,
        "selected": plan.selected or None,
        "started": started,
    }


def _operation(run: Run, requirement: Requirement) -> str:
    """The operation that a requirement is about: what its data name, else the one that the contract is about."""
    roles, data = run.contract.roles, requirement.data
    if data.get("operations"):
        return str(data["operations"][0])
    named = [data.get("artifact"), *data.get("roles", []), requirement.rule.rpartition(".")[2], "delete", "tombstones"]
    return next((roles[role].id for role in named if role in roles), "")


def _place(run: Run, requirement: Requirement, operation: str) -> int | None:
    """The line of openapi.yaml that a requirement rests on: its own place, else that of its operation."""
    published = run.contract.published
    if requirement.at.startswith("/"):
        return published.line(requirement.at)
    # An operation of another page is not in the published text: the page is about the one that is.
    named = (operation, *published.operations)
    return next((line for line in map(published.line_of, named) if line), None)


def _line(run: Run, requirement: Requirement, outcome: Outcome, verdict: Verdict, *, asked: bool) -> dict[str, Any]:
    operation = _operation(run, requirement)
    line: dict[str, Any] = {
        "kind": "result",
        "requirement": requirement.id,
        "rule": requirement.rule,
        "level": requirement.level,
        "says": requirement.words,
        "at": requirement.at,
        "operation": operation,
        "verdict": verdict,
    }
    place = _place(run, requirement, operation)
    if place is not None:
        line["line"] = place
    besides = outcome.besides(requirement)
    if outcome.findings and asked and besides in _UNVERIFIED:
        line["besides"] = besides
    if outcome.reason or (asked and besides == "untestable"):
        line["reason"] = run.scrub.text(outcome.reason or "no example reached the situation that the rule is about")
    if outcome.observed:
        line["observed"] = outcome.observed
    line |= {
        "examples": outcome.examples,
        "vacuous": outcome.vacuous,
        "requests": outcome.requests,
        "seconds": round(outcome.seconds, 3),
    }
    if verdict in {"pass", "observed"} and outcome.witness:
        line["witness"] = outcome.witness
    if outcome.replays:
        line["replays"] = [{"fingerprint": mark, **seen} for mark, seen in sorted(outcome.replays.items())]
    waivers = run.waived.get(requirement.id, {})
    return {**line, "findings": [_finding(f, waivers.get(f.fingerprint)) for f in outcome.findings.values()]}


def _finding(finding: Finding, waiver: Waiver | None) -> dict[str, Any]:
    told = {name: value for name, value in vars(finding).items() if name != "unless"}
    return told | ({"waived": waiver.shown()} if waiver else {})
