"""What a run came to, as the lines of its results file."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from conformance import __version__
from conformance.contracts.terms import Requirement
from conformance.engine.plan import Plan
from conformance.engine.run import Run
from conformance.results.ending import Ending
from conformance.results.files import FORMAT, RunResults, write_whole
from conformance.results.findings import Finding
from conformance.results.outcomes import Outcome
from conformance.results.verdicts import Verdict, overall
from conformance.results.waivers import Waiver

__all__ = ["record", "written_so_far"]

_UNVERIFIED = {"error", "untestable"}


def record(
    run: Run,
    plan: Plan,
    collected: set[str],
    *,
    ending: Ending,
    started: str,
    notes: Sequence[str] = (),
) -> RunResults:
    """Judge every requirement that was collected and make the lines of the results file.

    `started` is an RFC 3339 instant, `notes` what was seen before the first requirement.
    """
    judged: list[tuple[Requirement, Verdict]] = []
    lines: list[dict[str, Any]] = []
    for requirement in run.contract.requirements:
        outcome = run.outcomes.of(requirement)
        # A finding counts even where its own requirement was not asked for.
        if requirement.id not in collected and not outcome.findings:
            continue
        if not outcome.ran and not outcome.findings and outcome.verdict is None:
            _not_run(run, outcome, crashed=ending.crashed)
        verdict = outcome.judged(requirement)
        judged.append((requirement, verdict))
        lines.append(_line(run, requirement, outcome, verdict, asked=requirement.id in collected))
    whole = overall(judged)
    end = {
        "kind": "end",
        "overall": whole,
        "exit_code": ending.code(whole, strict=plan.strict),
        "counts": dict(Counter(line["verdict"] for line in lines)),
        **run.tally.as_json(),
        "seconds": round(sum(outcome.seconds for outcome in run.outcomes.all()), 3),
    }
    if ending.crashed:
        end["crashed"] = True
    return RunResults(_header(run, plan, started, notes), lines, end)


def _not_run(run: Run, outcome: Outcome, *, crashed: bool) -> None:
    if run.stopped:
        outcome.verdict, outcome.reason = "error", run.stopped
    elif crashed:
        outcome.verdict, outcome.reason = "error", "a process of the suite crashed, and what it saw is lost"
    else:
        outcome.reason = outcome.reason or "not run"


def written_so_far(
    run: Run, plan: Plan, collected: set[str], *, started: str, file: Path, told: Iterable[Mapping[str, Any]]
) -> None:
    """Write what a run has so far, without an end line; `told` is what workers have said."""
    outcomes = run.outcomes.together_with(data for seen in told for data in seen["outcomes"])
    lines = [_header(run, plan, started, ())]
    for requirement in run.contract.requirements:
        outcome = outcomes.of(requirement)
        if outcome.ran or outcome.findings:
            asked = requirement.id in collected
            lines.append(_line(run, requirement, outcome, outcome.judged(requirement), asked=asked))
    with suppress(OSError):
        write_whole(file, "".join(json.dumps(line, ensure_ascii=True, allow_nan=False) + "\n" for line in lines))


def _header(run: Run, plan: Plan, started: str, notes: Sequence[str]) -> dict[str, Any]:
    contract, target = run.contract, run.target
    seen = {name: "absent" if how == "missing" else how for name, how in run.capabilities.as_json().items()}
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
        "nonce": run.nonce,
        "examples": plan.examples,
        "selected": plan.selected or None,
        "started": started,
        **({"stopped": run.stopped} if run.stopped else {}),
        **({"notes": list(notes)} if notes else {}),
    }


def _operation(run: Run, requirement: Requirement) -> str:
    """The operation that a requirement is about: what its data name, else the one that the contract is about."""
    roles, data = run.contract.roles, requirement.data
    if data.operations:
        return data.operations[0]
    named = [data.artifact, *data.roles, requirement.rule.rpartition(".")[2], "delete", "tombstones"]
    return next((operation.id for name in named for role, operation in roles.items() if role == name), "")


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
    rest = outcome.verdict_without_findings(requirement)
    if outcome.findings and asked and rest in _UNVERIFIED:
        line["verdict_without_findings"] = rest
    if outcome.reason or (asked and rest == "untestable"):
        line["reason"] = run.scrub.text(outcome.reason or "no example reached the situation that the rule is about")
    if outcome.observed:
        line["observed"] = outcome.observed
    line |= {
        "examples": outcome.examples,
        "vacuous": outcome.vacuous,
        "disturbed": outcome.disturbed,
        "requests": outcome.requests,
        "seconds": round(outcome.seconds, 3),
    }
    if verdict in {"pass", "observed"} and outcome.proof:
        line["proof"] = outcome.proof
        line["witness"] = outcome.proof[-1]["exchange"]
    if outcome.replays:
        line["replays"] = [{"fingerprint": mark, **seen} for mark, seen in sorted(outcome.replays.items())]
    waivers = run.outcomes.waivers_of(requirement)
    return {**line, "findings": [_finding(f, waivers.get(f.fingerprint)) for f in outcome.findings.values()]}


def _finding(finding: Finding, waiver: Waiver | None) -> dict[str, Any]:
    told = {name: value for name, value in vars(finding).items() if name != "unless"}
    return told | ({"waived": waiver.shown()} if waiver else {})
