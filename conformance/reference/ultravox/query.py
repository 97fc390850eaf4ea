"""The whole query string of a list request: filters, page size, cursor."""

from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from conformance.reference.switches import Switches
from conformance.reference.ultravox.filters import (
    METADATA_PREFIX,
    READERS,
    Values,
    metadata_clause,
    time_of_day_clause,
)
from conformance.reference.ultravox.refusal import Refusal
from conformance.reference.ultravox.situation import Situation
from conformance.reference.ultravox.sql import Clause

__all__ = ["Pairs", "Query", "pairs_of", "read_query"]

DEFAULT_SIZE = 20
LARGEST_SIZE = 100
_OTHER_DEFAULT_SIZE = 5
_OTHER_LARGEST_SIZE = 10
_UNLIMITED_SIZE = 1000
_MOST_DIGITS = 9
_ENDS = ("from", "to", "min", "max")

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked for."""

    clauses: tuple[Clause, ...]
    size: int
    situation: Situation


def pairs_of(query: bytes | str) -> Pairs:
    """Split a query string, empty values kept."""
    text = query.decode("latin-1") if isinstance(query, bytes) else query
    return parse_qsl(text, keep_blank_values=True)


def read_query(pairs: Pairs, switches: Switches[Situation]) -> Query:
    """Understand a query string; the cursor is read elsewhere.

    Raises:
        Refusal: 400 for a value that cannot be understood.
    """
    given: dict[str, Values] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value)
    clauses = _in_one_span(_clauses(given, switches), switches)
    if switches.varies("inverted-ranges-refused"):
        _refuse_inverted(clauses)
    situation = Situation(
        filters=frozenset(clause.filter for clause in clauses),
        agents=sum(len(clause.params) for clause in clauses if clause.filter == "agents"),
        pairs=sum(clause.filter == "metadata" for clause in clauses),
        odd_offset=any(_has_odd_offset(clause) for clause in clauses),
        date_only=any(clause.filter in ("from", "to") and "T" not in clause.given.upper() for clause in clauses),
        cursor=bool(given.get("cursor", [""])[-1]),
    )
    asked, size = _sizes(given.get("pageSize"), switches, situation)
    return Query(tuple(clauses), size, replace(situation, asked_size=asked, page_size=size))


def _has_odd_offset(clause: Clause) -> bool:
    return clause.filter in ("from", "to") and clause.given[-6:-5] in ("+", "-") and ":" in clause.given[-3:]


def _clauses(given: dict[str, Values], switches: Switches[Situation]) -> list[Clause]:
    clauses = []
    for name, values in given.items():
        if name.startswith(METADATA_PREFIX):
            clauses += [metadata_clause(name.removeprefix(METADATA_PREFIX), value) for value in values]
        elif name == "metadata":
            raise Refusal(400, "metadata filters have the form metadata.key=value")
        elif name in READERS:
            clauses += _clause(name, values, switches)
    return clauses


def _clause(name: str, values: Values, switches: Switches[Situation]) -> list[Clause]:
    """Read one filter; a list of none where a bad value is passed over."""
    short, reader = READERS[name]
    try:
        if name == "agentIds" and switches.varies("agents-repeated-only") and "," in values[-1]:
            raise ValueError("one agent a parameter")  # noqa: TRY301 - joins the reader's own refusals
        clause = reader(values)
    except ValueError:
        alone = Situation(filters=frozenset([short]))
        if switches.fires("bad-value.ignored", alone):
            return []
        if switches.fires("bad-value.500", alone):
            raise Refusal(500, "internal error") from None
        if switches.varies("bad-value-matches-nothing"):
            return [Clause(short, "FALSE")]
        raise Refusal(400, f"{name}: not a valid value") from None
    if short == "search" and switches.varies("search-call-id-only"):
        clause = Clause("search", "id = ?", (values[-1].lower(),))
    if short == "search" and switches.varies("search-by-likeness"):
        clause = clause._replace(sql=f"({clause.sql}) OR end_reason = 'hangup'")
    return [clause]


def _in_one_span(clauses: list[Clause], switches: Switches[Situation]) -> list[Clause]:
    """Let a time-of-day span go over midnight where its start is later than its end."""
    start = next((c for c in clauses if c.filter == "day-start" and c.params), None)
    end = next((c for c in clauses if c.filter == "day-end" and c.params), None)
    if start is None or end is None or start.params <= end.params:
        return clauses
    if switches.varies("midnight-span-refused"):
        raise Refusal(400, "timeOfDayStart is later than timeOfDayEnd")
    return [c for c in clauses if c not in (start, end)] + [time_of_day_clause(start, end)]


def _refuse_inverted(clauses: list[Clause]) -> None:
    bounds = {clause.filter: int(clause.params[0]) for clause in clauses if clause.filter in _ENDS and clause.params}
    for start, end in (("from", "to"), ("min", "max")):
        if start in bounds and end in bounds and bounds[start] > bounds[end]:
            raise Refusal(400, "the end of a range lies before its start")


def _sizes(values: Values | None, switches: Switches[Situation], situation: Situation) -> tuple[int | None, int]:
    """Read the page size asked for, if any, and the one to use."""
    default = _OTHER_DEFAULT_SIZE if switches.varies("default-page-5") else DEFAULT_SIZE
    if values is None:
        return None, default
    asked = _number(values[-1])
    situation = replace(situation, asked_size=asked, odd_size=asked is None)
    if switches.fires("size.500", situation):
        raise Refusal(500, "internal error")
    if asked is not None and asked > 0:
        return asked, _legal_size(asked, default, switches, situation)
    if not switches.varies("lenient-sizes"):
        raise Refusal(400, "pageSize: not a positive integer")
    return None, default


def _number(text: str) -> int | None:
    """Read an integer of decimal digits; one too long to be read is as good as the longest."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        return None
    return int(text[: _MOST_DIGITS + 1])


def _legal_size(asked: int, default: int, switches: Switches[Situation], situation: Situation) -> int:
    if switches.fires("size.ignored", situation):
        return default
    if switches.fires("size.unlimited", situation):
        return _UNLIMITED_SIZE
    largest = _OTHER_LARGEST_SIZE if switches.varies("largest-page-10") else LARGEST_SIZE
    size = min(asked, largest) + switches.fires("size.plus-one", situation)
    return max(1, size - 1) if switches.varies("short-pages") else size
