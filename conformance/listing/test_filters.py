"""Rules: what each filter lets through."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from conformance.listing import oracles
from conformance.listing.filtered import PAGE_SIZES, lets_through, shown_under
from conformance.listing.filters import (
    Filter,
    clock_text,
    gap,
    matching,
    pick_filter,
)
from conformance.listing.population import Plan, seeded
from conformance.listing.subjects import known_people, people, steady
from conformance.listing.times import stamp
from conformance.results import Violation
from conformance.rule import Vacuous, rule
from conformance.scene import Scene

__all__: list[str] = []

_ZONES = ("Z", "+02:00", "-07:30", "+00:00")


def _by_facts(scene: Scene, name: str, plan: Plan | None = None) -> Iterator[Violation]:
    """Seed calls with known facts, perhaps another account's just like them, and ask by one filter."""
    them = known_people(scene, plan or Plan(scene.pick("population", [2, 6, 12]), zone=scene.pick("zone", _ZONES)))
    if them.api_key is not None and scene.pick("another account's calls alike", [False, True]):
        seeded(scene, Plan(len(them.facts)), like=them)
    chosen = pick_filter(scene, them, [name])
    if len(matching(them, chosen)) in {0, len(them.facts)} and scene.pick("trivial too", [False, True]):
        raise Vacuous("the filter lets through all or nothing")
    yield from lets_through(scene, them, chosen)


def _bound(scene: Scene, which: str) -> Iterator[Violation]:
    """An inclusive bound: between creations, and at the very instant of one."""
    times = scene.pick("times", ["apart", "in pairs"])
    them = people(scene, Plan(scene.pick("population", [2, 5, 12]), times=times, zone=scene.pick("zone", _ZONES)))
    if len(them.facts) < 2:
        raise Vacuous("too few calls to divide")
    moments = sorted({fact.created for fact in them.facts})
    kind = scene.pick("bound", ["at an instant", "between", "half an hour off"])
    if kind == "between":
        bound = gap(scene, them)
    else:
        # Whole seconds only: what a server shows of finer ones may be cut.
        whole = [m for m in moments if m.microsecond == 0]
        if not whole:
            raise Vacuous("no creation lies on a whole second")
        bound = whole[scene.pick("instant", [*range(len(whole))][::-1])]
    if kind == "half an hour off":
        # Just past the call, on the same day: a bound that is rounded to a day or an hour lets it through.
        bound += timedelta(minutes=30 if which == "from" else -30)
    name = scene.contract.listing["parameters"][which]
    lets = (lambda fact: fact.created >= bound) if which == "from" else (lambda fact: fact.created <= bound)
    other = {"from": ("to", moments[-1] + timedelta(hours=1)), "to": ("from", moments[0] - timedelta(hours=1))}[which]
    beside = scene.pick("the other bound too", [False, True]) and them.known
    query = [(name, stamp(bound, scene.pick("zone of the bound", _ZONES)))]
    if beside:
        query.append((scene.contract.listing["parameters"][other[0]], stamp(other[1])))
    chosen = Filter(f"{which} {stamp(bound)}", tuple(query), lets)
    # Of two calls at the very bound, one stands on a later page.
    sizes = [1] if times == "in pairs" and kind == "at an instant" else PAGE_SIZES
    found = list(lets_through(scene, them, chosen, sizes))
    steady(scene, them)
    yield from found


@rule("filter.from", read_only=True)
def test_from_is_an_inclusive_bound(scene: Scene) -> Iterator[Violation]:
    """`from` lets through what was created at that instant or later, whatever its offset."""
    yield from _bound(scene, "from")


@rule("filter.to", read_only=True)
def test_to_is_an_inclusive_bound(scene: Scene) -> Iterator[Violation]:
    """`to` lets through what was created at that instant or earlier, whatever its offset."""
    yield from _bound(scene, "to")


