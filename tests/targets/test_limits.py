"""The bounds that a run keeps on a server that is not its own."""

import pytest

from conformance.targets.limits import LimitReached, Limits
from conformance.targets.target import Target


def limits(workers: int = 1, *, embedded: bool = False, **bounds: int) -> Limits:
    return Limits(Target("http://h", embedded=embedded, **bounds), workers)  # type: ignore[arg-type] # numbers all


def test_the_bounds_by_default_are_those_of_the_design() -> None:
    target = Target("http://h")
    assert (target.max_calls, target.max_tombstones, target.max_accounts) == (600, 15_000, 60)
    assert (target.max_native_calls, target.max_wrong_credentials, target.wrong_credentials_per_minute) == (20, 150, 25)


def test_what_would_go_beyond_a_bound_is_not_made_and_the_words_name_its_key() -> None:
    bounded = limits(max_tombstones=10)
    bounded.take("tombstones", 8)
    with pytest.raises(LimitReached, match="max_tombstones = 10"):
        bounded.take("tombstones", 3)
    bounded.take("tombstones", 2)
    assert bounded.used["tombstones"] == 10


def test_each_requirement_gets_an_equal_share_of_what_is_left() -> None:
    bounded = limits(max_calls=100)
    bounded.expect(10)
    bounded.begin()
    bounded.take("calls", 9)
    assert not bounded.spent
    bounded.take("calls")
    assert bounded.spent
    bounded.expect(9)
    bounded.begin()
    assert not bounded.spent
    # One case may need more than a share; the others then get less, never more than the whole.
    bounded.take("calls", 50)
    bounded.expect(8)
    bounded.begin()
    bounded.take("calls", 5)
    assert bounded.spent


def test_accounts_end_with_the_share_and_a_requirement_can_do_without() -> None:
    bounded = limits(max_accounts=4)
    bounded.expect(2)
    bounded.begin()
    bounded.take("accounts", 2)
    with pytest.raises(LimitReached):
        bounded.take("accounts")
    assert not bounded.spent


def test_workers_share_the_bounds() -> None:
    one_of_four = limits(4, max_calls=8)
    one_of_four.take("calls", 2)
    with pytest.raises(LimitReached):
        one_of_four.take("calls")


def test_wrong_credentials_are_so_many_a_minute_and_so_many_a_run() -> None:
    bounded = limits(max_wrong_credentials=100, wrong_credentials_per_minute=3)
    assert [bounded.try_credential() for _ in range(5)] == [True, True, True, False, False]
    few = limits(max_wrong_credentials=2)
    assert [few.try_credential() for _ in range(3)] == [True, True, False]


def test_the_embedded_server_is_the_suites_own_and_has_no_bounds() -> None:
    free = limits(embedded=True, max_calls=1)
    free.expect(1)
    free.begin()
    free.take("calls", 5_000)
    assert not free.spent
    assert all(free.try_credential() for _ in range(300))
