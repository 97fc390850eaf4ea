"""What a fault can do to a list's conditions: misread a bound, drop a filter, look at the wrong column."""

import re
from collections.abc import Callable

from conformance.reference.ultravox.filters import READERS
from conformance.reference.ultravox.refusal import Refusal
from conformance.reference.ultravox.sql import Clause
from conformance.reference.ultravox.times import DAY_US, SECOND_US, now_us

__all__ = ["CLAUSE_EFFECTS", "Clauses"]

Clauses = tuple[Clause, ...]
_Change = Callable[[Clause], Clause]

_HOUR_US = 3600 * SECOND_US
_OLD_US = 30 * DAY_US
_SCOPE = ("account", "deleted")
_PARAMETERS = {short: parameter for parameter, (short, _) in READERS.items()}


def _each(name: str, change: _Change) -> Callable[[Clauses], Clauses]:
    return lambda clauses: tuple(change(c) if c.filter == name else c for c in clauses)


def _both(one: str, other: str, change: _Change) -> Callable[[Clauses], Clauses]:
    return lambda clauses: tuple(change(c) if c.filter in (one, other) else c for c in clauses)


def _dropped(*names: str) -> Callable[[Clauses], Clauses]:
    return lambda clauses: tuple(c for c in clauses if c.filter not in names)


def _only(keep: Callable[[Clauses], Clauses]) -> Callable[[Clauses], Clauses]:
    """Keep the scope, and of the filters what `keep` picks."""

    def pick(clauses: Clauses) -> Clauses:
        scope = tuple(c for c in clauses if c.filter in _SCOPE)
        return scope + keep(tuple(c for c in clauses if c.filter not in _SCOPE))

    return pick


def _hiding(sql: str) -> Callable[[Clauses], Clauses]:
    return lambda clauses: (*clauses, Clause("deleted", sql))


def _sql(old: str, new: str) -> _Change:
    return lambda c: c._replace(sql=c.sql.replace(old, new))


def _bound(change: Callable[[int], int]) -> _Change:
    return lambda c: c._replace(params=tuple(change(int(p)) for p in c.params))


def _reread(pattern: str, replacement: str) -> _Change:
    """Read the filter from a text in which something was overlooked."""

    def again(clause: Clause) -> Clause:
        reader = READERS[_PARAMETERS[clause.filter]][1]
        return reader([re.sub(pattern, replacement, clause.given)])

    return again


def _flipped(clause: Clause) -> Clause:
    signs = {"+": "-", "-": "+"}
    zone = re.search(r"([+-])(\d\d:\d\d)$", clause.given)
    return clause if zone is None else _reread(r"[+-]\d\d:\d\d$", signs[zone[1]] + zone[2])(clause)


def _day_first(bound_us: int) -> int:
    return bound_us // DAY_US * DAY_US


