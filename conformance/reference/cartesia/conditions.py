"""When a fault bites: each condition a name and one question about the situation."""

from collections.abc import Callable, Iterable

from conformance.reference.cartesia.incoming import is_date
from conformance.reference.cartesia.situation import Situation
from conformance.reference.switches import Condition

When = Condition[Situation]


def when(name: str, holds: Callable[[Situation], bool]) -> When:
    """Name a question."""
    return Condition(name, holds)


ALWAYS = when("always", lambda _: True)


def both(*conditions: When) -> When:
    """All of these at once."""
    return when(" and ".join(c.name for c in conditions), lambda s: all(c.holds(s) for c in conditions))


def asking(*operations: str) -> When:
    """The request is one of these operations."""
    return when(f"in {' or '.join(operations)}", lambda s: s.asked.operation in operations)


def answering(*statuses: int) -> When:
    """The correct answer would have one of these statuses."""
    return when(f"instead of {' or '.join(map(str, statuses))}", lambda s: s.status in statuses)


# The request
GET, LIST, DELETE, AUDIO, LOGS, CANCEL = map(asking, ("get", "list", "delete", "audio", "logs", "cancel"))
NO_CREDENTIAL = when("without a credential", lambda s: s.asked.credential == "missing")
SHAPED_CREDENTIAL = when(
    "with a credential of the right form",
    lambda s: s.asked.credential == "unknown" and "sk_car_" in s.asked.headers["authorization"],
)
EMPTY_CREDENTIAL = when("with an empty credential", lambda s: s.asked.credential == "empty")
WRONG_CREDENTIAL = when("with an unknown credential", lambda s: s.asked.credential == "unknown")
BAD_CREDENTIAL = when("with a bad credential", lambda s: s.asked.credential != "known")
KNOWN_CREDENTIAL = when("with a good credential", lambda s: s.asked.credential == "known")
NO_VERSION = when("without a version", lambda s: s.asked.version == "missing")
EMPTY_VERSION = when("with an empty version", lambda s: s.asked.version == "empty")
WRONG_VERSION = when("with an unknown version", lambda s: s.asked.version == "unknown")
NOT_A_DATE = when(
    "with a version that is no date",
    lambda s: s.asked.version == "unknown" and not is_date(s.asked.headers["cartesia-version"]),
)
RANGED = when("asked for a range", lambda s: "range" in s.asked.headers)
WITH_BODY = when("with a body", lambda s: s.asked.headers.get("content-length", "0") != "0")
EXPANDED = when("with expand", lambda s: s.query("expand") is not None)
NOT_EXPANDED = when("without expand", lambda s: s.query("expand") is None)
LATER_PAGE = when("on a later page", lambda s: s.query("starting_after") is not None)
BAD_LIMIT = when("with a limit that is no number", lambda s: not (s.query("limit") or "1").lstrip("-").isdigit())
NEGATIVE_LIMIT = when("with a negative limit", lambda s: (s.query("limit") or "").startswith("-"))
HUGE_LIMIT = when("with a limit of ten digits or more", lambda s: len(s.query("limit") or "") >= 10)
NO_AGENT = when("without agent_id", lambda s: not s.query("agent_id"))

# The id asked for
QUOTED_ID = when("an id with a quote", lambda s: any(char in s.asked.call_id for char in "'\""))
NUL_ID = when("an id with a NUL", lambda s: "\0" in s.asked.call_id)
PERCENT_ID = when("an id with a percent sign", lambda s: "%" in s.asked.call_id)
UNICODE_ID = when("an id beyond ASCII", lambda s: not s.asked.call_id.isascii())
LONG_ID = when("an id over 255 bytes", lambda s: len(s.asked.call_id.encode()) > 255)
UNKNOWN_DELETE = both(DELETE, KNOWN_CREDENTIAL, answering(404))
UNKNOWN_GET = both(GET, KNOWN_CREDENTIAL, answering(404))
FOREIGN = when("another account's call", lambda s: s.foreign)

# The call
PHONE = when("a phone call", lambda s: s.call.phone)
WEBSOCKET = when("a websocket call", lambda s: s.call.telephony and not s.call.phone)
CREATED = when("a created call", lambda s: s.call.status == "created")
STARTED = when("a started call", lambda s: s.call.status == "started")
FAILED = when("a failed call", lambda s: s.call.status == "failed")
ENDED = when("an ended call", lambda s: s.call.status in ("completed", "failed"))
LONG = when("more than eight turns", lambda s: s.call.turns > 8)
ACTIVE = when("an active call", lambda s: s.call.status in ("created", "started"))
NO_METADATA = when("a call without metadata", lambda s: not s.call.metadata)
NOT_STARTED = when("a call that never started", lambda s: not s.call.started)
WITH_ERROR = when("a call with an error message", lambda s: s.call.error)
ZERO_RETENTION = when("a zero-retention call", lambda s: s.call.zero_retention)
LIVE = when("before its deletion", lambda s: not s.erased)
ERASED = when("after its deletion", lambda s: s.erased)

# What went before
DELETED = both(DELETE, answering(200))
REFUSED = when("after a refused deletion", lambda s: s.history.refusals > 0)
CANCELLED = when("a cancelled call", lambda s: s.history.cancelled)
SECOND_DELETE = when("from the second deletion on", lambda s: s.history.erasures >= 2)
THIRD_DELETE = when("from the third deletion on", lambda s: s.history.erasures >= 3)
AFTER_500 = when("after a 500", lambda s: s.history.failures >= 1)
AFTER_TWO_500S = when("after two 500s", lambda s: s.history.failures >= 2)
AFTER_PARTIAL = when("after a partial 500", lambda s: s.history.failures >= 1 and s.history.failure_stage == "during")
READ_WHILE_FAILING = when("read between failure and retry", lambda s: s.history.read_while_failing)
DELETED_ONCE = when("after a successful deletion", lambda s: s.history.erasures >= 1)
OVERLAPPED = when("after overlapping deletions", lambda s: s.history.overlapped)
OVERLAPPED_LATE = when("the later of two at once", lambda s: s.history.overlaps and s.history.erasures >= 1)
HUNG_UP = when("after a client hung up", lambda s: s.history.hung_up)
READ_BEFORE = when("read before its deletion", lambda s: s.history.reads > s.history.reads_since)
READ_SINCE = when("read since its deletion", lambda s: s.history.reads_since >= 1)
READ_THRICE = when("read three times since", lambda s: s.history.reads_since >= 3)
ENDED_AGAIN = when("ended again since", lambda s: s.history.ended_again)
CREATED_SINCE = when("after a new call", lambda s: s.created_since >= 1)
DELETED_SINCE = when("after another deletion", lambda s: s.deleted_since >= 1)
A_SECOND_LATER = when("a second later", lambda s: s.seconds_since >= 1.0)
FIFTH_CALL = when("from the fifth deleted call on", lambda s: s.history.deleted_before >= 4)

_SEEN_ONLY_IN_A_PAUSE = (OVERLAPPED, OVERLAPPED_LATE, HUNG_UP)


def needs_a_pause(names: Iterable[str]) -> bool:
    """Tell whether one of these conditions, alone or with others, is never met by a server that answers at once."""
    return any(condition.name in name for name in names for condition in _SEEN_ONLY_IN_A_PAUSE)
