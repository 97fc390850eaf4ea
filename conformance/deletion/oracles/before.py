"""What a call shows before anybody deletes it."""

from collections.abc import Iterable, Iterator

from conformance.contracts import pointer
from conformance.deletion.call import Call, View
from conformance.deletion.oracles.comparing import is_nothing
from conformance.deletion.oracles.erased import held_fields
from conformance.deletion.oracles.evidence import operation
from conformance.results.findings import Shown, Violation

__all__ = ["not_retained", "omits_for_kind", "shows_for_kind", "unmarked_before"]


def unmarked_before(call: Call, view: View, marker: str) -> Iterator[Violation]:
    """A call that was never deleted has no marker, or a null one."""
    value = pointer.get(view.record, marker)
    if not is_nothing(value):
        yield Violation(
            "marked-before",
            f"{operation(view.exchange, call.id)} returns {marker} for a call that was never deleted",
            "absent or null",
            Shown(value),
            view.where,
            about=(view.exchange,),
        )


def not_retained(call: Call, fields: Iterable[str]) -> Iterator[Violation]:
    """A zero-retention call shows none of the sensitive fields even before its deletion."""
    for place in held_fields(call, fields):
        yield Violation(
            "retained",
            f"a zero-retention call returns {place} before DELETE",
            "not retained",
            "content",
            place,
            about=(call.shown,) if call.shown else (),
        )


def shows_for_kind(call: Call, view: View, fields: Iterable[str], kind: str) -> Iterator[Violation]:
    """A call of this kind shows the fields that it was set up with."""
    for place in fields:
        found = pointer.get(view.record, place)
        if is_nothing(found):
            yield Violation(
                "missing",
                f"{operation(view.exchange, call.id)} returns no {place} for a {kind} call that was set up with it",
                "present",
                Shown(found),
                f"{view.where} {place}",
                about=(view.exchange,),
            )


def omits_for_kind(call: Call, view: View, fields: Iterable[str], kind: str) -> Iterator[Violation]:
    """A call of this kind has none of the fields."""
    for place in fields:
        found = pointer.get(view.record, place)
        if not is_nothing(found):
            yield Violation(
                "present",
                f"{operation(view.exchange, call.id)} returns {place} for a {kind} call",
                "omitted",
                Shown(found),
                f"{view.where} {place}",
                about=(view.exchange,),
            )
