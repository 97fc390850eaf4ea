"""Filters of a list, each with the fact that it compares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from conformance.listing.bounds import between
from conformance.listing.population import DURATIONS, Fact, Population
from conformance.listing.times import DAY, ZONES, clock_of, clock_text
from conformance.rule import Vacuous
from conformance.scene import Scene

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


def _name(scene: Scene, key: str) -> str:
    name: str = scene.contract.listing["parameters"][key]
    return name


def matching(them: Population, chosen: Filter) -> set[str]:
    """Ids of the calls that the filter lets through."""
    return {fact.id for fact in them.facts if chosen.lets(fact)}


def _in_turn(them: Population, of: Callable[[Fact], str | None]) -> list[str]:
    """What the calls have, in the order of the calls: names differ from run to run, and sort otherwise."""
    ordered = sorted(them.facts, key=lambda fact: fact.number)
    return list(dict.fromkeys(name for name in map(of, ordered) if name))


def _agents(scene: Scene, them: Population) -> Filter:
    known = _in_turn(them, lambda fact: fact.agent)
    start = scene.pick("first agent", range(len(known)))
    count = min(scene.pick("agents", [1, 2, 2]), len(known))
    asked = [known[(start + n) % len(known)] for n in range(count)]
    if scene.pick("an agent that nobody has", [False, False, True]):
        asked.append(scene.uuid())
    return Filter("agents", tuple((_name(scene, "agents"), agent) for agent in asked), lambda fact: fact.agent in asked)


def _voice(scene: Scene, them: Population) -> Filter:
    known = _in_turn(them, lambda fact: fact.voice)
    asked = known[scene.pick("voice", range(min(3, len(known))))]
    return Filter("voice", ((_name(scene, "voice"), asked),), lambda fact: fact.voice == asked)


def _metadata(scene: Scene, them: Population) -> Filter:
    holders = [fact for fact in them.facts if fact.metadata]
    fact = holders[scene.pick("metadata of call", range(min(6, len(holders))))]
    keys = list(fact.metadata)
    ways = [keys[:1], keys[-1:], [keys[0], keys[-1]], [keys[-1], keys[0]], keys[1:] or keys]
    chosen = scene.pick("metadata keys", ways)
    asked = {key: fact.metadata[key] for key in chosen}
    if scene.pick("a pair across calls", [False, False, True]):
        # Each pair is true of some call, both together of none or of others.
        other = holders[(holders.index(fact) + 1) % len(holders)]
        asked = {keys[0]: fact.metadata[keys[0]], keys[-1]: other.metadata.get(keys[-1], fact.metadata[keys[-1]])}
    query = tuple((_name(scene, "metadata").format(key=key), value) for key, value in asked.items())
    return Filter("metadata", query, lambda fact: all(fact.metadata.get(k) == v for k, v in asked.items()))


def gap(scene: Scene, them: Population) -> datetime:
    """A moment between two creations, with a margin on both sides where they lie apart."""
    moments = sorted({fact.created for fact in them.facts})
    # What lies beyond a population that was found is not known.
    beyond = ([moments[0] - timedelta(hours=1)], [moments[-1] + timedelta(hours=1)]) if them.known else ([], [])
    edges = [*beyond[0], *moments, *beyond[1]]
    wide = [(a, b) for a, b in pairwise(edges) if b - a > 2 * _MARGIN]
    if not wide:
        raise Vacuous("no two creations lie far enough apart")
    before, after = wide[scene.pick("gap", sorted(range(len(wide)), key=lambda n: abs(n - len(wide) // 2)))]
    return (before + (after - before) / 2).replace(microsecond=0)


def _from(scene: Scene, them: Population) -> Filter:
    bound = gap(scene, them)
    query = between(scene, low=bound, zone=scene.pick("zone of from", ZONES))
    return Filter("from", query, lambda fact: fact.created >= bound)


def _to(scene: Scene, them: Population) -> Filter:
    bound = gap(scene, them)
    query = between(scene, high=bound, other_zone=scene.pick("zone of to", ZONES))
    return Filter("to", query, lambda fact: fact.created <= bound)


def _range(scene: Scene, them: Population) -> Filter:
    """Both bounds of creation."""
    zone = scene.pick("zone of from", ZONES)
    moments = sorted(fact.created for fact in them.facts)
    if not them.known:
        # What was found may be shown more coarsely than it is kept: only a gap is a bound that tells. A window of it
        # has an end already.
        low = gap(scene, them)
        bounded = _name(scene, "to") in dict(them.base)
        query = between(scene, low, None if bounded else moments[-1] + timedelta(days=1), zone=zone)
        return Filter("range", query, lambda fact: fact.created >= low)
    first = moments[scene.pick("range from", range(min(3, len(moments))))]
    # The last of few calls may lie before the first bound: a range whose end lies before its start may be refused.
    lasts = [last for last in moments[::-1][:2] if last >= first]
    last = lasts[scene.pick("range to", range(len(lasts)))]
    low, high = first - _ROOM, last + _ROOM
    return Filter("range", between(scene, low, high, zone=zone), lambda fact: low <= fact.created <= high)


_ROOM = timedelta(minutes=1)


def _time_of_day(scene: Scene, them: Population) -> Filter:
    """Bounds well between the times of day at which calls were created, the start before the end."""
    clocks = sorted({int(clock_of(fact.created)) for fact in them.facts})
    edges = [c for c in clocks if all(abs(c - 90 - other) >= 60 for other in clocks) and c >= 90]
    start = edges[scene.pick("day starts before", range(len(edges)))] - 90 if edges else 0
    later = [
        c + 90 for c in clocks if c >= start and c + 90 < DAY and all(abs(c + 90 - other) >= 60 for other in clocks)
    ]
    end = later[scene.pick("day ends after", range(len(later)))] if later else DAY - 1
    which = scene.pick("bounds of the day", ["both", "start", "end"])
    query = []
    if which != "end":
        query.append((_name(scene, "day-start"), clock_text(start)))
    if which != "start":
        query.append((_name(scene, "day-end"), clock_text(end)))
    low, high = (0 if which == "end" else start), (DAY - 1 if which == "start" else end)
    return Filter(TIME_OF_DAY, tuple(query), lambda fact: low <= clock_of(fact.created) <= high)


def _duration(scene: Scene, them: Population) -> Filter:  # noqa: ARG001 - every filter has this form
    """Bounds between the durations that calls have; calls that nobody joined have none."""
    marks = [0, *sorted(DURATIONS), 7200]
    between = [(a + b) // 2 for a, b in pairwise(marks)]
    low = scene.pick("shortest", range(len(between) - 1))
    high = low + 1 + scene.pick("longest after", range(len(between) - low - 1))
    which = scene.pick("bounds of the duration", ["both", "shortest", "longest"])
    write = scene.contract.listing["duration"].format
    query = []
    if which != "longest":
        query.append((_name(scene, "shortest"), write(seconds=between[low])))
    if which != "shortest":
        query.append((_name(scene, "longest"), write(seconds=between[high])))
    least, most = (0 if which == "longest" else between[low]), (10**9 if which == "shortest" else between[high])
    return Filter("duration", tuple(query), lambda fact: fact.seconds is not None and least <= fact.seconds <= most)


FILTERS: dict[str, Callable[[Scene, Population], Filter]] = {
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


def offered(scene: Scene) -> list[str]:
    """The kinds of filter that the contract names."""
    named = scene.contract.listing["parameters"]
    return [name for name in FILTERS if set(_PARAMETERS.get(name, (name,))) <= named.keys()]


def pick_filter(scene: Scene, them: Population, among: Sequence[str] | None = None, label: str = "filter") -> Filter:
    """One filter that suits the population; unless it is asked for, none whose answer the facts don't tell.

    Raises:
        Vacuous: there is nobody to compare with.
    """
    fits: dict[str, bool] = {
        # Who never joined has no duration: such calls are not judged under that filter.
        "duration": all(fact.seconds is not None for fact in them.facts),
        "agents": any(fact.agent for fact in them.facts),
        "voice": any(fact.voice for fact in them.facts),
        "metadata": any(fact.metadata for fact in them.facts),
    }
    if not them.known:
        fits |= dict.fromkeys(("duration", "agents", "voice", "metadata", TIME_OF_DAY), False)
    there = offered(scene)
    told = [name for name in there if name != TIME_OF_DAY]
    names = [name for name in among or told if them.facts and fits.get(name, True) and name in there]
    if not names:
        raise Vacuous("no filter suits the calls that are there")
    return FILTERS[scene.pick(label, names)](scene, them)


def pick_filters(scene: Scene, them: Population, count: int) -> Filter:
    """Several filters of different kinds as one: it lets through what each of them lets through.

    Raises:
        Vacuous: fewer than that suit the population.
    """
    picked: list[Filter] = []
    taken: set[str] = set()
    for number in range(count):
        left = [name for name in offered(scene) if name not in {*taken, TIME_OF_DAY}]
        if not left:
            raise Vacuous("the contract has too few filters")
        picked.append(pick_filter(scene, them, left, f"filter {number}" if number else "filter"))
        # Both bounds of one parameter would contradict each other.
        taken |= {picked[-1].name} | (BOUNDS if picked[-1].name in BOUNDS else set())
    return joined(*picked)


def joined(*several: Filter) -> Filter:
    """Several filters as one, which lets through what each of them lets through."""
    query = tuple(pair for one in several for pair in one.query)
    return Filter(" and ".join(one.name for one in several), query, lambda fact: all(one.lets(fact) for one in several))


BOUNDS = {"from", "to", "range"}
"""Kinds of filter that bound the same thing, of which one query can hold only one."""


def nothing(scene: Scene, them: Population) -> tuple[tuple[str, str], ...]:
    """A query that nothing matches; a bound of creation brings its other with it where the population has that one.

    Not by search: what a random text is near to is the server's own affair.

    Raises:
        Vacuous: the contract has no other filter.
    """
    named = scene.contract.listing["parameters"]
    bounded = {name for name, _ in them.base}
    late, early = datetime(2199, 1, 1, tzinfo=UTC), datetime(1999, 1, 1, tzinfo=UTC)
    day = timedelta(days=1)
    ways: dict[str, Callable[[], tuple[tuple[str, str], ...]]] = {
        "agents": lambda: ((named["agents"], scene.uuid()),),
        "voice": lambda: ((named["voice"], scene.uuid()),),
        "from": lambda: between(scene, late, late + day if named.get("to") in bounded else None),
        "to": lambda: between(scene, early - day if named.get("from") in bounded else None, early),
        "metadata": lambda: ((named["metadata"].format(key="nobody"), scene.token()),),
    }
    usable = [way for way in ways if way in named]
    if not usable:
        raise Vacuous("the contract has no filter")
    return ways[scene.pick("filter that nothing matches", usable)]()
