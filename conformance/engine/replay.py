"""Do a finding's smallest example again: is what it showed mended?"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from conformance.engine.attempt import Attempts
from conformance.engine.drawing import Replay
from conformance.engine.rule import Rule, attach_monitors, rules
from conformance.engine.run import Run
from conformance.results.findings import Finding, StoredFinding
from conformance.results.normalize import normalize

__all__ = ["Replayed", "Word", "replay"]

Word = Literal["FIXED", "STILL FAILING", "CANNOT TELL"]

_TRIES: Final = 3
"""Times that an example must hold before it is called mended: servers have their moods."""
_LONGEST: Final = 120
"""Characters of a set-up that are told."""
_OWN_NAME = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True)
class Replayed:
    """What an example came to: the word, why, and the findings of its requirement seen this time, by fingerprint."""

    word: Word
    why: str
    findings: Mapping[str, Finding]


def replay(run: Run, known: StoredFinding) -> Replayed:
    """Set the example's situation up anew on the run's target, do its steps, and judge as its rule does.

    Only the same situation, reached as often as it takes, is a proof that something is mended.

    Raises:
        Broken: the target, its state URL or the suite itself failed.
    """
    case = known.example.get("case")
    if not isinstance(case, dict):
        return Replayed(
            "CANNOT TELL", "its example does not say how it was made: the results are of an older suite", {}
        )
    every_rule = rules()
    if obstacle := _obstacle(run, known, case, every_rule):
        return Replayed("CANNOT TELL", obstacle, {})
    requirement = run.contract.requirement(known.requirement)
    for _ in range(_TRIES):
        with run.fork(int(case["seed"])) as fork:
            attach_monitors(fork)
            why = _try(fork, case, known.example, every_rule)
            findings = fork.outcomes.of(requirement).findings
        if known.fingerprint in findings:
            return Replayed("STILL FAILING", findings[known.fingerprint].observed, findings)
        if findings:
            other = next(iter(findings.values()))
            return Replayed("STILL FAILING", f"in another way: {other.message}; actual: {other.observed}", findings)
        if why:
            return Replayed("CANNOT TELL", why, {})
    if not known.reproduced:
        return Replayed("CANNOT TELL", "it was seen once and not again even then", {})
    return Replayed("FIXED", f"held {_TRIES} times", {})


def _obstacle(run: Run, known: StoredFinding, case: Mapping[str, Any], every_rule: Mapping[str, Rule]) -> str:
    """Why the example can't be done again with this target and this suite; nothing where it can."""
    names = {r.id for r in run.contract.requirements}
    for name in (known.requirement, case["requirement"]):
        if name not in names:
            return f"the contract has no requirement {name} (any more)"
    if run.target.preloaded:
        return "the ids that the target was given to lose are used up"
    rule = every_rule[run.contract.requirement(case["requirement"]).rule]
    if run.read_only and not rule.read_only:
        return "left out by the profile read-only"
    return ""


def _try(fork: Run, case: Mapping[str, Any], example: Mapping[str, Any], every_rule: Mapping[str, Rule]) -> str:
    """Do the example once; say why it was another situation, if it was."""
    under = fork.contract.requirement(case["requirement"])
    attempts = Attempts(fork, under, every_rule[under.rule])
    attempts.number = int(case["number"]) - 1
    failure = attempts.example(Replay(case["choices"]))
    if failure is not None:
        for violation in failure.violations:
            fork.outcomes.keep(under, violation, failure.context.evidence, reproduced=True, smallest=True)
    if not attempts.reached and failure is None:
        return next(iter(attempts.vacuous), "the situation was not reached")
    return _difference(example, attempts.last.example()) if attempts.last else "nothing was done"


def _difference(then: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """What of the example's way was not gone this time: what follows a mended answer may well be new."""
    states = Counter(_states(then)) - Counter(_states(now))
    if states:
        return f"another situation came about: {next(iter(states))[:_LONGEST]}"
    steps = set(_steps(then)) - set(_steps(now))
    if steps:
        return f"the example went another way: it never came to {' '.join(min(steps))}"
    return ""


def _states(example: Mapping[str, Any]) -> Iterator[str]:
    for state in example["states"]:
        yield f"{state['state']} {normalize(json.dumps(state['params'], sort_keys=True))}"


def _steps(example: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for step in example["steps"]:
        if "method" in step:
            yield step["method"], _OWN_NAME.sub("{}", step["path"].partition("?")[0])
