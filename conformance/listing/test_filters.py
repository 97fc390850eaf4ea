"""Rules: what each filter lets through."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations

from conformance.listing import oracles
from conformance.listing.filters import (
    BOUNDS,
    Filter,
    clock_text,
    gap,
    joined,
    matching,
    offered,
    pick_filter,
    pick_filters,
)
from conformance.listing.population import Plan, Population, seeded
from conformance.listing.subjects import fair_size, known_people, people, steady
from conformance.listing.times import stamp
from conformance.listing.walking import NoPage, Query, ids_of, one_page, walk
from conformance.results import Violation
from conformance.rule import Vacuous, rule
from conformance.scene import Scene

__all__: list[str] = []

_ZONES = ("Z", "+02:00", "-07:30", "+00:00")


def _shown(scene: Scene, them: Population, query: Query) -> list[str]:
    size = fair_size(them, scene.pick("page size", [100, 2, 1]))
    return ids_of(scene, walk(scene, them, query, size=size).items)


def _lets_through(scene: Scene, them: Population, chosen: Filter) -> Iterator[Violation]:
    """The list under a filter is exactly what the filter lets through."""
    try:
        shown = _shown(scene, them, chosen.query)
    except NoPage as refused:
        if refused.first:
            yield Violation("refused", f"the list under {chosen.name}", "200 and a page", str(refused.exchange.status))
        return
    yield from oracles.exactly(shown, matching(them, chosen), f"the list under {chosen.name}")


def _by_facts(scene: Scene, name: str, plan: Plan | None = None) -> Iterator[Violation]:
    """Seed calls with known facts, perhaps another account's just like them, and ask by one filter."""
    them = known_people(scene, plan or Plan(scene.pick("population", [2, 6, 12]), zone=scene.pick("zone", _ZONES)))
    if them.api_key is not None and scene.pick("another account's calls alike", [False, True]):
        seeded(scene, Plan(len(them.facts)), like=them)
    chosen = pick_filter(scene, them, [name])
    if len(matching(them, chosen)) in {0, len(them.facts)} and scene.pick("trivial too", [False, True]):
        raise Vacuous("the filter lets through all or nothing")
    yield from _lets_through(scene, them, chosen)


def _bound(scene: Scene, which: str) -> Iterator[Violation]:
    """An inclusive bound: between creations, and at the very instant of one."""
    them = people(
        scene,
        Plan(
            scene.pick("population", [2, 5, 12]),
            times=scene.pick("times", ["apart", "in pairs"]),
            zone=scene.pick("zone", _ZONES),
        ),
    )
    if len(them.facts) < 2:
        raise Vacuous("too few calls to divide")
    moments = sorted({fact.created for fact in them.facts})
    if scene.pick("bound", ["at an instant", "between", "at an instant"]) == "between":
        bound = gap(scene, them)
    else:
        # Whole seconds only: what a server shows of finer ones may be cut.
        whole = [m for m in moments if m.microsecond == 0]
        if not whole:
            raise Vacuous("no creation lies on a whole second")
        bound = whole[scene.pick("instant", [*range(len(whole))][::-1])]
    name = scene.contract.listing["parameters"][which]
    lets = (lambda fact: fact.created >= bound) if which == "from" else (lambda fact: fact.created <= bound)
    other = {"from": ("to", moments[-1] + timedelta(hours=1)), "to": ("from", moments[0] - timedelta(hours=1))}[which]
    beside = scene.pick("the other bound too", [False, True]) and them.known
    query = [(name, stamp(bound, scene.pick("zone of the bound", _ZONES)))]
    if beside:
        query.append((scene.contract.listing["parameters"][other[0]], stamp(other[1])))
    chosen = Filter(f"{which} {stamp(bound)}", tuple(query), lets)
    found = list(_lets_through(scene, them, chosen))
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
    yield from _lets_through(scene, them, chosen)


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
    shown = [i for i in _shown(scene, them, chosen.query) if i not in open_second]
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


