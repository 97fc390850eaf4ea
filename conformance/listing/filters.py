"""Filters of a list, each with the fact that it compares."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from conformance.listing.population import DURATIONS, Fact, Population, random_uuid
from conformance.listing.times import stamp
from conformance.rule import Vacuous
from conformance.scene import Scene

__all__ = ["BOUNDS", "FILTERS", "Filter", "joined", "matching", "nothing", "offered", "pick_filter", "pick_filters"]

_ZONES = ("Z", "+02:00", "-07:30", "+00:00")
_MARGIN = timedelta(seconds=5)


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


def _agents(scene: Scene, them: Population) -> Filter:
    known = sorted({fact.agent for fact in them.facts if fact.agent})
    start = scene.pick("first agent", range(len(known)))
    count = min(scene.pick("agents", [1, 2, 2]), len(known))
    asked = [known[(start + n) % len(known)] for n in range(count)]
    if scene.pick("an agent that nobody has", [False, False, True]):
        asked.append(random_uuid(scene))
    return Filter("agents", tuple((_name(scene, "agents"), agent) for agent in asked), lambda fact: fact.agent in asked)


def _voice(scene: Scene, them: Population) -> Filter:
    known = sorted({fact.voice for fact in them.facts if fact.voice})
    asked = known[scene.pick("voice", range(min(3, len(known))))]
    return Filter("voice", ((_name(scene, "voice"), asked),), lambda fact: fact.voice == asked)


def _metadata(scene: Scene, them: Population) -> Filter:
    holders = [fact for fact in them.facts if fact.metadata]
    fact = holders[scene.pick("metadata of call", range(min(6, len(holders))))]
    keys = list(fact.metadata)
    chosen = scene.pick("metadata keys", [keys[:1], keys[-1:], [keys[0], keys[-1]], [keys[-1], keys[0]], keys[1:]])
    asked = {key: fact.metadata[key] for key in chosen}
    if scene.pick("a pair across calls", [False, False, True]):
        # Each pair is true of some call, both together of none or of others.
        other = holders[(holders.index(fact) + 1) % len(holders)]
        asked = {keys[0]: fact.metadata[keys[0]], keys[-1]: other.metadata[keys[-1]]}
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
    text = stamp(bound, scene.pick("zone of from", _ZONES))
    return Filter("from", ((_name(scene, "from"), text),), lambda fact: fact.created >= bound)


def _to(scene: Scene, them: Population) -> Filter:
    bound = gap(scene, them)
    text = stamp(bound, scene.pick("zone of to", _ZONES))
    return Filter("to", ((_name(scene, "to"), text),), lambda fact: fact.created <= bound)


def _range(scene: Scene, them: Population) -> Filter:
    """Both bounds of creation."""
    moments = sorted(fact.created for fact in them.facts)
    margin = timedelta(minutes=1 if them.known else 0)
    low = moments[scene.pick("range from", range(min(3, len(moments))))] - margin
    high = moments[-1 - scene.pick("range to", range(min(2, len(moments))))] + margin
    query = ((_name(scene, "from"), stamp(low, scene.pick("zone of from", _ZONES))), (_name(scene, "to"), stamp(high)))
    return Filter("range", query, lambda fact: low <= fact.created <= high)


def _clock(moment: datetime) -> int:
    """Seconds since midnight, UTC."""
    utc = moment.astimezone(UTC)
    return utc.hour * 3600 + utc.minute * 60 + utc.second


def clock_text(seconds: int) -> str:
    """Seconds since midnight as HH:MM:SS."""
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _time_of_day(scene: Scene, them: Population) -> Filter:
    """Bounds well between the times of day at which calls were created."""
    clocks = sorted({_clock(fact.created) for fact in them.facts})
    edges = [c for c in clocks if all(abs(c - 90 - other) >= 60 for other in clocks) and c >= 90]
    start = edges[scene.pick("day starts before", range(len(edges)))] - 90 if edges else 0
    later = [
        c + 90 for c in clocks if c >= start and c + 90 < 86400 and all(abs(c + 90 - other) >= 60 for other in clocks)
    ]
    end = later[scene.pick("day ends after", range(len(later)))] if later else 86399
    which = scene.pick("bounds of the day", ["both", "start", "end"])
    query = []
    if which != "end":
        query.append((_name(scene, "day-start"), clock_text(start)))
    if which != "start":
        query.append((_name(scene, "day-end"), clock_text(end)))
    low, high = (0 if which == "end" else start), (86399 if which == "start" else end)
    return Filter("time of day", tuple(query), lambda fact: low <= _clock(fact.created) <= high)


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
    "time of day": _time_of_day,
    "duration": _duration,
}
"""How to ask by each kind of filter, from the facts of a population."""

_PARAMETER = {"range": "from", "time of day": "day-start", "duration": "shortest"}


def offered(scene: Scene) -> list[str]:
    """The kinds of filter that the contract names."""
    named = scene.contract.listing["parameters"]
    return [name for name in FILTERS if _PARAMETER.get(name, name) in named]


def pick_filter(scene: Scene, them: Population, among: Sequence[str] | None = None, label: str = "filter") -> Filter:
    """One filter that suits the population.

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
        fits |= dict.fromkeys(("duration", "agents", "voice", "metadata", "time of day"), False)
    names = [name for name in among or offered(scene) if them.facts and fits.get(name, True) and name in offered(scene)]
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
        left = [name for name in offered(scene) if name not in taken]
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


def nothing(scene: Scene) -> tuple[tuple[str, str], ...]:
    """A query that nothing matches."""
    ways = {
        "agents": random_uuid(scene),
        "voice": random_uuid(scene),
        "from": "2199-01-01T00:00:00Z",
        "to": "1999-01-01T00:00:00Z",
        "metadata": scene.token(),
        "search": scene.token(24),
    }
    way = scene.pick("filter that nothing matches", [w for w in ways if w in scene.contract.listing["parameters"]])
    return ((_name(scene, way).format(key="nobody"), ways[way]),)
