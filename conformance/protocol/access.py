"""What an answer must not show or do to whom it is not for: pure functions from exchanges to violations."""

from collections.abc import Collection, Iterable, Iterator

from conformance.contracts import pointer
from conformance.contracts.document import Operation
from conformance.contracts.terms import Role
from conformance.http.exchange import Exchange
from conformance.listing.pages import id_of
from conformance.results.findings import Violation

__all__ = [
    "answered_as_unknown",
    "call_in",
    "items_of",
    "refused",
    "refused_by_status",
    "shows_nothing",
    "shows_nothing_foreign",
    "version_never_fails",
]


def _name(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def _with(kind: str) -> str:
    return "without a credential" if kind == "none" else f"with a credential that is {kind}"


def refused(operation: Operation, role: Role, kind: str, answer: Exchange) -> Iterator[Violation]:
    """A request without the right credential is answered with a 4xx."""
    if not 400 <= answer.status < 500:
        code = "accepted" if answer.ok else "status"
        where = f"{role} {kind if answer.ok else ''} {answer.status}"
        message = f"{_name(operation)} {_with(kind)} is not refused"
        yield Violation(code, message, "a 4xx", str(answer.status), where, about=(answer,))


def refused_by_status(operation: Operation, role: Role, kind: str, answer: Exchange) -> Iterator[Violation]:
    """What is refused for its credential is refused with 401 or 403; what is no refusal is for `refused`."""
    if 400 <= answer.status < 500 and answer.status not in {401, 403}:
        message = f"{_name(operation)} {_with(kind)} is refused with another status"
        where = f"{role}  {answer.status}"
        yield Violation("status", message, "401 or 403", str(answer.status), where, about=(answer,))


def shows_nothing(
    operation: Operation, role: Role, kind: str, answer: Exchange, shown: Iterable[str]
) -> Iterator[Violation]:
    """An answer to a request without the right credential shows nothing; `shown` names what it does show."""
    for what in shown:
        message = f"{_name(operation)} {_with(kind)} shows {what}"
        yield Violation("shown", message, "nothing of a call", what, f"{role} {what}", about=(answer,))


def shows_nothing_foreign(operation: Operation, answer: Exchange, shown: Iterable[str]) -> Iterator[Violation]:
    """An answer to another account shows nothing of a call; `shown` names what it does show."""
    for what in shown:
        yield Violation(
            "foreign",
            f"{_name(operation)} by another account shows {what}",
            "nothing of another account",
            f"{answer.status}; {what}",
            f"{operation.id} {what}",
            about=(answer,),
        )


def answered_as_unknown(operation: Operation, role: Role, unknown: Exchange, answer: Exchange) -> Iterator[Violation]:
    """Another account's call is answered with the status that an unknown id is answered with."""
    if answer.status != unknown.status:
        yield Violation(
            "not-as-unknown",
            f"{_name(operation)} of another account's call is not answered as an unknown id's",
            str(unknown.status),
            str(answer.status),
            f"{role} {answer.status}",
            about=(unknown, answer),
        )


def version_never_fails(operation: Operation, header: str, kind: str, answer: Exchange) -> Iterator[Violation]:
    """A request whose version header is missing or unknown does not make the server fail."""
    if answer.status >= 500:
        message = f"{_name(operation)} with a {header} header that is {kind} makes the server fail"
        where = f"{operation.id} {kind}"
        yield Violation("server-error", message, "no 5xx", str(answer.status), where, about=(answer,))


def call_in(
    answer: Exchange,
    call_id: str,
    place: str,
    *,
    items: str | None,
    artifact: Exchange | None,
    traces: Iterable[str],
) -> list[str]:
    """What an answer shows of a call, in words.

    `place` is where a record has its id, `items` where the answer has its list, if it is to one, `artifact` what was
    served before of what the answer is about, and `traces` are places of the call whose content shows in the answer.
    """
    found = [f"content of {trace}" for trace in traces]
    if answer.ok and id_of(answer.json, place) == call_id:
        found.append("its record")
    listed = None if items is None else pointer.get(answer.json, items)
    if isinstance(listed, list) and any(id_of(item, place) == call_id for item in listed):
        found.append("its item on a list")
    if artifact is not None and artifact.ok and answer.ok and answer.body:
        found.append("what belongs to it")
    return found


def items_of(answer: Exchange, items: str, place: str, ids: Collection[str]) -> int:
    """How many of these calls an answer shows, as items of its list or as the one record that it is."""
    listed = pointer.get(answer.json, items)
    shown = listed if isinstance(listed, list) else [answer.json]
    return sum(id_of(item, place) in ids for item in shown) if answer.ok else 0
