"""What must hold of every answer, whatever it answers: pure functions."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from conformance.contracts.contract import Contract
from conformance.contracts.document import Operation
from conformance.http.exchange import Exchange
from conformance.results.findings import Shown, Violation

__all__ = ["documented", "fits_schema", "no_5xx", "well_formed"]

_ANYWHERE: Mapping[str, Collection[int]] = {
    "bad-credential": {401, 403},
    "malformed": {405},
    # One of several DELETEs may be told of the others (DESIGN, 10a, "At the same moment").
    "at-once": {409, 423},
    # How another account is refused is not documented (DESIGN, 10: auth.other-account).
    "other-account": {401, 403, 404},
    "range": {206, 416},
}
"""Undocumented statuses that HTTP itself gives a request of this intent."""


_MISSING = {404, 405, 501}
"""What a server answers to an operation that it does not have."""


def documented(contract: Contract, operation: Operation, exchange: Exchange) -> Iterator[Violation]:
    """The status is documented, declared tolerable, or where HTTP itself puts it."""
    intent = exchange.request.intent
    lawful = {*map(int, filter(str.isdecimal, operation.responses)), *_ANYWHERE.get(intent, ()), 429}
    lawful |= contract.terms.tolerates(intent)
    # A supporting operation need not be there at all.
    lawful |= _MISSING if operation.optional else set()
    # 5xx of odd requests are for `no_5xx`, so that each defect is told once.
    odd = intent not in {"regular", "at-once"}
    if exchange.status not in lawful and not (odd and exchange.status >= 500):
        promised = ", ".join(sorted(operation.responses))
        yield Violation(
            "undocumented-status",
            f"{operation.method} {operation.path} answers with a status that is not documented",
            f"one of {promised}",
            str(exchange.status),
            f"{operation.id} {exchange.status}",
            about=(exchange,),
        )


def fits_schema(contract: Contract, operation: Operation, exchange: Exchange) -> Iterator[Violation]:
    """The body is JSON of the promised media type and fits the schema of its status, formats included."""
    schema = contract.document.response_schema(operation, exchange.status)
    if schema is None:
        return
    what = f"the {exchange.status} answer of {operation.method} {operation.path}"
    media = (exchange.header("content-type") or "").partition(";")[0].strip().lower()
    if media != "application/json":
        yield Violation(
            "media-type",
            f"{what} is not declared as JSON",
            "application/json",
            Shown(media) if media else "no content type",
            operation.id,
            about=(exchange,),
        )
    if exchange.parsed.error is not None:
        found = exchange.parsed.error if exchange.body else "an empty body"
        yield Violation("not-json", f"{what} is no JSON", "a JSON document", found, operation.id)
        return
    for error in contract.document.compiled(schema).iter_errors(exchange.json):
        place = "/" + "/".join("*" if isinstance(step, int) else str(step) for step in error.instance_path)
        yield Violation(
            "schema",
            f"{what} does not fit its schema at {place}",
            _rule_of(error.schema_path),
            Shown(error.instance, _missing(error.kind)),
            f"{operation.id} {place} {_keyword(error.schema_path)}",
        )


def _rule_of(path: list[str | int]) -> str:
    return "the schema's " + "/".join(map(str, path))


def _missing(kind: Any) -> str:
    """What a value lacks, by the schema's own name for it."""
    name = getattr(kind, "property", None)
    return f" without {name}" if isinstance(name, str) else ""


def _keyword(path: list[str | int]) -> str:
    return str(path[-1]) if path else ""


def well_formed(operation: Operation, exchange: Exchange) -> Iterator[Violation]:
    """A JSON body reads alike in every parser: no repeated names, no lone surrogates."""
    if exchange.parsed.error is not None:
        return
    if exchange.parsed.duplicate_keys:
        names = list(exchange.parsed.duplicate_keys)
        where = f"{operation.id} {', '.join(names)}"
        yield Violation(
            "duplicate-keys",
            f"{operation.method} {operation.path} answers with an object that repeats a name",
            "unique names",
            Shown(names),
            where,
        )
    if exchange.parsed.lone_surrogate:
        yield Violation(
            "lone-surrogate",
            f"{operation.method} {operation.path} answers with half a character",
            "whole characters",
            "a lone surrogate",
            operation.id,
        )


def no_5xx(operation: Operation, exchange: Exchange) -> Iterator[Violation]:
    """Odd input, an unknown id or a bad credential is refused, not a failure of the server."""
    # A request with an odd version header may well begin a deletion, and 500 says that one did not complete.
    begun = exchange.request.intent == "bad-version" and operation.method == "DELETE" and exchange.status == 500
    if exchange.request.intent not in {"regular", "at-once"} and exchange.status >= 500 and not begun:
        kind, odd = exchange.request.intent, exchange.request.odd
        yield Violation(
            "server-error",
            f"{exchange.request.method} {operation.path} fails on a request that is {kind}"
            + (f": {odd}" if odd else ""),
            "a 4xx",
            str(exchange.status),
            f"{operation.id} {kind} {odd}".rstrip(),
        )
