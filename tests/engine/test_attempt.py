"""A case that the network disturbed is void, and driven anew as a whole, with new names."""

from collections.abc import Callable, Iterator

import pytest

from conformance.contracts.loading import load
from conformance.contracts.terms import Requirement
from conformance.engine.attempt import Attempts
from conformance.engine.context import Context
from conformance.engine.drawing import OnPurpose
from conformance.engine.rule import Rule
from conformance.engine.run import Run
from conformance.engine.stops import Broken, NotReached
from conformance.http.exchange import Request
from conformance.http.safety import UnsafePath
from conformance.http.session import Disturbance
from conformance.results.findings import Violation
from conformance.targets.target import Target
from tests.support import serving

ASKED = Request("GET", "http://h/a", operation="op")
Body = Callable[[Context], Iterator[Violation]]


@pytest.fixture
def run() -> Iterator[Run]:
    with serving(lambda _: (404, {}, b"")) as server:
        yield Run(load("cartesia"), Target(server.url, "key-of-the-test"), seed=1, depth=4, nonce="n")


def attempts(run: Run, body: Body) -> Attempts:
    rule = Rule("r", body)
    return Attempts(run, Requirement(id="cartesia.r", rule="r", level="MUST", says="w", at="source.md:1"), rule)


def disturbed(times: int, seen: list[tuple[str, int]]) -> Body:
    """A case that is disturbed so many times at the same step before it comes to its end."""

    def body(context: Context) -> Iterator[Violation]:
        seen.append((context.token(), context.pick("choice", [0, 1, 2, 3])))
        if len(seen) <= times:
            raise Disturbance(ASKED, "no answer in time")
        yield from ()

    return body


@pytest.mark.parametrize("times", [1, 2])
def test_it_is_driven_anew_with_the_same_choices_and_other_names(run: Run, times: int) -> None:
    seen: list[tuple[str, int]] = []
    one = attempts(run, disturbed(times, seen))
    assert one.example(OnPurpose(1, 2)) is None
    assert (one.reached, one.outcome.examples, one.outcome.disturbed) == (1, 1, 0)
    assert len({name for name, _ in seen}) == times + 1
    assert len({choice for _, choice in seen}) == 1
    assert run.tally.disturbances == times


def test_the_same_step_three_times_is_a_finding_while_others_are_answered(run: Run) -> None:
    one = attempts(run, disturbed(9, []))
    failure = one.example(OnPurpose(1, 0))
    assert failure is not None
    assert [(v.code, v.observed) for v in failure.violations] == [("no-answer", "no answer in time")]


def test_disturbances_at_ever_other_steps_are_no_finding_but_a_case_that_does_not_count(run: Run) -> None:
    tries = 0

    def body(context: Context) -> Iterator[Violation]:
        nonlocal tries
        tries += 1
        raise Disturbance(Request("GET", "http://h/a", operation=f"op{tries}"), "connection broken")
        yield

    one = attempts(run, body)
    assert one.example(OnPurpose(1, 0)) is None
    assert (one.reached, one.outcome.disturbed) == (0, 1)
    assert list(one.vacuous) == ["the target was disturbed"]


def test_what_a_void_case_saw_is_no_finding(run: Run) -> None:
    tries = 0

    def body(context: Context) -> Iterator[Violation]:
        nonlocal tries
        tries += 1
        if tries == 1:
            yield Violation("half", "seen before the disturbance", "", "")
            raise Disturbance(ASKED, "connection broken")

    assert attempts(run, body).example(OnPurpose(1, 0)) is None


def test_a_state_url_that_is_never_answered_breaks_the_run_and_accuses_nobody(run: Run) -> None:
    def body(context: Context) -> Iterator[Violation]:
        raise Disturbance(Request("POST", "http://h/s", operation="state URL"), "no answer in time")
        yield

    with pytest.raises(Broken, match="state URL: no answer in time"):
        attempts(run, body).example(OnPurpose(1, 0))


def test_a_target_that_answers_nothing_any_more_ends_the_run() -> None:
    run = Run(load("cartesia"), Target("http://127.0.0.1:9", "key-of-the-test"), seed=1, depth=4)
    with pytest.raises(Broken, match="target unreachable: connection refused") as ended:
        attempts(run, disturbed(1, [])).example(OnPurpose(1, 0))
    assert ended.value.final


@pytest.mark.parametrize("why", [NotReached("not so"), UnsafePath("not sent")])
def test_what_was_not_reached_is_counted_and_proves_nothing(run: Run, why: Exception) -> None:
    def body(context: Context) -> Iterator[Violation]:
        raise why
        yield

    one = attempts(run, body)
    assert one.example(OnPurpose(1, 0)) is None
    assert (one.reached, one.outcome.proof) == (0, [])
    assert list(one.vacuous) == [str(why)]