def _hour_up(bound_us: int) -> int:
    return -(-bound_us // _HOUR_US) * _HOUR_US


def _refused_500(_: Clauses) -> Clauses:
    raise Refusal(500, "time data does not match format")


def _mirrored(clause: Clause) -> Clause:
    return _sql(">=", "<=")(clause) if clause.filter == "min" else _sql("<=", ">=")(clause)


def _as_text(clause: Clause) -> Clause:
    operator = ">=" if clause.filter == "min" else "<="
    return clause._replace(sql=f"((ended_us - joined_us) / {SECOND_US}) || 's' {operator} ?", params=(clause.given,))


def _all_agents(clause: Clause) -> Clause:
    return clause._replace(sql=" AND ".join(["agent_id = ?"] * len(clause.params)))


def _few(pick: slice) -> _Change:
    """Only some of several agents."""
    return lambda c: c._replace(sql="agent_id = ?", params=c.params[pick])


def _any_pair(clauses: Clauses) -> Clauses:
    pairs = [c for c in clauses if c.filter == "metadata"]
    if not pairs:
        return clauses
    either = Clause("metadata", " OR ".join(c.sql for c in pairs), tuple(p for c in pairs for p in c.params))
    return (*_dropped("metadata")(clauses), either)


def _one_pair(index: int) -> Callable[[Clauses], Clauses]:
    def keep(clauses: Clauses) -> Clauses:
        pairs = [c for c in clauses if c.filter == "metadata"]
        return (*_dropped("metadata")(clauses), *([pairs[index]] if pairs else []))

    return keep


CLAUSE_EFFECTS: dict[str, Callable[[Clauses], Clauses]] = {
    "scope.live-too": _each("deleted", lambda c: c._replace(sql="deleted IN (0, 1)", params=())),
    "scope.others-too": _each("account", lambda c: c._replace(sql="account IN (SELECT id FROM accounts)", params=())),
    "scope.never-joined-hidden": _hiding("joined_us IS NOT NULL"),
    "scope.no-end-reason-hidden": _hiding("end_reason IS NOT NULL"),
    "scope.no-summary-hidden": _hiding("had_summary"),
    "scope.no-agent-hidden": _hiding("agent_id IS NOT NULL"),
    "scope.system-errors-hidden": _hiding("end_reason IS NULL OR end_reason <> 'system_error'"),
    "scope.old-hidden": lambda clauses: (*clauses, Clause("deleted", "deletion_us > ?", (now_us() - _OLD_US,))),
    "from.dropped": _dropped("from"),
    "from.exclusive": _each("from", _sql(">=", ">")),
    "from.by-deletion": _each("from", _sql("created_us", "deletion_us")),
    "from.day-down": _each("from", _bound(_day_first)),
    "from.hour-up": _each("from", _bound(_hour_up)),
    "to.dropped": _dropped("to"),
    "to.exclusive": _each("to", _sql("<=", "<")),
    "to.by-deletion": _each("to", _sql("created_us", "deletion_us")),
    "to.hour-up": _each("to", _bound(_hour_up)),
    "to.hour-early": _each("to", _bound(lambda us: us - _HOUR_US)),
    "offset.dropped-from": _each("from", _reread(r"[+-]\d\d:\d\d$", "Z")),
    "offset.dropped-to": _each("to", _reread(r"[+-]\d\d:\d\d$", "Z")),
    "offset.flipped": _both("from", "to", _flipped),
    "date-only.end-is-midnight": _each("to", _reread("^(.{10})$", r"\1T00:00:00Z")),
    "date-only.start-is-end": _each("from", _reread("^(.{10})$", r"\1T23:59:59.999999Z")),
    "date-only.local": _both("from", "to", _bound(lambda us: us - 8 * _HOUR_US)),
    "date-only.500": _refused_500,
    "day.local": _both("day-start", "day-end", _sql("created_us %", f"(created_us + {8 * _HOUR_US}) %")),
    "day.half-hour-zone": _both("day-start", "day-end", _sql("created_us %", f"(created_us + {11 * _HOUR_US // 2}) %")),
    "day.by-deletion": _both("day-start", "day-end", _sql("created_us", "deletion_us")),
    "day.hours-only": _both("day-start", "day-end", _bound(lambda us: us // _HOUR_US * _HOUR_US)),
    "day-start.exclusive": _each("day-start", _sql(">=", ">")),
    "day-start.dropped": _dropped("day-start"),
    "day-end.dropped": _dropped("day-end"),
    "duration.mirrored": _both("min", "max", _mirrored),
    "duration.minutes": _both("min", "max", _bound(lambda us: us * 60)),
    "duration.as-text": _both("min", "max", _as_text),
    "duration.to-deletion": _both("min", "max", _sql("ended_us", "deletion_us")),
    "duration.by-max-duration": _both(
        "min", "max", _sql("ended_us - joined_us", f"CAST(rtrim(max_duration, 's') AS REAL) * {SECOND_US}")
    ),
    "min.dropped": _dropped("min"),
    "max.dropped": _dropped("max"),
    "agents.dropped": _dropped("agents"),
    "agents.first": _each("agents", _few(slice(0, 1))),
    "agents.last": _each("agents", _few(slice(-1, None))),
    "agents.all": _each("agents", _all_agents),
    "voice.dropped": _dropped("voice"),
    "voice.by-agent": _each("voice", _sql("voice_id", "agent_id")),
    "voice.or-none": _each("voice", _sql("voice_id = ?", "voice_id = ? OR voice_id IS NULL")),
    "metadata.dropped": _dropped("metadata"),
    "metadata.first-pair": _one_pair(0),
    "metadata.last-pair": _one_pair(-1),
    "metadata.any-pair": _any_pair,
    "metadata.key-only": _each(
        "metadata", lambda c: c._replace(sql=c.sql.replace(" AND value = ?", ""), params=c.params[:1])
    ),
    "metadata.value-only": _each(
        "metadata", lambda c: c._replace(sql=c.sql.replace("key = ? AND ", ""), params=c.params[1:])
    ),
    "metadata.prefix": _each("metadata", _sql("value = ?", "instr(value, ?) = 1")),
    "search.dropped": _dropped("search"),
    "search.alone": _only(lambda filters: tuple(c for c in filters if c.filter == "search")),
    "filters.first": _only(lambda filters: filters[:1]),
    "filters.last": _only(lambda filters: filters[-1:]),
}
