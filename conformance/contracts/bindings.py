"""What a rule reads of a contract beyond what every contract has: which parts, roles, and keys of its requirement.

A contract that binds a rule and lacks what it reads would break in the middle of a run.
"""

import string
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any, get_args

from msgspec import to_builtins

from conformance.contracts import pointer
from conformance.contracts.contract import Contract
from conformance.contracts.document import DocumentError
from conformance.contracts.terms import Artifact, Requirement, SeedAttribute

__all__ = ["DATA", "ROLES", "lacks"]

Fits = Callable[[Any], bool]


def _word(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _words(value: Any) -> bool:
    return isinstance(value, list | tuple) and bool(value) and all(map(_word, value))


def _place(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("/")


def _places(value: Any) -> bool:
    return _words(value) and all(map(_place, value))


def _status(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 100 <= value <= 599


def _artifact(value: Any) -> bool:
    return value in _ARTIFACTS


def _artifacts(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(_artifact, value))


def _part(*parts: str) -> tuple[Fits, str]:
    return lambda value: value in parts, " or ".join(parts)


_ARTIFACTS: tuple[str, ...] = get_args(Artifact)

_FIELDS: dict[str, tuple[Fits, str]] = {"fields": (_places, "a list of pointers")}
_STATUS: dict[str, tuple[Fits, str]] = {"status": (_status, "a status")}
_ARTIFACT: dict[str, tuple[Fits, str]] = {"artifact": (_artifact, "recording or logs")}

DATA: dict[str, dict[str, tuple[Fits, str]]] = {
    "delete.active-refused": _STATUS,
    "delete.unknown": _STATUS,
    "redact.omits": _FIELDS,
    "redact.absent-not-null": _FIELDS,
    "redact.observed": _FIELDS,
    "redact.keeps": _FIELDS,
    "redact.list": _FIELDS,
    "redact.already": _FIELDS,
    "redact.audio-gone": _ARTIFACT,
    "redact.logs-gone": _ARTIFACT,
    "redact.zero-retention": _FIELDS | {"artifacts": (_artifacts, "a list of recording and logs")},
    "call.phone-numbers": _FIELDS
    | {
        "when": (_place, "a pointer"),
        "present": (_words, "a list of values"),
        "omitted": (_words, "a list of values"),
    },
    "page.previous": {"part": _part("items", "presence")},
    "page.next-usable": {"part": _part("behaviour", "origin")},
    "filter.date-only": {"part": (_word, "margins, or a word for what else is looked at")},
    "filter.time-of-day": {"part": (_word, "margins, or a word for what else is looked at")},
    "tombstone.faithful": _FIELDS,
    "auth.required": {"roles": (_words, "a list of roles")},
}
"""The keys of a requirement's data that its rule can't do without, each with what it must be."""

_OPTIONAL: dict[str, tuple[Fits, str]] = {
    **_FIELDS,
    **_STATUS,
    "artifacts": (_artifacts, "a list of recording and logs"),
    "operations": (_words, "a list of operations"),
    "roles": (_words, "a list of roles"),
}
"""Keys of data that rules read where they are there."""

ROLES: dict[str, tuple[str, ...]] = {
    "delete.active-untouched": ("get",),
    "delete.after-cancel": ("cancel",),
    "delete.lifecycle": ("get",),
    "delete.no-half-marked": ("get",),
    "delete.only-this-call": ("get",),
    "delete.permanent": ("get",),
    "redact.already": ("get",),
    "redact.audio-gone": ("recording",),
    "redact.list": ("list",),
    "redact.logs-gone": ("logs",),
    "redact.retained": ("get",),
    "redact.unmarked-before": ("get",),
    "call.phone-numbers": ("get",),
}
"""Roles that some operation must have, beside the one that the rule's kind is about."""

_PARAMETERS: dict[str, tuple[str, ...]] = {
    "filter.agents": ("agents",),
    "filter.date-only": ("from", "to"),
    "filter.duration": ("shortest", "longest"),
    "filter.from": ("from", "to"),
    "filter.metadata": ("metadata",),
    "filter.partition": ("from", "to"),
    "filter.search": ("search",),
    "filter.time-of-day": ("day-start", "day-end"),
    "filter.to": ("from", "to"),
    "filter.voice": ("voice",),
}
_TOGETHER = {"day-start": "day-end", "day-end": "day-start", "shortest": "longest", "longest": "shortest"}

_OF_RECORD, _OF_LIST = ("delete.", "redact.", "call."), ("page.", "filter.", "tombstone.")
_SEEDS: tuple[str, ...] = get_args(SeedAttribute)
_NEED_ACTIVE = {"delete.active-refused", "delete.active-untouched", "delete.lifecycle"}

Lack = tuple[str, str]


def lacks(contract: Contract) -> Iterator[Lack]:
    """What a contract lacks, or has otherwise than it is read: the place in contract.yaml, and a sentence."""
    yield from _formats(contract)
    yield from _credential(contract)
    if contract.deletes:
        yield from (("$.record", what) for what in _of_record(contract))
    if contract.lists:
        yield from (("$.listing", what) for what in _of_listing(contract))
    for number, requirement in enumerate(contract.requirements):
        place = f"$.requirements[{number}]"
        # One after the other: what is of the wrong kind is told before it is read.
        for what in chain(_of_data(requirement), _of_kind(contract, requirement)):
            yield place, f"{requirement.id}: its rule {requirement.rule} needs {what}"


def _of_data(requirement: Requirement) -> Iterator[str]:
    needed, stated = DATA.get(requirement.rule, {}), to_builtins(requirement.data)
    for name, (fits, what) in {**_OPTIONAL, **needed}.items():
        if name in needed and name not in stated:
            yield f"data.{name}, {what}"
        elif name in stated and not fits(stated[name]):
            yield f"data.{name} to be {what}"


def _of_kind(contract: Contract, requirement: Requirement) -> Iterator[str]:
    rule, roles = requirement.rule, contract.roles
    if rule.startswith(_OF_RECORD) and not contract.deletes:
        yield "record"
    elif rule.startswith(_OF_LIST) and not contract.lists:
        yield "listing"
    needed = [*ROLES.get(rule, ())]
    needed += [str(requirement.data.artifact)] if rule in {"redact.audio-gone", "redact.logs-gone"} else []
    yield from (f"an operation with the role {role}" for role in needed if role not in roles)
    if rule in _NEED_ACTIVE and contract.deletes and not contract.record.active:
        yield "a status in record.active"
    named = contract.listing.parameters if contract.lists else {}
    yield from (f"listing.parameters.{name}" for name in _PARAMETERS.get(rule, ()) if name not in named)
    if rule.startswith("auth.") and contract.terms.security_scheme is None:
        yield "security_scheme"
    if rule.startswith(("auth.", "input.", "header.")) and not (contract.deletes or contract.lists):
        yield "record or listing"
    if rule == "auth.required" and not set(requirement.data.roles) & set(roles):
        yield "a role in data.roles that an operation has"
    if rule.startswith("header.") and not set(roles) & {"delete", "get", "list", "cancel"}:
        yield "an operation with the role delete, get, list or cancel"
    if rule == "tombstone.consistent" and contract.lists:
        yield from ["listing.account"] * (not contract.listing.account)
        yield from ["listing.times.joined"] * ("joined" not in contract.listing.times)
    if rule == "tombstone.faithful" and contract.lists and not _properties_of_items(contract):
        yield "the answer's schema to say what the list's items hold, at listing.items"
    if rule == "delete.unknown" and not _answers_with_json(contract):
        yield "the role delete to have an answer 200 with application/json"


def _answers_with_json(contract: Contract) -> bool:
    operation = contract.roles.get("delete")
    return operation is not None and "application/json" in operation.responses.get("200", {}).get("content", {})


def _properties_of_items(contract: Contract) -> bool:
    document, operation = contract.document, contract.roles.get("tombstones")
    if operation is None:
        return False
    page = document.resolve(document.response_schema(operation, 200))
    items = pointer.get(page, "/properties" + contract.listing.items)
    inner = document.resolve(items["items"]) if isinstance(items, dict) and "items" in items else {}
    return "properties" in inner


def _of_record(contract: Contract) -> Iterator[str]:
    record = contract.record
    if "delete" not in contract.roles:
        yield "an operation with the role delete is needed"
    if not record.cancellable:
        yield "cancellable, a status from which a call can be ended, is needed"
    if "list" in contract.roles:
        if "get" not in contract.roles:
            yield "an operation with the role get is needed beside that with the role list"
        if contract.of_role("list").items is None:
            yield f"$.operations.{contract.roles['list'].id}.items, where the list stands, is needed"
    schema = contract.document.root["components"]["schemas"][record.schema]
    if "properties" not in schema:
        yield f"the schema {record.schema} has no properties of its own"
        return
    never = frozenset(record.seed.never)
    try:
        yield from _endless(contract, schema, "", never, ())
    except DocumentError as problem:
        yield str(problem)


def _endless(
    contract: Contract, schema: Any, place: str, never: frozenset[str], above: tuple[int, ...]
) -> Iterator[str]:
    """Where no record can be made up by the schema: it holds itself, or says nothing of its items."""
    schema = contract.document.resolve(schema)
    if place in never:
        return
    if id(schema) in above:
        yield f"the schema at {place} holds itself: name the place in seed.never, for no record of it ends"
        return
    above = (*above, id(schema))
    for name, inner in schema.get("properties", {}).items():
        yield from _endless(contract, inner, f"{place}/{pointer.escape(name)}", never, above)
    for branches in ("oneOf", "anyOf"):
        for inner in schema.get(branches, []):
            yield from _endless(contract, inner, place, never, above)
    if "items" in schema:
        yield from _endless(contract, schema["items"], f"{place}/*", never, above)
    elif schema.get("type") == "array":
        yield f"the schema at {place} is of an array and does not say what its items are"


def _of_listing(contract: Contract) -> Iterator[str]:
    listing = contract.listing
    if "tombstones" not in contract.roles:
        yield "an operation with the role tombstones is needed"
    yield from _missing(listing.seed, _SEEDS, "seed")
    yield from ["reason is needed"] * (listing.reason is None)
    yield from _missing(listing.parameters, ("agents", "from", "to"), "parameters")
    for name, other in _TOGETHER.items():
        if name in listing.parameters and other not in listing.parameters:
            yield f"parameters.{other} is needed beside parameters.{name}"
    if {"shortest", "longest"} & set(listing.parameters) and not listing.duration:
        yield "duration, how a number of seconds is written, is needed beside parameters.shortest"
    if {"create", "remove"} & set(contract.roles) and not {"create", "remove"} <= set(contract.roles):
        yield "operations with the roles create and remove are needed together"


def _missing(stated: Any, names: Sequence[str], under: str) -> Iterator[str]:
    yield from (f"{under}{'.' if under else ''}{name} is needed" for name in names if name not in stated)


def _formats(contract: Contract) -> Iterator[Lack]:
    for name, use in contract.terms.operations.items():
        for key, text in use.query.items():
            if not _can_be_filled(text, "owner"):
                yield f"$.operations.{name}.query.{key}", f"{text!r} can hold {{owner}} and no other brace"
    if not contract.lists:
        return
    listing = contract.listing
    for place, text, word in (
        ("$.listing.duration", listing.duration, "seconds"),
        *((f"$.listing.parameters.{name}", text, "key") for name, text in listing.parameters.items()),
    ):
        if not _can_be_filled(text, word):
            yield place, f"{text!r} can hold {{{word}}} and no other brace"


def _can_be_filled(text: str, word: str) -> bool:
    try:
        return all(
            name is None or (name == word and not form and not turn)
            for _, name, form, turn in string.Formatter().parse(text)
        )
    except ValueError:
        return False


def _credential(contract: Contract) -> Iterator[Lack]:
    name = contract.terms.security_scheme
    if name is None:
        return
    scheme = contract.document.root.get("components", {}).get("securitySchemes", {}).get(name)
    if scheme is None:
        yield "$.security_scheme", f"the corrected document has no security scheme {name!r}"
    elif scheme.get("type") == "http":
        if not isinstance(scheme.get("scheme"), str):
            yield "$.security_scheme", f"{name!r} is of type http and does not say which scheme"
    elif (scheme.get("type"), scheme.get("in")) != ("apiKey", "header") or not isinstance(scheme.get("name"), str):
        yield "$.security_scheme", f"{name!r} carries no credential in a header (type http, or apiKey in header)"
