"""When a fault bites."""

from collections.abc import Callable

from conformance.reference.switches import Condition, Fault
from conformance.reference.ultravox.situation import Situation

__all__ = ["ALWAYS", "fault", "when"]

When = Condition[Situation]


def _when(name: str, holds: Callable[[Situation], bool]) -> When:
    """Not `When(...)`: a generic alias cannot make objects with slots that are frozen."""
    return Condition(name, holds)


ALWAYS = _when("always", lambda _: True)

_CONDITIONS = (
    _when("on the first page", lambda s: not s.cursor),
    _when("after the first page", lambda s: s.cursor and not s.back),
    _when("on the second page", lambda s: s.cursor and not s.back and s.page == 2),
    _when("from the third page on", lambda s: s.cursor and not s.back and s.page >= 3),
    _when("on the last of several pages", lambda s: s.cursor and not s.back and s.last),
    _when("on a last page that is not full", lambda s: s.last and 0 < s.shown < s.page_size),
    _when("on a full page whose rest would not fill another", lambda s: 0 < s.remaining < s.page_size),
    _when("walking back", lambda s: s.back),
    _when("walking back over a tie", lambda s: s.back and s.tie),
    _when("at page size one", lambda s: s.asked_size == 1),
    _when("at page sizes above one", lambda s: s.page_size > 1),
    _when("at page sizes below ten", lambda s: s.page_size < 10),
    _when("for page sizes above 50", lambda s: (s.asked_size or 0) > 50),
    _when("for a page size of zero", lambda s: s.asked_size == 0),
    _when("for a negative page size", lambda s: s.asked_size is not None and s.asked_size < 0),
    _when("for an enormous page size", lambda s: (s.asked_size or 0) > 100_000),
    _when("for a page size that is no number", lambda s: s.odd_size),
    _when("on a tie at the page edge", lambda s: s.tie),
    _when("once 50 items were shown", lambda s: s.population - s.remaining >= 50),
    _when("past 50 items", lambda s: s.population > 50),
    _when("past 20 items", lambda s: s.population > 20),
    _when("where nothing matches", lambda s: s.population == 0),
    _when("where filters leave nothing", lambda s: s.population == 0 and bool(s.filters)),
    _when("when the list grew during the walk", lambda s: s.grew),
    _when("with a cursor", lambda s: s.cursor),
    _when("with a filter", lambda s: bool(s.filters)),
    _when("with three filters", lambda s: len(s.filters) >= 3),
    _when("with two filters after the first page", lambda s: len(s.filters) >= 2 and s.cursor),
    _when("with an offset other than Z", lambda s: s.odd_offset),
    _when("with a bare date", lambda s: s.date_only),
    _when("with several agents", lambda s: s.agents > 1),
    _when("with several metadata pairs", lambda s: s.pairs > 1),
    _when("with both dates", lambda s: {"from", "to"} <= s.filters),
    _when("with both durations", lambda s: {"min", "max"} <= s.filters),
    _when("with both times of day", lambda s: {"day-start", "day-end"} <= s.filters),
    _when("with agents and dates", lambda s: "agents" in s.filters and bool({"from", "to"} & s.filters)),
    _when("with agents and voice", lambda s: {"agents", "voice"} <= s.filters),
    _when("with metadata and dates", lambda s: "metadata" in s.filters and bool({"from", "to"} & s.filters)),
    _when("with metadata and agents", lambda s: {"metadata", "agents"} <= s.filters),
    _when("with search and another filter", lambda s: "search" in s.filters and len(s.filters) > 1),
    _when("with search", lambda s: "search" in s.filters),
    _when("with agents", lambda s: "agents" in s.filters),
    _when("with a voice", lambda s: "voice" in s.filters),
    _when("with a date", lambda s: bool({"from", "to"} & s.filters)),
    _when("with a duration", lambda s: bool({"min", "max"} & s.filters)),
    _when("with a time of day", lambda s: bool({"day-start", "day-end"} & s.filters)),
    _when("for a call never joined", lambda s: s.item is not None and s.item.joined_us is None),
    _when("for a joined call", lambda s: s.item is not None and s.item.joined_us is not None),
    _when("for a call without an end reason", lambda s: s.item is not None and s.item.end_reason is None),
    _when("for a call ended by the agent", lambda s: s.item is not None and s.item.end_reason == "agent_hangup"),
    _when("for a call that failed", lambda s: s.item is not None and (s.item.end_reason or "").endswith("_error")),
    _when("for a recorded call", lambda s: s.item is not None and bool(s.item.recording_enabled)),
    _when("for a call not recorded", lambda s: s.item is not None and not s.item.recording_enabled),
    _when("for a call with an agent", lambda s: s.item is not None and s.item.agent_id is not None),
    _when("for a call on a later page", lambda s: s.item is not None and s.cursor),
)

_BY_NAME = {condition.name: condition for condition in _CONDITIONS}


def when(name: str) -> When:
    """Find a condition by its name."""
    return _BY_NAME[name]


def fault(rule: str, name: str, effect: str, story: str, condition: str | None = None) -> Fault[Situation]:
    """Make one row of a table of faults."""
    return Fault(name, rule, effect, ALWAYS if condition is None else when(condition), story)
