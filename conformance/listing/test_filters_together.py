"""Rules: search, several filters at once, and a range split in two."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations

from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.engine.stops import NotReached
from conformance.listing import oracles
from conformance.listing.bounds import between
from conformance.listing.filtered import as_answered_alone, lets_through, refused, walked_under
from conformance.listing.filters import BOUNDS, Filter, gap, joined, matching, offered, pick_filter, pick_filters
from conformance.listing.ids import Ids
from conformance.listing.population import Plan, Population, stranger
from conformance.listing.subjects import population_of, require_unchanged
from conformance.listing.times import ZONES
from conformance.listing.walking import NoPage, first_page, ids_of, one_page
from conformance.results.findings import Violation

__all__: list[str] = []


@rule("filter.search", read_only=True, proof=("before", "act"))
def test_search_narrows_the_list(context: Context) -> Iterator[Violation]:
    """What a search finds is on the unfiltered list, each once; a random string does not match everything."""
    besides = context.pick("live ones have it too", [False, True])
    other = stranger(context, "another account's have it too")
    population = population_of(context, Plan(context.pick("population", [1, 4, 12])))
    if not population.facts:
        raise NotReached("the list is empty")
    name = context.contract.listing.parameters["search"]
    words = {
        "random": context.token(24),
        "an id": population.facts[0].id,
        "a part of an id": population.facts[0].id[:8],
    }
    if population.known:
        words |= {"erased text": population.facts[0].text, "erased metadata": "blue", "one letter": "e"}
    kind = context.pick("searched for", list(words))
    if population.known:
        _others_with(context, population, words[kind], other, live=besides)
    empty = one_page(context, population, ((name, ""),), intent="malformed")
    if empty.status >= 500:
        yield Violation("server-error", "an empty search", "no 5xx", str(empty.status), about=(empty,))
    before = first_page(context, population)
    try:
        seen = walked_under(context, population, ((name, words[kind]),))
    except NoPage as problem:
        yield refused(problem, f"a search ({kind})")
        return
    shown = ids_of(context, seen.items)
    others = [i for i in shown if i not in population.ids]
    found = list(oracles.once(Ids(shown), f"a search ({kind})", seen.edges))
    if others and population.apart:
        found.append(
            Violation(
                "others",
                f"a search ({kind}) shows calls that the unfiltered list does not",
                "a part of the list",
                f"{len(others)} others",
                kind,
                about=seen.showing(context, others),
            )
        )
    if kind == "random":
        # What is near to it in some other sense may lawfully be found, but not simply everything.
        if len(population.facts) > 1 and population.ids <= set(shown):
            what = "a search for a random string finds every call"
            found.append(Violation("found", what, "not all of them", f"all {len(population.ids)}", about=seen.edges))
        context.observed["search for a random string"] = "finds calls" if shown else "finds nothing"
    if found:
        require_unchanged(context, population)
    yield from found
    if kind.startswith("erased"):
        context.observed[f"search for {kind}"] = (
            "finds the call" if population.facts[0].id in shown else "finds nothing"
        )
    context.prove("before", before.exchange)
    context.prove("act", *seen.shown)


def _others_with(context: Context, population: Population, word: str, other: str | None, *, live: bool) -> None:
    """A live call of the same account, and a deleted one of another, that hold the word too."""
    call = population.beside(context, text=word, metadata={"note": word})
    if other is not None:
        context.state("deleted calls exist", api_key=other, calls=[call])
    if not live:
        return
    try:
        context.state("live calls exist", api_key=population.api_key, calls=[call])
    except NotReached:
        # The target can't have live calls: then none can be found.
        return


@rule("filter.conjunction", long=True, read_only=True, proof=("before", "act"))
def test_filters_together_intersect(context: Context) -> Iterator[Violation]:
    """Several filters together let through what each of them lets through."""
    plan = Plan(
        context.pick("population", [6, 12, 24]),
        joined="all",
        instant_join=True,
        zone=context.pick("zone", ["Z", "+02:00"]),
    )
    population = population_of(context, plan)
    for chosen in _several(context, population):
        found = list(lets_through(context, population, chosen))
        require_unchanged(context, population)
        yield from found
        if population.known and "search" in context.contract.listing.parameters:
            yield from _beside_search(context, population, chosen)


def _several(context: Context, population: Population) -> Iterator[Filter]:
    """Filters that are several: a share of all pairs, or three at once."""
    if not population.known:
        # Of calls that were found and not made, only the creation is known: its two bounds are two filters.
        yield pick_filter(context, population, ["range"])
        return
    pairs = list(combinations(offered(context), 2))
    share = context.pick("share of the pairs", range(_SHARES))
    for one, other in pairs[share::_SHARES]:
        if not {one, other} <= BOUNDS:
            yield joined(
                *(
                    as_answered_alone(context, population, pick_filter(context, population, [name], name))
                    for name in (one, other)
                )
            )
    yield pick_filters(context, population, 3)


_SHARES = 4


def _beside_search(context: Context, population: Population, chosen: Filter) -> Iterator[Violation]:
    """What a search finds is not documented, but whatever it is, the other filters hold for it too."""
    word = (
        context.contract.listing.parameters["search"],
        context.pick("searched for", ["a", "e", "1", population.facts[0].id]),
    )
    seen = walked_under(context, population, (*chosen.query, word))
    others = [i for i in ids_of(context, seen.items) if i not in matching(population, chosen)]
    if others:
        yield Violation(
            "others",
            f"a search beside {chosen.name}",
            "only what the other filters let through",
            f"{len(others)} others",
            "search",
            about=seen.showing(context, others),
        )


@rule("filter.partition", read_only=True, proof=("before", "act"))
def test_splitting_a_range_splits_its_items(context: Context) -> Iterator[Violation]:
    """A range split where nothing was created splits its items: nothing lost, nothing twice."""
    population = population_of(
        context,
        Plan(
            context.pick("population", [2, 5, 12, 30]),
            times=context.pick("times", ["apart", "in pairs"]),
            zone=context.pick("zone", ZONES),
        ),
    )
    if len(population.facts) < 2:
        raise NotReached("too few calls to divide")
    moments = sorted(fact.created for fact in population.facts)
    # A window of a live list has bounds already.
    hour = timedelta(hours=1)
    first, last = (moments[0] - hour, moments[-1] + hour) if population.known else (None, None)
    middle, zone = gap(context, population), context.pick("zone of the split", ZONES)
    before = first_page(context, population)
    halves = [
        walked_under(context, population, between(context, first, middle, other_zone=zone)),
        walked_under(context, population, between(context, middle, last, zone=zone)),
    ]
    left, right = (ids_of(context, half.items) for half in halves)
    require_unchanged(context, population)
    about = (before.exchange, *halves[0].edges[-1:], *halves[1].edges[-1:])
    yield from oracles.exactly([*left, *right], population.ids, "a range split in two", about)
    yield from oracles.once(Ids([*left, *right]), "a range split in two", about)
    wrong = {f.id for f in population.facts if f.created > middle} & set(left) | {
        f.id for f in population.facts if f.created < middle
    } & set(right)
    if wrong:
        what = "a range split in two"
        yield Violation("wrong-side", what, "each item on its side", f"{len(wrong)} on the other", about=about)
    context.prove("before", before.exchange)
    context.prove("act", *halves[0].shown[:2], *halves[1].shown[:2])
