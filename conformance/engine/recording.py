"""What a run came to, as the lines of its results file."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import convert

from conformance import __version__
from conformance.contracts.terms import Requirement
from conformance.engine.plan import Plan
from conformance.engine.run import Run
from conformance.results.ending import Ending
from conformance.results.files import RunResults, write_lines
from conformance.results.findings import Finding
from conformance.results.lines import (
    Capability,
    ContractUnderTest,
    EndLine,
    Example,
    FindingLine,
    ResultLine,
    RunLine,
    SuiteVersion,
    TargetUnderTest,
)
from conformance.results.outcomes import Outcome
from conformance.results.verdicts import Overall, Verdict, overall
from conformance.results.waivers import Waiver

__all__ = ["record", "written_so_far"]


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
    lines: list[ResultLine] = []
    for requirement in run.contract.requirements:
        outcome = run.outcomes.of(requirement)
        # A finding counts even where its own requirement was not asked for.
        if requirement.id not in collected and not outcome.findings:
            continue
        if not outcome.ran and not outcome.findings and outcome.verdict is None:
            _not_run(run, outcome, crashed=ending.crashed)
        verdict = outcome.judged(requirement)
        judged.append((requirement, verdict))
        lines.append(_result(run, requirement, outcome, verdict, asked=requirement.id in collected))
    whole = overall(judged)
    end = _end(run, lines, whole, ending.code(whole, strict=plan.strict), crashed=ending.crashed)
    return RunResults(_header(run, plan, started, notes), tuple(lines), end)


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
    lines: list[RunLine | ResultLine] = [_header(run, plan, started, ())]
    for requirement in run.contract.requirements:
        outcome = outcomes.of(requirement)
        if outcome.ran or outcome.findings:
            asked = requirement.id in collected
            lines.append(_result(run, requirement, outcome, outcome.judged(requirement), asked=asked))
    with suppress(OSError):
        write_lines(file, lines)


def _header(run: Run, plan: Plan, started: str, notes: Sequence[str]) -> RunLine:
    contract, target = run.contract, run.target
    return RunLine(
        suite=SuiteVersion(version=__version__),
        contract=ContractUnderTest(
            vendor=contract.vendor,
            title=contract.title,
            version=contract.version,
            sha256=contract.sha256,
            file=contract.file,
        ),
        target=TargetUnderTest(url=run.scrub.text(target.url), name=target.name, capabilities=_capabilities(run)),
        profile=plan.profile,
        strict=plan.strict,
        seed=plan.seed,
        nonce=run.nonce,
        examples=plan.examples,
        selected=tuple(plan.selected) or None,
        started=started,
        stopped=run.stopped,
        notes=tuple(notes),
    )


def _capabilities(run: Run) -> dict[str, Capability]:
    """What the target lets the suite do; what was looked for in vain is as absent as what was declared so."""
    states: Capability = "declared" if run.target.state_url else "absent"
    seen = {name: "absent" if how == "missing" else how for name, how in run.capabilities.as_json().items()}
    return convert({"states": states, **seen}, dict[str, Capability])


def _end(run: Run, lines: Iterable[ResultLine], whole: Overall, code: int, *, crashed: bool) -> EndLine:
    tally = run.tally
    return EndLine(
        overall=whole,
        exit_code=code,
        counts=dict(Counter(line.verdict for line in lines)),
        requests=tally.requests,
        unanswered=tally.unanswered,
        disturbances=tally.disturbances,
        calls_created=tally.calls_created,
        calls_deleted=tally.calls_deleted,
        leftovers=tally.leftovers,
        internal_errors=tally.internal_errors,
        cut_short=tally.cut_short,
        leftover_reason=tally.leftover_reason or None,
        traffic=tally.traffic,
        seconds=round(sum(outcome.seconds for outcome in run.outcomes.all()), 3),
        crashed=crashed or None,
    )


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


def _result(run: Run, requirement: Requirement, outcome: Outcome, verdict: Verdict, *, asked: bool) -> ResultLine:
    operation = _operation(run, requirement)
    rest = outcome.verdict_without_findings(requirement)
    unreached = asked and rest == "untestable"
    reason = outcome.reason or ("no example reached the situation that the rule is about" if unreached else None)
    proof = tuple(outcome.proof) if verdict in {"pass", "observed"} else ()
    waivers = run.outcomes.waivers_of(requirement)
    return ResultLine(
        requirement=requirement.id,
        rule=requirement.rule,
        level=requirement.level,
        says=requirement.words,
        at=requirement.at,
        operation=operation,
        verdict=verdict,
        line=_place(run, requirement, operation),
        verdict_without_findings=rest if outcome.findings and asked and rest in ("error", "untestable") else None,
        reason=run.scrub.text(reason) if reason else None,
        observed=outcome.observed,
        examples=outcome.examples,
        vacuous=outcome.vacuous,
        disturbed=outcome.disturbed,
        requests=outcome.requests,
        seconds=round(outcome.seconds, 3),
        proof=proof,
        witness=proof[-1].exchange if proof else None,
        replays=tuple(replay for _, replay in sorted(outcome.replays.items())),
        findings=tuple(_finding(f, waivers.get(f.fingerprint)) for f in outcome.findings.values()),
    )


def _finding(finding: Finding, waiver: Waiver | None) -> FindingLine:
    return FindingLine(
        code=finding.code,
        message=finding.message,
        expected=finding.expected,
        observed=finding.observed,
        fingerprint=finding.fingerprint,
        reproduced=finding.reproduced,
        example=Example.of(finding.example),
        curl=tuple(finding.curl),
        exchanges=tuple(finding.exchanges),
        waived=waiver.terms if waiver else None,
    )
