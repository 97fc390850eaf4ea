"""The faults as a table, and that each shows in what the server answers."""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.reference.cartesia import FAULTS
from conformance.reference.cartesia.conditions import ALWAYS, HUNG_UP, OVERLAPPED_LATE
from conformance.reference.cartesia.faults import ROWS
from conformance.reference.switches import Condition, Fault

from .cartesia_exercise import Differs, Exerciser, Log, make_predictable

MUST = {
    *("delete.succeeds", "delete.active-refused", "delete.active-untouched", "delete.unknown", "delete.after-cancel"),
    *("delete.idempotent", "delete.retry-after-500", "delete.lost-reply", "delete.only-this-call"),
    *("delete.permanent", "delete.lifecycle", "redact.retained", "redact.omits", "redact.absent-not-null"),
    *("redact.marked", "redact.keeps", "redact.no-trace", "redact.audio-gone", "redact.logs-gone", "redact.list"),
    *("redact.already", "schema.response", "status.documented", "auth.required", "input.no-5xx"),
}
"""Rules of section 10 of the design with an obligation of level MUST, of those that Cartesia binds."""

SHOULD = {
    *("delete.marker-stable", "delete.no-half-marked", "delete.concurrent", "redact.unmarked-before"),
    *("redact.zero-retention", "call.phone-numbers", "auth.other-account", "header.version", "schema.well-formed"),
}
"""Rules of section 10 with obligations of level SHOULD alone, or the SHOULD half of a rule that has both."""


def test_every_fault_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(row.name for row in ROWS).items() if count > 1] == []
    assert all(re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name) for name in FAULTS)


def test_faults_name_the_rules_of_the_design() -> None:
    assert {fault.rule for fault in FAULTS.values()} == MUST | SHOULD


def test_every_must_rule_has_two_faults() -> None:
    count = Counter(fault.rule for fault in FAULTS.values())
    assert [rule for rule in MUST if count[rule] < 2] == []


def test_half_of_the_faults_are_conditional() -> None:
    assert len(FAULTS) >= 70
    assert sum(fault.condition is not ALWAYS for fault in FAULTS.values()) * 2 >= len(FAULTS)


def exercised(folder: Path, *faults: Fault[Any], expected: Log | None = None) -> Log:
    """Return what a server with these faults answers to everything.

    Raises:
        Differs: an answer is not the `expected` one.
    """
    with pytest.MonkeyPatch.context() as patch:
        make_predictable(patch)
        return asyncio.run(Exerciser(folder / "calls.sqlite", *faults, expected=expected).everything())


@pytest.fixture(scope="module")
def correct(tmp_path_factory: pytest.TempPathFactory) -> Log:
    """What the correct server answers to everything."""
    return exercised(tmp_path_factory.mktemp("correct"))


def test_the_correct_server_answers_the_same_twice_and_no_5xx_but_told_ones(tmp_path: Path, correct: Log) -> None:
    assert exercised(tmp_path) == correct
    assert [status for _, status, _, _ in correct if status >= 500] == [500, 500]


@pytest.mark.parametrize("condition", [ALWAYS, HUNG_UP, OVERLAPPED_LATE], ids=lambda condition: condition.name)
def test_a_fault_without_effect_changes_nothing(tmp_path: Path, correct: Log, condition: Condition[Any]) -> None:
    harmless: Fault[Any] = Fault("harmless", "none", "none", condition, "It watches, and does nothing.")
    assert exercised(tmp_path, harmless) == correct


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_shows(tmp_path: Path, correct: Log, name: str) -> None:
    with contextlib.suppress(Differs):
        assert exercised(tmp_path, FAULTS[name], expected=correct) != correct


def test_a_transcript_that_survives_only_in_reads_is_not_in_the_answer(serving: Callable[..., Any]) -> None:
    with serving(faults=("transcript-kept-in-get",)) as client:
        call_id = client.add()
        assert "transcript" not in client.delete(call_id).json()
        assert client.get(f"/{call_id}").json()["transcript"][0]["text"] == "my secret word"


def test_a_marker_moves_only_on_the_third_deletion(serving: Callable[..., Any]) -> None:
    with serving(faults=("marker-moves-third",)) as client:
        call_id = client.add()
        first, second, third = (client.delete(call_id).json()["redacted_at"] for _ in range(3))
    assert first == second < third


def test_a_sibling_is_taken_along(serving: Callable[..., Any]) -> None:
    with serving(faults=("takes-agent",)) as client:
        sibling, stranger = client.add(agent_id="one"), client.add(agent_id="two")
        client.delete(client.add(agent_id="one"))
        assert "transcript" not in client.get(f"/{sibling}").json()
        assert "transcript" in client.get(f"/{stranger}").json()


def test_a_recording_is_served_by_range_only(serving: Callable[..., Any]) -> None:
    with serving(faults=("audio-kept-range",)) as client:
        call_id = client.add()
        client.delete(call_id)
        assert client.get(f"/{call_id}/audio").status_code == 404
        assert b"recording-of" in client.get(f"/{call_id}/audio", headers={"Range": "bytes=0-"}).content


def test_a_stranger_deletes_though_refused(serving: Callable[..., Any]) -> None:
    with serving(faults=("bad-key-deletes-silently",)) as client:
        call_id = client.add()
        assert client.delete(call_id, headers={"Authorization": None}).status_code == 401
        assert "transcript" not in client.get(f"/{call_id}").json()


def test_a_retry_after_a_500_erases_nothing_but_a_first_deletion_does(serving: Callable[..., Any]) -> None:
    with serving(faults=("retry-skips-transcript",)) as client:
        plain, failing = client.add(), client.add()
        client.state("deleting a call fails", call_id=failing, times=1)
        assert "transcript" not in client.delete(plain).json()
        assert client.delete(failing).status_code == 500
        assert "transcript" in client.delete(failing).json()