@rule("filter.date-only", needs=("states",))
def test_a_bare_date_is_a_whole_day(scene: Scene) -> Iterator[Violation]:
    """A bare date means the start of that day as `from`, its end as `to`."""
    day = datetime(2024, 5, scene.pick("day", [15, 1, 31]), tzinfo=UTC)
    if scene.requirement.data["part"] == "margins":
        # Midday lies in the day and 36 hours off it outside, in whatever zone the server reads a date.
        created = [day + timedelta(hours=h) for h in (12, -24, 48, 11.5, -72, 96)]
    else:
        created = [day + timedelta(seconds=s) for s in (0, 86399, -1, 86400, 43200, 3600)]
    them = known_people(scene, Plan(len(created), created=created, zone=scene.pick("zone", _ZONES)))
    named = scene.contract.listing["parameters"]
    which = scene.pick("bounds", ["both", "from", "to"])
    text = day.date().isoformat()
    query = [(named["from"], text)] * (which != "to") + [(named["to"], text)] * (which != "from")
    low, high = day, day + timedelta(days=1)
    chosen = Filter(
        f"the date {text} as {which}",
        tuple(query),
        lambda f: (which == "to" or f.created >= low) and (which == "from" or f.created < high),
    )
    yield from lets_through(scene, them, chosen)


@rule("filter.time-of-day", needs=("states",))
def test_time_of_day_bounds_every_day(scene: Scene) -> Iterator[Violation]:
    """Times of day bound creation on every date, in UTC; at the second they are inclusive."""
    if scene.requirement.data["part"] == "margins":
        yield from _by_facts(scene, "time of day")
        return
    start, end = 9 * 3600 + 30 * 60, 17 * 3600 + 45 * 60 + 20
    midnight = datetime(2024, 5, 15, tzinfo=UTC)
    created = [
        midnight + timedelta(days=n, seconds=s)
        for n, s in enumerate((start, end, start - 1, end + 1, (start + end) // 2, end + 0.7))
    ]
    them = known_people(scene, Plan(len(created), created=created, zone=scene.pick("zone", _ZONES)))
    named = scene.contract.listing["parameters"]
    which = scene.pick("bounds", ["both", "start", "end"])
    query = [(named["day-start"], clock_text(start))] * (which != "end") + [(named["day-end"], clock_text(end))] * (
        which != "start"
    )
    low, high = (0 if which == "end" else start), (86400 if which == "start" else end)
    chosen = Filter(f"time of day ({which})", tuple(query), lambda f: low <= _clock(f.created) <= high)
    open_second = {f.id for f in them.facts if f.created.microsecond} if which != "start" else set()
    shown = [i for i in shown_under(scene, them, chosen.query) if i not in open_second]
    yield from oracles.exactly(shown, matching(them, chosen) - open_second, f"the list under {chosen.name}")


def _clock(moment: datetime) -> float:
    return (moment - moment.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()


@rule("filter.duration", needs=("states",))
def test_duration_bounds_joined_calls(scene: Scene) -> Iterator[Violation]:
    """Shortest and longest bound the duration of calls that were joined."""
    yield from _by_facts(scene, "duration", Plan(scene.pick("population", [3, 6, 12]), joined="all", instant_join=True))


@rule("filter.agents", needs=("states",))
def test_agents_let_any_of_them_through(scene: Scene) -> Iterator[Violation]:
    """The agents filter lets the calls of any of the agents through, and no other's."""
    yield from _by_facts(scene, "agents")


@rule("filter.voice", needs=("states",))
def test_voice_lets_its_calls_through(scene: Scene) -> Iterator[Violation]:
    """The voice filter lets the calls with that voice through, and no other's."""
    yield from _by_facts(scene, "voice")


@rule("filter.metadata", needs=("states",))
def test_metadata_must_match_in_every_pair(scene: Scene) -> Iterator[Violation]:
    """The metadata filter lets through the calls that have every pair."""
    yield from _by_facts(scene, "metadata")
