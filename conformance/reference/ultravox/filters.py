"""Read the list's query parameters into conditions on calls."""

from collections.abc import Callable, Iterable

from conformance.reference.ultravox.calls import is_uuid
from conformance.reference.ultravox.sql import Clause
from conformance.reference.ultravox.times import DAY_US, duration_us, earliest_us, latest_us, time_of_day_us

__all__ = ["METADATA_PREFIX", "READERS", "Values", "metadata_clause", "search_clause", "time_of_day_clause"]

METADATA_PREFIX = "metadata."

Values = list[str]


def _uuids(texts: Iterable[str]) -> tuple[str, ...]:
    ids = tuple(text.lower() for text in texts)
    if not ids or not all(map(is_uuid, ids)):
        raise ValueError("not a UUID")
    return ids


def _agents(values: Values) -> Clause:
    ids = _uuids(part for value in values for part in value.split(","))
    return Clause("agents", f"agent_id IN ({', '.join('?' * len(ids))})", ids)


def _voice(values: Values) -> Clause:
    return Clause("voice", "voice_id = ?", _uuids(values[-1:]))


# The + keeps the planner from walking the index by the filter's bound instead of the cursor's.


def _from(values: Values) -> Clause:
    return Clause("from", "+created_us >= ?", (earliest_us(values[-1]),), values[-1])


def _to(values: Values) -> Clause:
    return Clause("to", "+created_us <= ?", (latest_us(values[-1]),), values[-1])


def _duration_min(values: Values) -> Clause:
    return Clause("min", "ended_us - joined_us >= ?", (duration_us(values[-1], round_up=True),), values[-1])


def _duration_max(values: Values) -> Clause:
    return Clause("max", "ended_us - joined_us <= ?", (duration_us(values[-1]),), values[-1])


def _day_start(values: Values) -> Clause:
    return Clause("day-start", f"created_us % {DAY_US} >= ?", (time_of_day_us(values[-1]),), values[-1])


def _day_end(values: Values) -> Clause:
    end = time_of_day_us(values[-1], to_end_of_second=True)
    return Clause("day-end", f"created_us % {DAY_US} <= ?", (end,), values[-1])


def search_clause(values: Values) -> Clause:
    """Find a text, case aside, in metadata or in the text of a call that was not erased with it."""
    if not values[-1]:
        raise ValueError("an empty search")
    sought = values[-1].casefold()
    return Clause(
        "search",
        "EXISTS (SELECT 1 FROM metadata WHERE call = calls.id AND instr(folded, ?)) OR instr(lower(text), ?)",
        (sought, sought),
        values[-1],
    )


def metadata_clause(key: str, value: str) -> Clause:
    """Find the calls that have one pair."""
    sql = "EXISTS (SELECT 1 FROM metadata WHERE call = calls.id AND key = ? AND value = ?)"
    return Clause("metadata", sql, (key, value), value)


def time_of_day_clause(start: Clause, end: Clause) -> Clause:
    """Join two bounds that stand the wrong way round: the span goes over midnight."""
    return Clause("day-start", f"{start.sql} OR {end.sql}", (*start.params, *end.params))


READERS: dict[str, tuple[str, Callable[[Values], Clause]]] = {
    "agentIds": ("agents", _agents),
    "voiceId": ("voice", _voice),
    "fromDate": ("from", _from),
    "toDate": ("to", _to),
    "durationMin": ("min", _duration_min),
    "durationMax": ("max", _duration_max),
    "timeOfDayStart": ("day-start", _day_start),
    "timeOfDayEnd": ("day-end", _day_end),
    "search": ("search", search_clause),
}
"""For each parameter the short name of its filter and its reader, which raises ValueError."""
