"""Rules: what each filter lets through."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain

from conformance.contracts import pointer
from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.engine.stops import NotReached
from conformance.http import instants
from conformance.http.exchange import Exchange
from conformance.listing.bounds import between
from conformance.listing.clock import MARGIN, OFFSETS, UTC_ALONE, Asked, one_offset, whole_day
from conformance.listing.filtered import PAGE_SIZES, lets_through, refused, walked_under
from conformance.listing.filters import Filter, gap, matching, pick_filter
from conformance.listing.population import Fact, Plan, Population, seeded, stranger
from conformance.listing.subjects import known_population, population_of, require_unchanged
from conformance.listing.times import ZONES, clock_of, clock_text, stamp
from conformance.listing.walking import NoPage, Query, first_page, ids_of
from conformance.results.findings import Violation

__all__: list[str] = []


def _by_facts(context: Context, name: str, plan: Plan | None = None) -> Iterator[Violation]:
    """Seed calls with known facts, perhaps another account's just like them, and ask by one filter."""
    plan = plan or Plan(context.pick("population", [2, 6, 12]), zone=context.pick("zone", ZONES))
    other = stranger(context, "another account's calls alike")
    population = known_population(context, plan)
    if other is not None:
        seeded(context, Plan(len(population.facts)), like=population, api_key=other)
    chosen = pick_filter(context, population, [name])
    if len(matching(population, chosen)) in {0, len(population.facts)} and context.pick("trivial too", [False, True]):
        raise NotReached("the filter lets through all or nothing")
    yield from lets_through(context, population, chosen)


def _bound(context: Context, which: str) -> Iterator[Violation]:
    """An inclusive bound: between creations, and at the very instant of one."""
    times = context.pick("times", ["apart", "in pairs"])
    population = population_of(
        context, Plan(context.pick("population", [2, 5, 12]), times=times, zone=context.pick("zone", ZONES))
    )
    if len(population.facts) < 2:
        raise NotReached("too few calls to divide")
    moments = sorted({fact.created for fact in population.facts})
    kind = context.pick("bound", ["at an instant", "between", "half an hour off"])
    if kind == "between":
        bound = gap(context, population)
    else:
        # Whole seconds only: what a server shows of finer ones may be cut.
        whole = sorted({fact.created for fact in population.facts if _is_exact(context, population, fact)})
        if not whole:
            raise NotReached("no creation lies on a whole second")
        bound = whole[context.pick("instant", [*range(len(whole))][::-1])]
    if kind == "half an hour off":
        # Just past the call, on the same day: a bound that is rounded to a day or an hour lets it through.
        bound += timedelta(minutes=30 if which == "from" else -30)
        if any(abs(moment - bound) < _CLEAR for moment in moments):
            raise NotReached("another creation lies at the bound")
    other = moments[-1] + timedelta(hours=1) if which == "from" else moments[0] - timedelta(hours=1)
    beside = other if context.pick("the other bound too", [False, True]) and population.known else None
    zone = context.pick("zone of the bound", ZONES)
    if which == "from":
        query = between(context, bound, beside, zone=zone)
        chosen = Filter(f"from {stamp(bound)}", query, lambda fact: fact.created >= bound)
    else:
        query = between(context, beside, bound, other_zone=zone)
        chosen = Filter(f"to {stamp(bound)}", query, lambda fact: fact.created <= bound)
    # Of two calls at the very bound, one stands on a later page.
    sizes = [1] if times == "in pairs" and kind == "at an instant" else PAGE_SIZES
    found = list(lets_through(context, population, chosen, sizes))
    require_unchanged(context, population)
    yield from found


_CLEAR = timedelta(seconds=5)


def _is_exact(context: Context, population: Population, fact: Fact) -> bool:
    """Whether a call was created at a whole second, and not at one that was cut when it was shown."""
    shown = instants.parse(pointer.get(fact.stored, context.contract.listing.times["created"]))
    return fact.created.microsecond == 0 and (
        population.known or (shown is not None and shown.resolution <= _MICROSECOND)
    )


_MICROSECOND = Decimal("0.000001")


