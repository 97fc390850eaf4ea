"""Whose calls a listing rule looks at: seeded ones where a state is there, else what the list holds."""

import time
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from conformance import pointer
from conformance.listing.bounds import between
from conformance.listing.native import made_natively
from conformance.listing.population import Fact, Plan, Population, seeded
from conformance.listing.times import moment_of
from conformance.listing.walking import NoPage, first_page, ids_of, link, walk
from conformance.rule import Vacuous
from conformance.scene import Scene

__all__ = ["fair_size", "known_people", "people", "settled", "shown_of", "steady"]

T = TypeVar("T")

_WINDOW = 300
"""Items of a list that was not seeded which are looked at, at most (DESIGN, judging fairly)."""


_CLOSE_LOOK = 50
"""Items of a longer list that the window is laid around."""


def fair_size(them: Population, size: int) -> int:
    """A page size that walks a found list in some ten pages at most; seeded ones are as small as they should be."""
    return size if them.known else max(size, len(them.facts) // 10)


def people(scene: Scene, plan: Plan) -> Population:
    """A population by plan, or a window of the live list.

    Raises:
        Vacuous: the target can't be put into the state, or the live list has no window of a fit size.
    """
    return known_people(scene, plan) if scene.run.has("states") else _found(scene)


def known_people(scene: Scene, plan: Plan) -> Population:
    """A population that the suite made itself: by state, else with the vendor's own operations.

    Raises:
        Vacuous: the target can't be put into the state.
    """
    them = seeded(scene, plan) if scene.run.has("states") else made_natively(scene, plan.size)
    # What does not come to be shown is not waited for any longer: it is for the rule to judge.
    settled(scene, lambda: shown_of(scene, them), lambda shown: them.ids <= set(map(str, shown)))
    return them


_POLL: Final = 0.1
"""Seconds between two looks at a target that is settling."""


def settled(scene: Scene, look: Callable[[], T], clean: Callable[[T], bool]) -> T | None:
    """What a look shows once it is clean, or when the time is up that the target declared to need.

    None where it declared none: then nothing is looked at.
    """
    needs = scene.run.target.settle_seconds
    if not needs:
        return None
    began = time.monotonic()
    seen = look()
    while not clean(seen) and time.monotonic() - began < needs:
        scene.wait(_POLL)
        seen = look()
    scene.observed["seconds until a deletion shows"] = f"{time.monotonic() - began:.1f}"
    return seen


def shown_of(scene: Scene, them: Population) -> Iterable[Any]:
    """The ids that the list shows of a population; none where it can't be walked."""
    try:
        return ids_of(scene, walk(scene, them).items)
    except NoPage:
        return ()


def _found(scene: Scene) -> Population:
    everything = Population([], None, known=False)
    first = first_page(scene, everything)
    if not first.items:
        raise Vacuous("the list is empty, and the target can't be put into a state")
    base: tuple[tuple[str, str], ...] = ()
    if link(first.next):
        base = _window(scene, first.items[:_CLOSE_LOOK])
    seen = walk(scene, Population([], None, base, known=False), expected=_WINDOW)
    if not seen.ended or len(seen.items) > _WINDOW:
        raise Vacuous(f"the live list has no window of at most {_WINDOW} items")
    facts = [_fact(scene, number, item) for number, item in enumerate(seen.items)]
    return Population(facts, None, base, known=False)


def _window(scene: Scene, items: list[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
    """Bounds of creation that hold the items of one page."""
    if not {"from", "to"} <= scene.contract.listing["parameters"].keys():
        raise Vacuous("the contract has no bounds of creation by which a part of the live list could be looked at")
    moments = sorted(moment_of(scene, item) for item in items)
    return between(scene, moments[0], moments[-1])


def _fact(scene: Scene, number: int, item: dict[str, Any]) -> Fact:
    created = moment_of(scene, item)
    call_id = str(pointer.get(item, scene.contract.listing["id"]))
    return Fact(number, created, None, created, created, "", "", {}, "", {}, item, call_id)


def steady(scene: Scene, them: Population) -> None:
    """Stop here if a list that was not seeded moved while it was looked at.

    Raises:
        Vacuous: it did.
    """
    if not them.known and set(ids_of(scene, walk(scene, them, expected=_WINDOW).items)) != them.ids:
        # What was seen of a list that moved proves nothing.
        scene.proof.clear()
        raise Vacuous("the live list moved during the check")
