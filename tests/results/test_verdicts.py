"""What a requirement and a run came to, and the exit code that says so."""

from itertools import permutations
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contracts.terms import Level, Requirement
from conformance.results.verdicts import EXIT_CODES, VERDICTS, WORST_FIRST, Overall, Verdict, exit_code, overall, worst
from tests.results.made import requirement

MUST, SHOULD, MAY = (requirement(level) for level in get_args(Level))


def test_every_verdict_and_every_overall_is_known() -> None:
    assert VERDICTS == ("fail", "error", "warn", "untestable", "observed", "not-applicable", "pass")
    assert set(VERDICTS) == set(get_args(Verdict))
    assert set(EXIT_CODES) == set(get_args(Overall))
    assert WORST_FIRST == (1, 3, 11, 10, 0)


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([(MUST, "pass")], "conformant"),
        ([(MAY, "observed")], "conformant"),
        ([(SHOULD, "warn")], "conformant-with-warnings"),
        ([(MUST, "pass"), (SHOULD, "warn"), (MAY, "observed")], "conformant-with-warnings"),
        ([(MUST, "pass"), (SHOULD, "untestable"), (MAY, "untestable")], "conformant"),
        ([(MUST, "pass"), (MUST, "not-applicable")], "conformant"),
        ([(MUST, "pass"), (SHOULD, "warn"), (MUST, "untestable")], "not-fully-verified"),
        ([(SHOULD, "warn"), (MUST, "untestable"), (MUST, "error")], "error"),
        ([(SHOULD, "error"), (MUST, "pass")], "error"),
        ([(MUST, "error"), (MUST, "fail"), (MUST, "untestable")], "non-conformant"),
        # No test is no proof.
        ([], "not-fully-verified"),
        ([(MUST, "not-applicable")], "not-fully-verified"),
        ([(SHOULD, "untestable"), (MUST, "not-applicable")], "not-fully-verified"),
    ],
)
def test_the_worst_decides_and_no_test_is_no_proof(verdicts: list[tuple[Requirement, Verdict]], expected: str) -> None:
    for order in permutations(verdicts):
        assert overall(iter(order)) == expected


@given(st.lists(st.tuples(st.sampled_from([MUST, SHOULD, MAY]), st.sampled_from(VERDICTS))))
def test_a_broken_must_is_never_hidden_and_nothing_else_is_one(seen: list[tuple[Requirement, Verdict]]) -> None:
    assert (overall(seen) == "non-conformant") is any(verdict == "fail" for _, verdict in seen)
    assert (EXIT_CODES[overall(seen)] == 0) <= any(verdict in {"pass", "warn", "observed"} for _, verdict in seen)


@pytest.mark.parametrize(
    ("verdict", "plain", "strict"),
    [
        ("conformant", 0, 0),
        ("conformant-with-warnings", 0, 1),
        ("non-conformant", 1, 1),
        ("not-fully-verified", 10, 10),
        ("error", 11, 11),
    ],
)
def test_the_exit_code_says_the_verdict(verdict: Overall, plain: int, strict: int) -> None:
    assert (exit_code(verdict, strict=False), exit_code(verdict, strict=True)) == (plain, strict)


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([0], 0),
        ([0, 10], 10),
        ([10, 11], 11),
        ([11, 3], 3),
        ([3, 1], 1),
        ([0, 10, 11, 3, 1], 1),
        # A run that did not end counts before all that did.
        ([1, 2], 2),
        ([4, 1], 4),
        ([5, 0], 5),
    ],
)
def test_of_several_runs_the_worst_code_counts(codes: list[int], expected: int) -> None:
    for order in permutations(codes):
        assert worst(iter(order)) == expected