@rule("filter.from", read_only=True, proof=("before", "act"))
def test_from_is_an_inclusive_bound(context: Context) -> Iterator[Violation]:
    """`from` lets through what was created at that instant or later, whatever its offset."""
    yield from _bound(context, "from")


@rule("filter.to", read_only=True, proof=("before", "act"))
def test_to_is_an_inclusive_bound(context: Context) -> Iterator[Violation]:
    """`to` lets through what was created at that instant or earlier, whatever its offset."""
    yield from _bound(context, "to")


@rule("filter.date-only", needs=("states",), proof=("before", "act"))
def test_a_bare_date_is_a_whole_day(context: Context) -> Iterator[Violation]:
    """A bare date means the start of that day as `from`, its end as `to`."""
    day = datetime(2024, 5, context.pick("day", [15, 1, 31]), tzinfo=UTC)
    margins = context.requirement.data.part == "margins"
    # In whatever zone a date is read: two hours after its midnight in UTC it is not over, two before the next it has
    # begun, and a day and a half off midday it is another. Between them, one zone must explain what is shown.
    hours = (12, -24, 48, 11.5, -72, 96, 2, 22) if margins else (0, 86399 / 3600, -1 / 3600, 24, 12, 1)
    created = [day + timedelta(seconds=round(hour * 3600)) for hour in hours]
    population = known_population(context, Plan(len(created), created=created, zone=context.pick("zone", ZONES)))
    named = context.contract.listing.parameters
    which = context.pick("bounds", ["both", "from", "to"])
    text = day.date().isoformat()
    query = [(named["from"], text)] * (which != "to") + [(named["to"], text)] * (which != "from")
    if margins:
        yield from _in_some_zone(context, population, day, query, (which != "to", which != "from"))
        return
    low, high = day, day + timedelta(days=1)
    chosen = Filter(
        f"the date {text} as {which}",
        tuple(query),
        lambda f: (which == "to" or f.created >= low) and (which == "from" or f.created < high),
    )
    yield from lets_through(context, population, chosen)


def _in_some_zone(
    context: Context, population: Population, day: datetime, query: Query, bounds: tuple[bool, bool]
) -> Iterator[Violation]:
    before = first_page(context, population)
    try:
        seen = walked_under(context, population, query)
    except NoPage as problem:
        yield refused(problem, "the list under a bare date")
        return
    shown = set(map(str, ids_of(context, seen.items)))
    if population.apart:
        yield from _no_others(shown - population.ids, "a bare date", seen.shown)
    yield from whole_day(population.facts, day, bounds, shown, seen.shown)
    context.prove("before", before.exchange)
    context.prove("act", *seen.shown)


def _no_others(others: Collection[str], what: str, about: tuple[Exchange, ...]) -> Iterator[Violation]:
    if others:
        words = f"the list under {what} shows items that do not belong there"
        yield Violation("others", words, "a part of the list", f"{len(others)} others", about=about)


@rule("filter.time-of-day", needs=("states",), proof=("before", "act"))
def test_time_of_day_bounds_every_day(context: Context) -> Iterator[Violation]:
    """Times of day bound creation on every date; one clock explains all answers, it is UTC, and seconds count whole."""
    if context.requirement.data.part == "inclusive":
        yield from _to_the_second(context)
        return
    dates = context.pick("dates", [1, 2, 3])
    created = [
        datetime.combine(date, datetime.min.time(), UTC) + timedelta(minutes=minutes + 11 * number)
        for number, date in enumerate(_DATES[:dates])
        for minutes in _CLOCKS
    ]
    plan = Plan(len(created), created=created, zone=context.pick("zone", ZONES), uneven_lag=True)
    population = known_population(context, plan)
    clocks = sorted(int(clock_of(fact.created)) for fact in population.facts)
    asked: list[tuple[int | None, int | None]] = []
    for number in range(_QUESTIONS):
        first = context.pick(f"day {number} starts before", range(len(clocks)))
        last = first + context.pick(f"day {number} ends after", range(len(clocks) - first))
        which = context.pick(f"bounds of day {number}", ["both", "start", "end"])
        start, end = max(0, clocks[first] - _BESIDE), min(_LAST_SECOND, clocks[last] + _BESIDE)
        asked.append((None if which == "end" else start, None if which == "start" else end))
    offsets = UTC_ALONE if context.requirement.data.part == "utc" else OFFSETS
    yield from _by_the_clock(context, population, asked, offsets, MARGIN)


