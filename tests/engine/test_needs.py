"""What a run can meet of what rules need, and in what words it says so where it can't."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from conformance.contracts.loading import load
from conformance.engine.run import Run
from conformance.results.verdicts import Verdict
from conformance.targets.target import Target

STATE_URL = "http://127.0.0.1:9/state"
ENDED = {"completed": ["c1", "c2", "c3"]}


def run(
    contract: str = "cartesia",
    profile: str = "full",
    *,
    states: bool = False,
    given: Mapping[str, Sequence[str]] | None = None,
    absent: str = "",
) -> Run:
    target = Target(
        "http://127.0.0.1:9",
        "key",
        STATE_URL if states else None,
        preloaded=given or {},
        capabilities={absent: False} if absent else {},
    )
    return Run(load(contract), target, seed=1, depth=30, profile=profile)


@pytest.mark.parametrize("need", ["states", "calls", "tombstones", "deleted"])
def test_a_state_url_meets_every_need_at_full_depth(need: str) -> None:
    for contract in ("cartesia", "ultravox"):
        needs = run(contract, states=True).needs
        assert needs.met(need)
        assert needs.left_out((need,), read_only=False) is None
        assert needs.cases((need,), 30) == 30


@pytest.mark.parametrize(
    ("given", "need", "met"),
    [
        ({}, "calls", False),
        (ENDED, "calls", True),
        (ENDED, "deleted", True),
        (ENDED, "states", False),
        ({"deleted": ["d1"]}, "calls", False),
        ({"deleted": ["d1"]}, "deleted", True),
        ({"completed": []}, "calls", False),
    ],
)
def test_given_ids_meet_what_they_can(given: dict[str, list[str]], need: str, *, met: bool) -> None:
    assert run(given=given).needs.met(need) is met


def test_ids_that_were_used_up_are_still_what_was_given() -> None:
    one = run(given=ENDED)
    for call_id in ENDED["completed"]:
        one.given.gone(call_id)
    assert one.given.of("completed") == []
    assert one.needs.met("calls")


def test_cases_are_as_many_as_are_of_use() -> None:
    assert run(given=ENDED).needs.cases(("calls", "get"), 30) == 3
    assert run(given=ENDED).needs.cases(("get",), 30) == 30
    assert run("ultravox").needs.cases(("tombstones",), 30) == 4
    assert run("ultravox").needs.cases((), 30) == 12


def test_the_vendors_own_operations_meet_tombstones_in_full_alone() -> None:
    assert run("ultravox").needs.met("tombstones")
    assert not run("ultravox", "read-only").needs.met("tombstones")
    assert not run("cartesia").needs.met("tombstones")


@pytest.mark.parametrize(
    ("made", "needs", "read_only", "verdict", "words"),
    [
        ({}, ("calls",), False, "untestable", "needs a state URL (--state-url) or preloaded ids (config)"),
        ({}, ("states",), False, "untestable", "needs a state URL (--state-url)"),
        ({"given": ENDED, "absent": "get"}, ("calls", "get"), False, "not-applicable", "declared to be without get"),
        ({"profile": "read-only", "states": True}, (), False, "not-applicable", "left out by the profile read-only"),
        ({"profile": "stateless"}, ("calls",), False, "not-applicable", "left out by the profile stateless"),
        ({"profile": "stateless"}, ("deleted",), True, "not-applicable", "left out by the profile stateless"),
    ],
)
def test_what_is_left_out_says_why(
    made: dict[str, Any], needs: tuple[str, ...], verdict: Verdict, words: str, *, read_only: bool
) -> None:
    found = run(**made).needs.left_out(needs, read_only=read_only)
    assert found is not None
    assert found[0] == verdict
    assert words in found[1]


def test_a_profile_leaves_in_what_it_allows() -> None:
    assert run(profile="read-only").needs.left_out((), read_only=True) is None
    assert run(profile="stateless").needs.left_out(("get",), read_only=False) is None
    known = run(profile="stateless", given={"deleted": ["d1"]})
    assert known.needs.left_out(("deleted",), read_only=True) is None
