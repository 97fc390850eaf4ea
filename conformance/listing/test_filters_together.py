"""Rules: search, several filters at once, and a range split in two."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations

from conformance.listing import oracles
from conformance.listing.bounds import between
from conformance.listing.filtered import as_answered_alone, lets_through, refused, walked_under
from conformance.listing.filters import BOUNDS, Filter, gap, joined, matching, offered, pick_filter, pick_filters
from conformance.listing.ids import Ids
from conformance.listing.population import Plan, Population, stranger
from conformance.listing.subjects import people, steady
from conformance.listing.times import ZONES
from conformance.listing.walking import NoPage, first_page, ids_of, one_page
from conformance.results import Violation
from conformance.rule import Vacuous, rule
from conformance.scene import Scene

__all__: list[str] = []


@rule("filter.search", read_only=True, proof=("before", "act"))
def test_search_narrows_the_list(scene: Scene) -> Iterator[Violation]:
    """What a search finds is on the unfiltered list, each once; a random string does not match everything."""
    besides = scene.pick("live ones have it too", [False, True])
    other = stranger(scene, "another account's have it too")
    them = people(scene, Plan(scene.pick("population", [1, 4, 12])))
    if not them.facts:
        raise Vacuous("the list is empty")
    name = scene.contract.listing["parameters"]["search"]
    words = {"random": scene.token(24), "an id": them.facts[0].id, "a part of an id": them.facts[0].id[:8]}
    if them.known:
        words |= {"erased text": them.facts[0].text, "erased metadata": "blue", "one letter": "e"}
    kind = scene.pick("searched for", list(words))
    if them.known:
        _others_with(scene, them, words[kind], other, live=besides)
    empty = one_page(scene, them, ((name, ""),), intent="malformed")
    if empty.status >= 500:
        yield Violation("server-error", "an empty search", "no 5xx", str(empty.status), about=(empty,))
    before = first_page(scene, them)
    try:
        seen = walked_under(scene, them, ((name, words[kind]),))
    except NoPage as problem:
        yield refused(problem, f"a search ({kind})")
        return
    shown = ids_of(scene, seen.items)
    others = [i for i in shown if i not in them.ids]
    found = list(oracles.once(Ids(shown), f"a search ({kind})", seen.edges))
    if others and them.apart:
        found.append(
            Violation(
                "others",
                f"a search ({kind}) shows calls that the unfiltered list does not",
                "a part of the list",
                f"{len(others)} others",
                kind,
                about=seen.showing(scene, others),
            )
        )
    if kind == "random":
        # What is near to it in some other sense may lawfully be found, but not simply everything.
        if len(them.facts) > 1 and them.ids <= set(shown):
            what = "a search for a random string finds every call"
            found.append(Violation("found", what, "not all of them", f"all {len(them.ids)}", about=seen.edges))
        scene.observed["search for a random string"] = "finds calls" if shown else "finds nothing"
    if found:
        steady(scene, them)
    yield from found
    if kind.startswith("erased"):
        scene.observed[f"search for {kind}"] = "finds the call" if them.facts[0].id in shown else "finds nothing"
    scene.prove("before", before.exchange)
    scene.prove("act", *seen.shown)


def _others_with(scene: Scene, them: Population, word: str, other: str | None, *, live: bool) -> None:
    """A live call of the same account, and a deleted one of another, that hold the word too."""
    call = them.beside(scene, text=word, metadata={"note": word})
    if other is not None:
        scene.state("deleted calls exist", api_key=other, calls=[call])
    if not live:
        return
    try:
        scene.state("live calls exist", api_key=them.api_key, calls=[call])
    except Vacuous:
        # The target can't have live calls: then none can be found.
        return


@rule("filter.conjunction", long=True, read_only=True, proof=("before", "act"))
def test_filters_together_intersect(scene: Scene) -> Iterator[Violation]:
    """Several filters together let through what each of them lets through."""
    plan = Plan(
        scene.pick("population", [6, 12, 24]), joined="all", instant_join=True, zone=scene.pick("zone", ["Z", "+02:00"])
    )
    them = people(scene, plan)
    for chosen in _several(scene, them):
        found = list(lets_through(scene, them, chosen))
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
            yield joined(
                *(as_answered_alone(scene, them, pick_filter(scene, them, [name], name)) for name in (one, other))
            )
    yield pick_filters(scene, them, 3)


_SHARES = 4


def _beside_search(scene: Scene, them: Population, chosen: Filter) -> Iterator[Violation]:
    """What a search finds is not documented, but whatever it is, the other filters hold for it too."""
    word = (
        scene.contract.listing["parameters"]["search"],
        scene.pick("searched for", ["a", "e", "1", them.facts[0].id]),
    )
    seen = walked_under(scene, them, (*chosen.query, word))
    others = [i for i in ids_of(scene, seen.items) if i not in matching(them, chosen)]
    if others:
        yield Violation(
            "others",
            f"a search beside {chosen.name}",
            "only what the other filters let through",
            f"{len(others)} others",
            "search",
            about=seen.showing(scene, others),
        )


@rule("filter.partition", read_only=True, proof=("before", "act"))
def test_splitting_a_range_splits_its_items(scene: Scene) -> Iterator[Violation]:
    """A range split where nothing was created splits its items: nothing lost, nothing twice."""
    them = people(
        scene,
        Plan(
            scene.pick("population", [2, 5, 12, 30]),
            times=scene.pick("times", ["apart", "in pairs"]),
            zone=scene.pick("zone", ZONES),
        ),
    )
    if len(them.facts) < 2:
        raise Vacuous("too few calls to divide")
    moments = sorted(fact.created for fact in them.facts)
    # A window of a live list has bounds already.
    hour = timedelta(hours=1)
    first, last = (moments[0] - hour, moments[-1] + hour) if them.known else (None, None)
    middle, zone = gap(scene, them), scene.pick("zone of the split", ZONES)
    before = first_page(scene, them)
    halves = [
        walked_under(scene, them, between(scene, first, middle, other_zone=zone)),
        walked_under(scene, them, between(scene, middle, last, zone=zone)),
    ]
    left, right = (ids_of(scene, half.items) for half in halves)
    steady(scene, them)
    about = (before.exchange, *halves[0].edges[-1:], *halves[1].edges[-1:])
    yield from oracles.exactly([*left, *right], them.ids, "a range split in two", about)
    yield from oracles.once(Ids([*left, *right]), "a range split in two", about)
    wrong = {f.id for f in them.facts if f.created > middle} & set(left) | {
        f.id for f in them.facts if f.created < middle
    } & set(right)
    if wrong:
        what = "a range split in two"
        yield Violation("wrong-side", what, "each item on its side", f"{len(wrong)} on the other", about=about)
    scene.prove("before", before.exchange)
    scene.prove("act", *halves[0].shown[:2], *halves[1].shown[:2])
