"""Rules: search, several filters at once, and a range split in two."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations

from conformance.listing import oracles
from conformance.listing.filtered import lets_through, shown_under
from conformance.listing.filters import BOUNDS, Filter, gap, joined, matching, offered, pick_filter, pick_filters
from conformance.listing.ids import Ids
from conformance.listing.population import Plan, Population
from conformance.listing.subjects import people, steady
from conformance.listing.times import stamp
from conformance.listing.walking import NoPage, one_page
from conformance.results import Violation
from conformance.rule import Vacuous, rule
from conformance.scene import Scene

__all__: list[str] = []

_ZONES = ("Z", "+02:00", "-07:30", "+00:00")


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
        shown = shown_under(scene, them, ((name, words[kind]),))
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


@rule("filter.conjunction", long=True, read_only=True)
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
            yield joined(pick_filter(scene, them, [one], one), pick_filter(scene, them, [other], other))
    yield pick_filters(scene, them, 3)


_SHARES = 4


def _beside_search(scene: Scene, them: Population, chosen: Filter) -> Iterator[Violation]:
    """What a search finds is not documented, but whatever it is, the other filters hold for it too."""
    word = (
        scene.contract.listing["parameters"]["search"],
        scene.pick("searched for", ["a", "e", "1", them.facts[0].id]),
    )
    others = [i for i in shown_under(scene, them, (*chosen.query, word)) if i not in matching(them, chosen)]
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
    left = shown_under(scene, them, (*edges[:1], (named["to"], split)))
    right = shown_under(scene, them, ((named["from"], split), *edges[1:]))
    steady(scene, them)
    yield from oracles.exactly([*left, *right], them.ids, "a range split in two")
    yield from oracles.once(Ids([*left, *right]), "a range split in two")
    wrong = {f.id for f in them.facts if f.created > middle} & set(left) | {
        f.id for f in them.facts if f.created < middle
    } & set(right)
    if wrong:
        yield Violation("wrong-side", "a range split in two", "each item on its side", f"{len(wrong)} on the other")