@rule("filter.search", read_only=True)
def test_search_narrows_the_list(scene: Scene) -> Iterator[Violation]:
    """What a search finds is on the unfiltered list; a random string finds nothing; finding erased text is observed."""
    them = people(scene, Plan(scene.pick("population", [1, 4, 12])))
    name = scene.contract.listing["parameters"]["search"]
    words = {
        "random": scene.token(24),
        "an id": them.facts[0].id if them.facts else "",
        "a part of an id": them.facts[0].id[:8] if them.facts else "",
    }
    if them.known and them.facts:
        words |= {"erased text": them.facts[0].text, "erased metadata": "blue", "one letter": "e"}
    kind = scene.pick("searched for", [k for k, word in words.items() if word])
    if them.known and them.api_key and scene.pick("others have it too", [False, True]):
        _others_with(scene, them, words[kind])
    empty = one_page(scene, them, ((name, ""),), intent="malformed")
    if empty.status >= 500:
        yield Violation("server-error", "an empty search", "no 5xx", str(empty.status))
    try:
        shown = _shown(scene, them, ((name, words[kind]),))
    except NoPage as refused:
        yield Violation("refused", f"a search ({kind})", "200 and a page", str(refused.exchange.status))
        return
    others = [i for i in shown if i not in them.ids]
    if others and them.known:
        yield Violation(
            "others",
            f"a search ({kind}) shows calls that the unfiltered list does not",
            "a part of the list",
            f"{len(others)} others",
            kind,
        )
    if kind == "random" and shown:
        yield Violation("found", "a search for a random string finds calls", "nothing", f"{len(shown)} calls")
    if kind.startswith("erased"):
        scene.observed[f"search for {kind}"] = "finds the call" if them.facts[0].id in shown else "finds nothing"


def _others_with(scene: Scene, them: Population, word: str) -> None:
    """Live calls of the same account, and another account's, that hold the word too."""
    names = scene.contract.listing["seed"]
    calls = [{names["text"]: word, names["metadata"]: {"note": word}}]
    try:
        scene.state("live calls exist", api_key=them.api_key, calls=calls)
        scene.state("deleted calls exist", api_key=scene.account(), calls=calls)
    except Vacuous:
        return


@rule("filter.conjunction", read_only=True)
def test_filters_together_intersect(scene: Scene) -> Iterator[Violation]:
    """Several filters together let through what each of them lets through."""
    plan = Plan(
        scene.pick("population", [6, 12, 24]), joined="all", instant_join=True, zone=scene.pick("zone", ["Z", "+02:00"])
    )
    them = people(scene, plan)
    for chosen in _several(scene, them):
        found = list(_lets_through(scene, them, chosen))
        steady(scene, them)
        yield from found
        if them.known and "search" in scene.contract.listing["parameters"]:
            yield from _beside_search(scene, them, chosen)


def _several(scene: Scene, them: Population) -> Iterator[Filter]:
    """Filters that are several: a share of all pairs, or three at once."""
    if not them.known:
        # Of calls that were found and not made, only the creation is known: its two bounds are two filters.
        yield pick_filter(scene, them, ["range"])
        return
    pairs = list(combinations(offered(scene), 2))
    share = scene.pick("share of the pairs", range(_SHARES))
    for one, other in pairs[share::_SHARES]:
        if not {one, other} <= BOUNDS:
            yield joined(pick_filter(scene, them, [one], one), pick_filter(scene, them, [other], other))
    yield pick_filters(scene, them, 3)


_SHARES = 4


def _beside_search(scene: Scene, them: Population, chosen: Filter) -> Iterator[Violation]:
    """What a search finds is not documented, but whatever it is, the other filters hold for it too."""
    word = (
        scene.contract.listing["parameters"]["search"],
        scene.pick("searched for", ["a", "e", "1", them.facts[0].id]),
    )
    others = [i for i in _shown(scene, them, (*chosen.query, word)) if i not in matching(them, chosen)]
    if others:
        yield Violation(
            "others",
            f"a search beside {chosen.name}",
            "only what the other filters let through",
            f"{len(others)} others",
            "search",
        )


@rule("filter.partition", read_only=True)
def test_splitting_a_range_splits_its_items(scene: Scene) -> Iterator[Violation]:
    """A range split where nothing was created splits its items: nothing lost, nothing twice."""
    them = people(
        scene,
        Plan(
            scene.pick("population", [2, 5, 12, 30]),
            times=scene.pick("times", ["apart", "in pairs"]),
            zone=scene.pick("zone", _ZONES),
        ),
    )
    if len(them.facts) < 2:
        raise Vacuous("too few calls to divide")
    named = scene.contract.listing["parameters"]
    moments = sorted(fact.created for fact in them.facts)
    # A window of a live list has bounds already.
    edges = (
        (
            (named["from"], stamp(moments[0] - timedelta(hours=1))),
            (named["to"], stamp(moments[-1] + timedelta(hours=1))),
        )
        if them.known
        else ()
    )
    middle = gap(scene, them)
    split = stamp(middle, scene.pick("zone of the split", _ZONES))
    left = _shown(scene, them, (*edges[:1], (named["to"], split)))
    right = _shown(scene, them, ((named["from"], split), *edges[1:]))
    steady(scene, them)
    yield from oracles.exactly([*left, *right], them.ids, "a range split in two")
    yield from oracles.once([*left, *right], "a range split in two")
    wrong = {f.id for f in them.facts if f.created > middle} & set(left) | {
        f.id for f in them.facts if f.created < middle
    } & set(right)
    if wrong:
        yield Violation("wrong-side", "a range split in two", "each item on its side", f"{len(wrong)} on the other")