_DATES = tuple(datetime(2024, month, day, tzinfo=UTC).date() for month, day in ((1, 17), (7, 17), (11, 20)))
"""Wednesdays in the middle of a month: no clock is changed on them, and between them many are."""
_CLOCKS = (
    *(11, 76, 139, 206, 251, 330, 365, 437, 478, 541, 578, 623),
    *(679, 741, 772, 838, 901, 952, 1018, 1067, 1113, 1177, 1274, 1361),
)
"""Minutes after midnight at which calls were created: uneven, and so close that a wrong answer fits no zone."""
_QUESTIONS = 4
_LARGE_PAGES = (100, 25)
_BESIDE = 150
"""Seconds between a bound and the call that it is laid beside: beyond the margin, and no quarter of an hour."""
_LAST_SECOND = 86_399


def _to_the_second(context: Context) -> Iterator[Violation]:
    start, end = 9 * 3600 + 30 * 60, 17 * 3600 + 45 * 60 + 20
    midnight = datetime(2024, 5, 15, tzinfo=UTC)
    clocks = (start, end, start - 1, end + 1, (start + end) // 2, end + 0.7, start + 1, end - 1)
    created = [midnight + timedelta(seconds=seconds) for seconds in clocks]
    population = known_population(context, Plan(len(created), created=created, zone=context.pick("zone", ZONES)))
    which = context.pick("bounds", ["both", "start", "end"])
    bounds = (None if which == "end" else start, None if which == "start" else end)
    yield from _by_the_clock(context, population, [bounds], OFFSETS, 0)


def _by_the_clock(
    context: Context,
    population: Population,
    asked: list[tuple[int | None, int | None]],
    offsets: tuple[int, ...],
    margin: int,
) -> Iterator[Violation]:
    """Ask by times of day, and hold all answers together against what one clock would show."""
    named = context.contract.listing.parameters
    before = first_page(context, population)
    answers = []
    for start, end in asked:
        bounds = ((named["day-start"], start), (named["day-end"], end))
        query = [(name, clock_text(bound)) for name, bound in bounds if bound is not None]
        try:
            seen = walked_under(context, population, query, _LARGE_PAGES)
        except NoPage as problem:
            yield refused(problem, "the list under a time of day")
            return
        answers.append(Asked(start, end, frozenset(map(str, ids_of(context, seen.items))), seen.shown))
    others = (
        frozenset(chain.from_iterable(answer.shown for answer in answers)) - population.ids if population.apart else ()
    )
    about = next((answer.exchanges for answer in answers if answer.shown - population.ids), ())
    yield from _no_others(others, "a time of day", about)
    yield from one_offset(population.facts, answers, offsets, margin)
    context.prove("before", before.exchange)
    context.prove("act", *answers[0].exchanges[:3])


@rule("filter.duration", needs=("states",), proof=("before", "act"))
def test_duration_bounds_joined_calls(context: Context) -> Iterator[Violation]:
    """Shortest and longest bound the duration of calls that were joined."""
    yield from _by_facts(
        context, "duration", Plan(context.pick("population", [3, 6, 12]), joined="all", instant_join=True)
    )


@rule("filter.agents", needs=("states",), proof=("before", "act"))
def test_agents_let_any_of_them_through(context: Context) -> Iterator[Violation]:
    """The agents filter lets the calls of any of the agents through, and no other's."""
    yield from _by_facts(context, "agents")


@rule("filter.voice", needs=("states",), proof=("before", "act"))
def test_voice_lets_its_calls_through(context: Context) -> Iterator[Violation]:
    """The voice filter lets the calls with that voice through, and no other's."""
    yield from _by_facts(context, "voice")


@rule("filter.metadata", needs=("states",), proof=("before", "act"))
def test_metadata_must_match_in_every_pair(context: Context) -> Iterator[Violation]:
    """The metadata filter lets through the calls that have every pair."""
    yield from _by_facts(context, "metadata")
