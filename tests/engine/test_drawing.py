"""Picks: labelled, made on purpose, replayed, made smaller."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.engine.drawing import Choices, OnPurpose, Random, Replay, pick

OPTIONS = ["simple", "odd", "odder", "oddest"]


@given(st.integers())
def test_the_first_case_on_purpose_is_the_simplest_of_everything(seed: int) -> None:
    log: Choices = {}
    assert [pick(OnPurpose(seed, 0), log, label, OPTIONS) for label in "abc"] == ["simple"] * 3
    assert set(log.values()) == {0}


@given(st.integers(), st.integers(1, 16), st.text(max_size=4))
def test_every_option_comes_up_in_as_many_cases_as_there_are_options(seed: int, size: int, label: str) -> None:
    seen = [OnPurpose(seed, number).index(label, size) for number in range(1, size + 1)]
    assert sorted(seen) == list(range(size))


def test_later_decks_bring_options_into_new_company() -> None:
    pairs = Counter(
        (OnPurpose(1, number).index("one", 4), OnPurpose(1, number).index("other", 4)) for number in range(1, 65)
    )
    assert len(pairs) > 12, "two picks that always meet the same way would leave most pairs untried"


def test_a_plan_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    plan = [[OnPurpose(seed, n).index("label", 16) for n in range(1, 17)] for seed in (1, 1, 2)]
    assert plan[0] == plan[1] != plan[2]


def test_a_label_used_again_gets_a_number() -> None:
    log: Choices = {}
    for _ in range(3):
        pick(Replay({"turn": 1, "turn (2)": 2}), log, "turn", OPTIONS)
    assert log == {"turn": 1, "turn (2)": 2, "turn (3)": 0}


def test_a_single_option_needs_no_choice() -> None:
    log: Choices = {}
    assert pick(Replay({"only": 9}), log, "only", ["one"]) == "one"
    assert log == {"only": 0}


def test_a_replay_makes_the_known_choices_and_fits_them_to_fewer_options() -> None:
    log: Choices = {}
    replay = Replay({"a": 3, "b": 3})
    assert pick(replay, log, "a", OPTIONS) == "oddest"
    assert pick(replay, log, "b", OPTIONS[:2]) == "odd"
    assert pick(replay, log, "new", OPTIONS) == "simple"


def test_random_choices_stay_within_the_options_and_reach_the_last() -> None:
    seen: set[int] = set()

    @settings(max_examples=100, database=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        seen.add(Random(data).index("a", 4))

    check()
    assert seen == {0, 1, 2, 3}
