"""What a request is answered: the status that is promised, and the call's own record."""

from collections.abc import Iterable, Iterator

from conformance.contracts import pointer
from conformance.contracts.pointer import JsonObject
from conformance.deletion.call import Call, record_in
from conformance.deletion.oracles.comparing import changed, field_of
from conformance.deletion.oracles.evidence import operation, seen
from conformance.http.exchange import Exchange
from conformance.results.findings import Shown, Violation

__all__ = [
    "answers_own_record",
    "answers_the_record",
    "cancelled",
    "refused",
    "same_record",
    "status_is",
    "still_listed",
    "still_readable",
]


def status_is(answer: Exchange, expected: int, done: str) -> Iterator[Violation]:
    """The answer to what was done has the one status that is promised."""
    if answer.status != expected:
        where = f"{answer.request.method} {answer.status}"
        message = f"{done} answers {answer.status} instead of {expected}"
        yield Violation("status", message, str(expected), str(answer.status), where, about=(answer,))


def refused(answer: Exchange, kind: str) -> Iterator[Violation]:
    """DELETE of an id that no server issues, told by its kind, is refused: any 4xx."""
    if not 400 <= answer.status < 500:
        yield Violation(
            "status",
            f"DELETE of an odd id ({kind}) answers {answer.status} instead of a 4xx",
            "any 4xx",
            str(answer.status),
            f"odd {answer.status // 100}xx",
            about=(answer,),
        )


def cancelled(answer: Exchange) -> Iterator[Violation]:
    """A started call can be cancelled."""
    if not answer.ok:
        status = str(answer.status)
        message = f"cancelling a started call answers {status} instead of a 2xx"
        yield Violation("not-cancelled", message, "2xx", status, status, about=(answer,))


def answers_the_record(call: Call, answer: Exchange, place: str) -> Iterator[Violation]:
    """A DELETE that is answered 200 answers with the call's record, known by its id."""
    found = pointer.get(answer.json, place)
    if answer.status == 200 and found != call.id:
        yield Violation(
            "not-the-record",
            f"{operation(answer, call.id)} answers 200 without the call's record: {place} is not its id",
            f"{place}: {call.id}",
            Shown(found),
            about=seen(call, answer),
        )


def answers_own_record(call: Call, answer: Exchange, place: str) -> Iterator[Violation]:
    """A GET of a deleted call that is answered 200 answers with its record and no other."""
    found = pointer.get(answer.json, place)
    if answer.status == 200 and found != call.id:
        yield Violation(
            "another-record",
            f"{operation(answer, call.id)} returns another {place} after DELETE",
            "its own id",
            Shown(found),
            about=seen(call, answer),
        )


def same_record(first: Exchange, again: Exchange, known: Iterable[str], marker: str) -> Iterator[Violation]:
    """Two answers hold the same record: the contract's own fields, the marker aside."""
    for name in changed(first.json, again.json, known):
        if f"/{name}" != marker:
            yield Violation(
                "another-record",
                f"repeated DELETEs of one call answer with another /{name}",
                Shown(field_of(first.json, name)),
                Shown(field_of(again.json, name)),
                f"/{name}",
                about=(first, again),
            )


def still_readable(call: Call, answer: Exchange) -> Iterator[Violation]:
    """A deleted call can still be read: 200 and its redacted record."""
    if record_in(answer) is None:
        yield Violation(
            "vanished",
            f"{operation(answer, call.id)} answers {answer.status} without a record after DELETE",
            "200 and its redacted record",
            str(answer.status),
            about=seen(call, answer),
        )


def still_listed(
    call: Call, page: Exchange, item: JsonObject | None, whose: str = "a deleted call", where: str = ""
) -> Iterator[Violation]:
    """A call that the list held is on it still: `item`, as found on its page, or on none up to the last `page`."""
    if item is None:
        yield Violation(
            "vanished",
            f"{operation(page, call.id)} no longer lists {whose}",
            "its record on the list",
            f"{page.status} without it",
            where,
            about=seen(call, page),
        )
