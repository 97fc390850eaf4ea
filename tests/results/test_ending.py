"""One place says how a run, and the session that holds it, ended."""

import pytest

from conformance.results.ending import Ending, session_code, unwritten_code
from conformance.results.verdicts import EXIT_CODES, Overall


@pytest.mark.parametrize(("overall", "code"), EXIT_CODES.items())
@pytest.mark.parametrize("status", [0, 1, 4])
def test_a_run_that_came_to_its_end_exits_by_its_verdict(overall: Overall, code: int, status: int) -> None:
    assert Ending(status).code(overall, strict=False) == code


def test_strict_makes_warnings_failures() -> None:
    assert Ending(0).code("conformant-with-warnings", strict=True) == 1
    assert Ending(0).code("conformant", strict=True) == 0


@pytest.mark.parametrize("status", [2, 3, 5])
@pytest.mark.parametrize("overall", EXIT_CODES)
def test_a_run_that_did_not_come_to_its_end_exits_as_pytest_does(overall: Overall, status: int) -> None:
    assert Ending(status, crashed=True, internal_errors=1).code(overall, strict=True) == status


@pytest.mark.parametrize("lost", [Ending(0, crashed=True), Ending(1, internal_errors=1), Ending(0, True, 2)])
@pytest.mark.parametrize("overall", EXIT_CODES)
def test_what_broke_of_the_suite_is_3_beside_anything_but_a_failed_must(overall: Overall, lost: Ending) -> None:
    assert lost.code(overall, strict=False) == (1 if overall == "non-conformant" else 3)


def test_without_its_file_a_run_proves_nothing_but_what_failed() -> None:
    assert {overall: unwritten_code(overall) for overall in EXIT_CODES} == {
        overall: 1 if overall == "non-conformant" else 4 for overall in EXIT_CODES
    }


@pytest.mark.parametrize(
    ("status", "codes", "others_failed", "broke", "code"),
    [
        (0, [0, 0], False, False, 0),
        (0, [0, 10], False, False, 10),
        (1, [10, 11, 3, 1, 0], False, False, 1),
        (1, [10, 11, 3, 0], False, False, 3),
        (1, [10, 11, 0], False, False, 11),
        (1, [0], True, False, 1),
        (1, [3], True, False, 1),
        (0, [0], False, True, 3),
        (0, [], False, True, 3),
        (1, [], True, False, 1),
        (0, [], False, False, 0),
        (0, [4], False, False, 4),
        (2, [2, 0], False, False, 2),
        (3, [0], True, True, 3),
        (5, [5], False, False, 5),
    ],
)
def test_a_session_exits_by_the_worst_of_what_it_holds(
    status: int, codes: list[int], *, others_failed: bool, broke: bool, code: int
) -> None:
    assert session_code(status, codes, others_failed=others_failed, broke=broke) == code
