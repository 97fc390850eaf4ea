"""Ten representative faults: what is found of each is small, and its script shows the defect in any shell."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from conformance.contracts.loading import load
from conformance.engine.exploring import explore
from conformance.engine.rule import rules
from conformance.engine.run import Run
from conformance.reference.server import Reference
from conformance.results.findings import Finding
from conformance.targets.target import Target

Answers = list[tuple[int, str]]
"""Status and body of each answer that a script showed, in order."""


@dataclass(frozen=True)
class Case:
    """A fault, the requirement that it breaks, how small the finding is to be, and what a script must show.

    `calls` is how many calls are set up at most, `steps` how many requests are sent.
    """

    contract: str
    fault: str
    requirement: str
    calls: int
    steps: int
    shows: Callable[[Answers], bool]

    def __str__(self) -> str:
        return f"{self.contract}-{self.fault}"


def after_delete(answers: Answers) -> Answers:
    """What came once a DELETE had been answered with a marked record."""
    first = next((n for n, (_, body) in enumerate(answers) if re.search(r'"redacted_at": ?"', body)), len(answers))
    return answers[first:]


def transcript_survives(answers: Answers) -> bool:
    return any('"transcript"' in body for _, body in after_delete(answers))


def two_calls_change(answers: Answers) -> bool:
    """More than the one call that was deleted has lost its transcript."""
    records = [json.loads(body) for status, body in answers if status == 200 and body.startswith('{"redacted_at"')]
    before = {r["id"] for r in records if "transcript" in r}
    after = {r["id"] for r in records if "transcript" not in r}
    return len(before & after) > 1


def ids_of(answers: Answers) -> list[list[str]]:
    return [[item["callId"] for item in json.loads(body)["results"]] for status, body in answers if status == 200]


def fewer_than(count: int) -> Callable[[Answers], bool]:
    return lambda answers: len({i for page in ids_of(answers) for i in page}) < count


def an_item_twice(answers: Answers) -> bool:
    shown = [i for page in ids_of(answers) for i in page]
    return len(shown) > len(set(shown))


def more_than(count: int) -> Callable[[Answers], bool]:
    return lambda answers: len({i for page in ids_of(answers) for i in page}) > count


CASES = [
    Case("cartesia", "transcript-last-turn", "cartesia.redact.omits", 1, 6, transcript_survives),
    Case("cartesia", "retry-skips-transcript", "cartesia.delete.retry-after-500", 1, 12, transcript_survives),
    Case("cartesia", "third-delete-404", "cartesia.delete.idempotent", 1, 8, lambda a: a[5][0] == 404),
    Case("cartesia", "takes-agent", "cartesia.delete.only-this-call", 3, 28, two_calls_change),
    Case("cartesia", "no-key-deletes", "cartesia.auth.required", 1, 10, lambda a: a[6][0] == 200),
    Case("ultravox", "ties-lost", "ultravox.page.complete", 2, 2, fewer_than(2)),
    Case("ultravox", "next-loops-back", "ultravox.page.terminates", 2, 3, an_item_twice),
    Case("ultravox", "edge-item-twice", "ultravox.page.no-duplicates", 3, 2, an_item_twice),
    Case("ultravox", "from-exclusive", "ultravox.filter.from", 2, 2, lambda a: fewer_than(1)(a[-1:])),
    Case("ultravox", "others-shown", "ultravox.tombstone.exactly-deleted", 3, 1, more_than(1)),
]


def found(case: Case, server: Reference) -> Finding:
    """The first finding that the requirement's own test makes of the fault, at the default depth."""
    target = Target(url=server.url, api_key=server.api_key, state_url=server.state_url, embedded=True)
    run = Run(load(case.contract), target, seed=1, depth=30)
    requirement = next(r for r in run.contract.requirements if r.id == case.requirement)
    explore(run, requirement, rules()[requirement.rule])
    return next(iter(run.outcomes.of(requirement).findings.values()))


def calls_in(finding: Finding) -> list[dict[str, Any]]:
    """Every call that the example sets up."""
    params = [state["params"] for state in finding.example["states"]]
    return [call for given in params for call in [*given.get("calls", []), *filter(None, [given.get("call")])]]


def shown_by(script: list[str], server: Reference) -> Answers:
    """Run the script against a server as a reader of the report would."""
    known = {"TARGET": server.url, "STATE_URL": server.state_url, "CONFORMANCE_API_KEY": server.api_key}
    ended = subprocess.run(
        ["/bin/sh"],
        input="\n".join(script),
        env={**os.environ, **known},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=30,
        check=False,
    )
    assert ended.stderr == ""
    parts = re.split(r"HTTP/1\.1 (\d{3})[^\n]*\n", ended.stdout)[1:]
    return [
        (int(status), answer.partition("\n\n")[2].strip())
        for status, answer in zip(parts[::2], parts[1::2], strict=True)
    ]


# The smallest example of a default run: its depth is the fact.
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def correct() -> Iterator[dict[str, Reference]]:
    """A correct server of each contract."""
    with Reference("cartesia") as deletion, Reference("ultravox") as listing:
        yield {"cartesia": deletion, "ultravox": listing}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_finding_is_small_its_script_shows_the_defect_and_neither_is_of_this_run_alone(
    case: Case, correct: dict[str, Reference]
) -> None:
    with Reference(case.contract, faults=[case.fault]) as faulty:
        finding = found(case, faulty)
        assert finding.reproduced
        calls = calls_in(finding)
        assert len(calls) <= case.calls
        assert all(len(call.get("transcript", [])) <= 1 for call in calls)
        assert len(finding.example["steps"]) <= case.steps
        faulty_answers = shown_by(finding.curl, faulty)
        correct_answers = shown_by(finding.curl, correct[case.contract])
    assert len(faulty_answers) == len(finding.example["steps"]) >= len(correct_answers)
    assert case.shows(faulty_answers), faulty_answers
    assert not case.shows(correct_answers), correct_answers
    text = "\n".join(finding.curl) + json.dumps(finding.example)
    assert faulty.api_key not in text
    assert faulty.url not in text
    seen = json.dumps([exchange.as_json() for exchange in finding.exchanges])
    ids = set(re.findall(r"ac_[0-9A-Za-z]{22}", seen)) | set(re.findall(r'callId\\?": ?\\?"([0-9a-f-]{36})', seen))
    cursors = set(re.findall(r"cursor=([\w-]{8,})", seen))
    assert re.search(r"\$(call|account)_1", text)
    assert [known for known in ids | cursors if known in text] == []


def test_page_size_one_is_enough_for_what_is_lost_at_a_page_edge() -> None:
    case = next(c for c in CASES if c.fault == "ties-lost")
    with Reference(case.contract, faults=[case.fault]) as faulty:
        steps = found(case, faulty).example["steps"]
    assert steps[0]["path"] == "/api/deleted_calls?pageSize=1"
    assert steps[1]["path"] == "/api/deleted_calls?{next_1}"
