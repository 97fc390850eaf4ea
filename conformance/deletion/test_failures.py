"""Rules: deletion that fails, or whose answer is lost, and is asked for again."""

import time
from collections.abc import Iterator

from conformance.contracts import pointer
from conformance.deletion import oracles
from conformance.deletion.call import Call
from conformance.deletion.calls import STRAY_500, delete, fetch, look
from conformance.deletion.judging import must_be_gone, prove, sweep
from conformance.deletion.sources import ended_call
from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.engine.stops import NotReached
from conformance.engine.supporting import ARTIFACTS, can
from conformance.http.exchange import Exchange
from conformance.results.findings import Violation

__all__: list[str] = []


def _failing_call(context: Context) -> tuple[Call, int]:
    """An ended call whose next deletions fail, and how many do."""
    call = ended_call(context)
    times = context.pick("failures", [1, 2, 3])
    context.state(
        "deleting a call fails", call_id=call.id, times=times, stage=context.pick("stage", ["before", "during"])
    )
    return call, times


@rule("delete.retry-after-500", needs=("states",), proof=("before", "act", "after"))
def test_retrying_after_500_ends_in_full_redaction(context: Context) -> Iterator[Violation]:
    """After 500s, retrying ends in 200 and a fully redacted call."""
    call, times = _failing_call(context)
    answers = []
    for _ in range(times + STRAY_500 + 1):
        answers.append(delete(context, call, retry=False))
        if answers[-1].status != 500:
            break
        if context.pick(f"read after failure {len(answers)}", [False, True]):
            look(context, call)
    if answers[0].status == 200:
        raise NotReached("state handler: the deletion that was to fail did not")
    yield from oracles.status_is(answers[-1], 200, f"DELETE after {len(answers) - 1} answers of 500")
    if call.deleted is None:
        return
    call.views = [view for view in call.views if view.exchange.began >= call.deleted.began]
    context.prove("before", call.shown)
    context.prove("act", *answers)
    if context.pick("delete once more", [False, True]):
        delete(context, call)
    context.prove("after", *(view.exchange for view in look(context, call)))
    sweep(context, call)
    yield from must_be_gone(context, call)


@rule("delete.no-half-marked", needs=("states", "get"), proof=("before", "act", "after"))
def test_no_marker_beside_surviving_data(context: Context) -> Iterator[Violation]:
    """While deletion fails, no read shows the marker beside data that survives."""
    call, times = _failing_call(context)
    record = context.contract.record
    fields = [f for r in context.contract.bound("redact.omits") if r.level == "MUST" for f in r.data.fields]
    failed = False
    context.prove("before", call.shown)
    for _ in range(times):
        answer = delete(context, call, retry=False)
        if answer.status != 500:
            break
        failed = True
        context.prove("act", answer)
        for view in look(context, call):
            context.prove("after", view.exchange)
            if pointer.get(view.record, record.marker):
                yield from oracles.half_erased(call, view, record.marker, fields)
                for role in [role for role in ARTIFACTS if can(context, role)]:
                    yield from oracles.half_gone(call, role, fetch(context, role, call))
    if not failed:
        raise NotReached("state handler: the deletion that was to fail did not")


def _retried(context: Context, call: Call) -> Exchange:
    """DELETE again, until no earlier one is under way: a server may say that one is, and ask to come back."""
    answer = delete(context, call, overlapping=True)
    for _ in range(_PATIENCE):
        if answer.status not in {409, 423}:
            return answer
        context.wait(_PAUSE)
        answer = delete(context, call, overlapping=True)
    return answer


_PATIENCE, _PAUSE = 20, 0.1
"""How often, and after how many seconds each, a DELETE is asked again while an earlier one is under way."""


@rule("delete.lost-reply", needs=("calls",), proof=("before", "act", "after"))
def test_retry_after_a_lost_reply(context: Context) -> Iterator[Violation]:
    """The client hangs up before reading the answer; the retry answers 200 and the call is redacted."""
    call = ended_call(context, fresh=True)
    call.lost = time.time()
    for number in range(context.pick("lost replies", [1, 2])):
        context.hang_up(context.request("delete", call.id), context.pick(f"hang up after {number}", [0.0, 0.005, 0.03]))
    answer = _retried(context, call)
    yield from oracles.status_is(answer, 200, "DELETE again after the answer was lost")
    if call.deleted is None:
        return
    look(context, call)
    prove(context, call)
    sweep(context, call)
    yield from must_be_gone(context, call)
