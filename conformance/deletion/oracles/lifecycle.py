"""What must be true of a call at each step of its life, and whether an answer agrees with it."""

from collections.abc import Iterator
from dataclasses import dataclass

from conformance.contracts import pointer
from conformance.deletion.call import Call, View
from conformance.deletion.oracles.answers import status_is
from conformance.deletion.oracles.evidence import operation, seen
from conformance.http.exchange import Exchange
from conformance.results.findings import Shown, Violation

__all__ = ["Life", "deletion_agrees", "refuses_to_cancel", "status_agrees"]


@dataclass
class Life:
    """What must be true of a call now. `status` is unknown after a cancellation: the contract names none.

    `failures` is how many of the next deletions were made to fail.
    """

    status: str | None
    terminal: bool
    deleted: bool = False
    failures: int = 0


def deletion_agrees(life: Life, answer: Exchange, refusal: int) -> Iterator[Violation]:
    """DELETE is refused before the end of a call, and then succeeds, unless it was made to fail."""
    if not life.terminal:
        yield from status_is(answer, refusal, "DELETE of an active call")
    elif not (life.failures and answer.status == 500):
        yield from status_is(answer, 200, "DELETE of an ended call, in the middle of its life,")


def status_agrees(call: Call, life: Life, view: View, place: str) -> Iterator[Violation]:
    """The record has the status that its life made it, where that is known."""
    found = pointer.get(view.record, place)
    if life.status is not None and found != life.status:
        yield Violation(
            "status-differs",
            f"{operation(view.exchange, call.id)} returns another {place} than the call's life made it",
            life.status,
            Shown(found),
            view.where,
            about=(view.exchange,),
        )


def refuses_to_cancel(call: Call, life: Life, answer: Exchange) -> Iterator[Violation]:
    """A deleted call can't be cancelled."""
    if answer.ok and life.deleted:
        yield Violation(
            "cancelled-after-deletion",
            f"{operation(answer, call.id)} answers {answer.status} after DELETE",
            "refused",
            str(answer.status),
            about=seen(call, answer),
        )
