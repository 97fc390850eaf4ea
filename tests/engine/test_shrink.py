"""A failing case is made small with few tries."""

import pytest

from conformance.engine.drawing import Choices
from conformance.engine.shrink import simplest


class Target:
    """Fails where some choices are at least as odd as given; counts how often it was tried."""

    def __init__(self, **needed: int) -> None:
        self.needed = needed
        self.tries = 0

    def fails(self, choices: Choices) -> Choices | None:
        self.tries += 1
        return dict(choices) if all(choices.get(k, 0) >= v for k, v in self.needed.items()) else None


@pytest.mark.parametrize("needed", [{}, {"a0": 2}, {"a0": 1, "a39": 1}, {"a7": 3, "a8": 1, "a30": 2}])
def test_only_what_matters_stays_odd_and_is_as_simple_as_may_be(needed: dict[str, int]) -> None:
    target = Target(**needed)
    known = {f"a{n}": 3 for n in range(40)}
    smallest = simplest(known, target.fails)
    assert {label: choice for label, choice in smallest.items() if choice} == needed
    assert target.tries <= 40


def test_a_case_that_no_longer_fails_stays_as_it_is() -> None:
    assert simplest({"a": 2, "b": 1}, lambda _: None) == {"a": 2, "b": 1}


def test_picks_that_a_simpler_case_never_makes_are_gone() -> None:
    def fails(choices: Choices) -> Choices | None:
        return {"a": choices["a"]} if choices["a"] == 0 else {"a": choices["a"], "only with a": 4}

    assert simplest({"a": 1, "only with a": 4}, fails) == {"a": 0}


def test_a_case_without_odd_choices_is_not_tried_again() -> None:
    target = Target()
    assert simplest({"a": 0}, target.fails) == {"a": 0}
    assert target.tries == 0
