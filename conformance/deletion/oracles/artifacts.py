"""What belongs to a call beside its record: served no more after its deletion, and as before without one."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.contracts import pointer
from conformance.contracts.terms import Artifact, Role
from conformance.deletion.call import Call
from conformance.deletion.oracles.comparing import equal
from conformance.deletion.oracles.evidence import operation
from conformance.http.exchange import Exchange
from conformance.results.findings import Violation

__all__ = ["gone", "half_gone", "not_served", "not_served_before", "same_artifact", "served_as_before"]


def not_served(role: Role, answer: Exchange, call_id: str) -> Iterator[Violation]:
    """An artifact of a deleted call is not served."""
    if _content(answer):
        yield Violation(
            "still-served",
            f"{operation(answer, call_id)} still serves the {role} after DELETE",
            "no content",
            f"{answer.status} with {len(answer.body)} bytes",
            f"{role} {answer.status}",
            about=(answer,),
        )


def gone(call: Call, role: Artifact, after: Exchange, status: int | None = None) -> Iterator[Violation]:
    """What was served before is served no longer; with `status`, the answer has that one."""
    before = call.artifacts.get(role)
    if before is None or not _content(before):
        return
    if status is None:
        yield from not_served(role, after, call.id)
    elif not _content(after) and after.status != status:
        yield Violation(
            "status",
            f"{operation(after, call.id)} answers {after.status} instead of {status} after DELETE",
            str(status),
            str(after.status),
            str(after.status),
            about=(before, after),
        )


def half_gone(call: Call, role: Artifact, after: Exchange) -> Iterator[Violation]:
    """While deletion fails, no artifact is served of a call that has the marker."""
    for violation in gone(call, role, after):
        yield replace(
            violation,
            code="half-marked",
            message=f"{operation(after, call.id)} serves the {role} of a call with a marker while deletion fails",
            expected="no marker before the erasure is whole",
            where=role,
        )


def not_served_before(call: Call, role: Artifact) -> Iterator[Violation]:
    """Of a call that retains nothing, an artifact is not served even before its deletion."""
    answer = call.artifacts.get(role)
    if answer is not None and _content(answer):
        yield Violation(
            "retained",
            f"{operation(answer, call.id)} serves the {role} of a zero-retention call before DELETE",
            "not retained",
            f"{answer.status} with {len(answer.body)} bytes",
            role,
            about=(answer,),
        )


def served_as_before(
    call: Call, role: Artifact, looks: tuple[Exchange, Exchange], after: Exchange, content: str | None, *, whose: str
) -> Iterator[Violation]:
    """An artifact of a call that nobody deleted is served as on two looks before."""
    first, second = looks
    if not same_artifact(first, second, after, content):
        yield Violation(
            "changed",
            f"{operation(after, call.id)} no longer serves the {role} of {whose} as before",
            f"{second.status}, the same content",
            f"{after.status}" if after.status != second.status else f"{after.status}, other content",
            role,
            about=(second, after),
        )


def same_artifact(first: Exchange, second: Exchange, after: Exchange, content: str | None) -> bool:
    """Whether an artifact is served as it was on two looks before: its content, where that held still.

    `content` is the JSON pointer of what the contract promises of it; without one, what held still of a JSON object is
    its content. What is no JSON is compared by media type and length, and by its bytes where they held still.
    """
    if not (first.ok and second.ok):
        return True
    if not after.ok:
        return False
    parts = [_artifact(one, content) for one in (first, second, after)]
    if all(isinstance(part, dict) for part in parts):
        held = [key for key, value in parts[0].items() if equal(parts[1].get(key), value)]
        return all(equal(parts[1].get(key), parts[2].get(key)) for key in held)
    if first.parsed.error is None and second.parsed.error is None:
        return not equal(parts[0], parts[1]) or equal(parts[1], parts[2])
    if first.body == second.body:
        return after.body == second.body
    return _form(first) != _form(second) or _form(second) == _form(after)


def _artifact(answer: Exchange, content: str | None) -> Any:
    return answer.json if content is None else pointer.get(answer.json, content)


def _form(answer: Exchange) -> tuple[str, int]:
    media = (answer.header("content-type") or "").partition(";")[0].strip().lower()
    return media, len(answer.body)


def _content(answer: Exchange) -> bool:
    """Whether an answer holds anything of an artifact; an envelope around an empty list does not."""
    value = answer.json
    if isinstance(value, dict):
        return answer.ok and any(inner for inner in value.values() if isinstance(inner, list | dict))
    return answer.ok and bool(answer.body) and value not in ("", [])
