"""Filters of a list, each with the fact that it compares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from conformance.contracts.terms import Parameter
from conformance.engine.context import Context
from conformance.engine.stops import NotReached
from conformance.listing.bounds import between
from conformance.listing.population import DURATIONS, Fact, Population
from conformance.listing.times import DAY, ZONES, clock_of, clock_text

__all__ = [
    "BOUNDS",
    "FILTERS",
    "TIME_OF_DAY",
    "Filter",
    "gap",
    "joined",
    "matching",
    "nothing",
    "offered",
    "pick_filter",
    "pick_filters",
]

_MARGIN = timedelta(seconds=5)

TIME_OF_DAY = "time of day"
"""The filter whose answer no fact tells, since the zone of a server's clock is its own affair."""


@dataclass(frozen=True)
class Filter:
    """A filter as it is asked, and which calls it lets through."""

    name: str
    query: tuple[tuple[str, str], ...]
    lets: Callable[[Fact], bool]


def _name(context: Context, key: Parameter) -> str:
    return context.contract.listing.parameters[key]


def matching(population: Population, chosen: Filter) -> set[str]:
    """Ids of the calls that the filter lets through."""
    return {fact.id for fact in population.facts if chosen.lets(fact)}


def _in_turn(population: Population, of: Callable[[Fact], str | None]) -> list[str]:
    """What the calls have, in the order of the calls: names differ from run to run, and sort otherwise."""
    ordered = sorted(population.facts, key=lambda fact: fact.number)
    return list(dict.fromkeys(name for name in map(of, ordered) if name))


def _agents(context: Context, population: Population) -> Filter:
    known = _in_turn(population, lambda fact: fact.agent)
    start = context.pick("first agent", range(len(known)))
    count = min(context.pick("agents", [1, 2, 2]), len(known))
    asked = [known[(start + n) % len(known)] for n in range(count)]
    if context.pick("an agent that nobody has", [False, False, True]):
        asked.append(context.uuid())
    return Filter(
        "agents", tuple((_name(context, "agents"), agent) for agent in asked), lambda fact: fact.agent in asked
    )


def _voice(context: Context, population: Population) -> Filter:
    known = _in_turn(population, lambda fact: fact.voice)
    asked = known[context.pick("voice", range(min(3, len(known))))]
    return Filter("voice", ((_name(context, "voice"), asked),), lambda fact: fact.voice == asked)


def _metadata(context: Context, population: Population) -> Filter:
    holders = [fact for fact in population.facts if fact.metadata]
    fact = holders[context.pick("metadata of call", range(min(6, len(holders))))]
    keys = list(fact.metadata)
    ways = [keys[:1], keys[-1:], [keys[0], keys[-1]], [keys[-1], keys[0]], keys[1:] or keys]
    chosen = context.pick("metadata keys", ways)
    asked = {key: fact.metadata[key] for key in chosen}
    if context.pick("a pair across calls", [False, False, True]):
        # Each pair is true of some call, both together of none or of others.
        other = holders[(holders.index(fact) + 1) % len(holders)]
        asked = {keys[0]: fact.metadata[keys[0]], keys[-1]: other.metadata.get(keys[-1], fact.metadata[keys[-1]])}
    query = tuple((_name(context, "metadata").format(key=key), value) for key, value in asked.items())
    return Filter("metadata", query, lambda fact: all(fact.metadata.get(k) == v for k, v in asked.items()))


def gap(context: Context, population: Population) -> datetime:
    """A moment between two creations, with a margin on both sides where they lie apart."""
    moments = sorted({fact.created for fact in population.facts})
    # What lies beyond a population that was found is not known.
    beyond = ([moments[0] - timedelta(hours=1)], [moments[-1] + timedelta(hours=1)]) if population.known else ([], [])
    edges = [*beyond[0], *moments, *beyond[1]]
    wide = [(a, b) for a, b in pairwise(edges) if b - a > 2 * _MARGIN]
    if not wide:
        raise NotReached("no two creations lie far enough apart")
    before, after = wide[context.pick("gap", sorted(range(len(wide)), key=lambda n: abs(n - len(wide) // 2)))]
    return (before + (after - before) / 2).replace(microsecond=0)


def _from(context: Context, population: Population) -> Filter:
    bound = gap(context, population)
    query = between(context, low=bound, zone=context.pick("zone of from", ZONES))
    return Filter("from", query, lambda fact: fact.created >= bound)


def _to(context: Context, population: Population) -> Filter:
    bound = gap(context, population)
    query = between(context, high=bound, other_zone=context.pick("zone of to", ZONES))
    return Filter("to", query, lambda fact: fact.created <= bound)


def _range(context: Context, population: Population) -> Filter:
    """Both bounds of creation."""
    zone = context.pick("zone of from", ZONES)
    moments = sorted(fact.created for fact in population.facts)
    if not population.known:
        # What was found may be shown more coarsely than it is kept: only a gap is a bound that tells. A window of it
        # has an end already.
        low = gap(context, population)
        bounded = _name(context, "to") in dict(population.base)
        query = between(context, low, None if bounded else moments[-1] + timedelta(days=1), zone=zone)
        return Filter("range", query, lambda fact: fact.created >= low)
    first = moments[context.pick("range from", range(min(3, len(moments))))]
    # The last of few calls may lie before the first bound: a range whose end lies before its start may be refused.
    lasts = [last for last in moments[::-1][:2] if last >= first]
    last = lasts[context.pick("range to", range(len(lasts)))]
    low, high = first - _ROOM, last + _ROOM
    return Filter("range", between(context, low, high, zone=zone), lambda fact: low <= fact.created <= high)


_ROOM = timedelta(minutes=1)


def _time_of_day(context: Context, population: Population) -> Filter:
    """Bounds well between the times of day at which calls were created, the start before the end."""
    clocks = sorted({int(clock_of(fact.created)) for fact in population.facts})
    edges = [c for c in clocks if all(abs(c - 90 - other) >= 60 for other in clocks) and c >= 90]
    start = edges[context.pick("day starts before", range(len(edges)))] - 90 if edges else 0
    later = [
        c + 90 for c in clocks if c >= start and c + 90 < DAY and all(abs(c + 90 - other) >= 60 for other in clocks)
    ]
    end = later[context.pick("day ends after", range(len(later)))] if later else DAY - 1
    which = context.pick("bounds of the day", ["both", "start", "end"])
    query = []
    if which != "end":
        query.append((_name(context, "day-start"), clock_text(start)))
    if which != "start":
        query.append((_name(context, "day-end"), clock_text(end)))
    low, high = (0 if which == "end" else start), (DAY - 1 if which == "start" else end)
    return Filter(TIME_OF_DAY, tuple(query), lambda fact: low <= clock_of(fact.created) <= high)


def _duration(context: Context, population: Population) -> Filter:  # noqa: ARG001 - every filter has this form
    """Bounds between the durations that calls have; calls that nobody joined have none."""
    marks = [0, *sorted(DURATIONS), 7200]
    between = [(a + b) // 2 for a, b in pairwise(marks)]
    low = context.pick("shortest", range(len(between) - 1))
    high = low + 1 + context.pick("longest after", range(len(between) - low - 1))
    which = context.pick("bounds of the duration", ["both", "shortest", "longest"])
    write = context.contract.listing.duration.format
    query = []
    if which != "longest":
        query.append((_name(context, "shortest"), write(seconds=between[low])))
    if which != "shortest":
        query.append((_name(context, "longest"), write(seconds=between[high])))
    least, most = (0 if which == "longest" else between[low]), (10**9 if which == "shortest" else between[high])
    return Filter("duration", tuple(query), lambda fact: fact.seconds is not None and least <= fact.seconds <= most)


FILTERS: dict[str, Callable[[Context, Population], Filter]] = {
    "from": _from,
    "to": _to,
    "range": _range,
    "agents": _agents,
    "voice": _voice,
    "metadata": _metadata,
    TIME_OF_DAY: _time_of_day,
    "duration": _duration,
}
"""How to ask by each kind of filter, from the facts of a population."""

_PARAMETERS = {"range": ("from", "to"), TIME_OF_DAY: ("day-start", "day-end"), "duration": ("shortest", "longest")}


def offered(context: Context) -> list[str]:
    """The kinds of filter that the contract names."""
    named = context.contract.listing.parameters
    return [name for name in FILTERS if set(_PARAMETERS.get(name, (name,))) <= named.keys()]


def pick_filter(
    context: Context, population: Population, among: Sequence[str] | None = None, label: str = "filter"
) -> Filter:
    """One filter that suits the population; unless it is asked for, none whose answer the facts don't tell.

    Raises:
        NotReached: there is nobody to compare with.
    """
    fits: dict[str, bool] = {
        # Who never joined has no duration: such calls are not judged under that filter.
        "duration": all(fact.seconds is not None for fact in population.facts),
        "agents": any(fact.agent for fact in population.facts),
        "voice": any(fact.voice for fact in population.facts),
        "metadata": any(fact.metadata for fact in population.facts),
    }
    if not population.known:
        fits |= dict.fromkeys(("duration", "agents", "voice", "metadata", TIME_OF_DAY), False)
    there = offered(context)
    told = [name for name in there if name != TIME_OF_DAY]
    names = [name for name in among or told if population.facts and fits.get(name, True) and name in there]
    if not names:
        raise NotReached("no filter suits the calls that are there")
    return FILTERS[context.pick(label, names)](context, population)


def pick_filters(context: Context, population: Population, count: int) -> Filter:
    """Several filters of different kinds as one: it lets through what each of them lets through.

    Raises:
        NotReached: fewer than that suit the population.
    """
    picked: list[Filter] = []
    taken: set[str] = set()
    for number in range(count):
        left = [name for name in offered(context) if name not in {*taken, TIME_OF_DAY}]
        if not left:
            raise NotReached("the contract has too few filters")
        picked.append(pick_filter(context, population, left, f"filter {number}" if number else "filter"))
        # Both bounds of one parameter would contradict each other.
        taken |= {picked[-1].name} | (BOUNDS if picked[-1].name in BOUNDS else set())
    return joined(*picked)


def joined(*several: Filter) -> Filter:
    """Several filters as one, which lets through what each of them lets through."""
    query = tuple(pair for one in several for pair in one.query)
    return Filter(" and ".join(one.name for one in several), query, lambda fact: all(one.lets(fact) for one in several))


BOUNDS = {"from", "to", "range"}
"""Kinds of filter that bound the same thing, of which one query can hold only one."""


def nothing(context: Context, population: Population) -> tuple[tuple[str, str], ...]:
    """A query that nothing matches; a bound of creation brings its other with it where the population has that one.

    Not by search: what a random text is near to is the server's own affair.

    Raises:
        NotReached: the contract has no other filter.
    """
    named = context.contract.listing.parameters
    bounded = {name for name, _ in population.base}
    late, early = datetime(2199, 1, 1, tzinfo=UTC), datetime(1999, 1, 1, tzinfo=UTC)
    day = timedelta(days=1)
    ways: dict[str, Callable[[], tuple[tuple[str, str], ...]]] = {
        "agents": lambda: ((named["agents"], context.uuid()),),
        "voice": lambda: ((named["voice"], context.uuid()),),
        "from": lambda: between(context, late, late + day if named.get("to") in bounded else None),
        "to": lambda: between(context, early - day if named.get("from") in bounded else None, early),
        "metadata": lambda: ((named["metadata"].format(key="nobody"), context.token()),),
    }
    usable = [way for way in ways if way in named]
    if not usable:
        raise NotReached("the contract has no filter")
    return ways[context.pick("filter that nothing matches", usable)]()
