"""Rules: which calls a list of deleted calls holds, and what it tells of them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from conformance import pointer
from conformance.exchange import Exchange
from conformance.listing import oracles
from conformance.listing.belonging import Belonging
from conformance.listing.ids import Ids
from conformance.listing.native import create, made_natively, remove
from conformance.listing.population import EPOCH, Plan, Population, seeded, stranger
from conformance.listing.subjects import fair_size, known_people, people, settled
from conformance.listing.times import ZONES, stamp
from conformance.listing.walking import Walk, ids_of, walk
from conformance.results import Violation
from conformance.rule import Vacuous, rule
from conformance.run import Run
from conformance.scene import Scene

__all__ = ["attach"]


def attach(run: Run) -> None:
    """Let every page that the run sees be held against whose calls are whose."""
    if run.contract.listing:
        run.monitors.append(Belonging(run))


_SIZES = (1, 3, 7, 0, 12, 25)


def _plan(scene: Scene) -> Plan:
    return Plan(
        scene.pick("population", _SIZES),
        times=scene.pick("times", ["apart", "within a second", "equal"]),
        joined=scene.pick("joined", ["most", "all", "none"]),
        zone=scene.pick("zone", ZONES[:3]),
        fraction=scene.pick("fraction of a second", [0, 250_000, 123_456, 999_999]),
    )


@dataclass(frozen=True)
class _Expected:
    """What a list is to hold, and what not: ids by whose they are. `alone` if nobody else's calls can be on it."""

    deleted: frozenset[str]
    wrong: dict[str, frozenset[str]]
    alone: bool


@rule("tombstone.exactly-deleted", needs=("tombstones",), proof=("act", "after"))
def test_list_holds_exactly_the_deleted_calls(scene: Scene) -> Iterator[Violation]:
    """The list holds this account's deleted calls and only those, whether by state or by the vendor's own DELETE."""
    native = {"create", "remove"} <= scene.contract.roles.keys()
    if not scene.run.has("states"):
        yield from _natively(scene, None)
    elif scene.pick("deleted by", ["state", "state", "native"] if native else ["state"]) == "native":
        yield from _natively(scene, stranger(scene))
    else:
        yield from _by_state(scene)


def _by_state(scene: Scene) -> Iterator[Violation]:
    strangers = _strangers(scene, scene.pick("another account's", [1, 0, 4]))
    them = known_people(scene, _plan(scene))
    live = _live(scene, them, scene.pick("live calls", [1, 0, 3]))
    deleted = set(them.ids)
    for call_id in live[: scene.pick("live calls deleted", [0, 1])]:
        # From now on it may be shown, whatever becomes of the answer.
        scene.run.ledger.removed(call_id)
        scene.state("a call is deleted", call_id=call_id, api_key=them.api_key)
        deleted.add(call_id)
    wrong = {"live calls": frozenset(live) - deleted, "another account's calls": strangers}
    size = scene.pick("page size", [100, 2, 1])
    yield from _holds(scene, them, _Expected(frozenset(deleted), wrong, alone=True), size)


def _natively(scene: Scene, api_key: str | None) -> Iterator[Violation]:
    """What was deleted is there, what was only created is not; others may fill the list of the account under test."""
    them = made_natively(scene, scene.pick("population", [1, 2]), api_key)
    acts = [e for e in scene.exchanges if e.request.operation == scene.contract.roles["remove"].id]
    live = str(pointer.get(create(scene, api_key)[0], scene.contract.listing["id"]))
    expected = _Expected(frozenset(them.ids), {"live calls": frozenset({live})}, alone=api_key is not None)
    try:
        found = list(_holds(scene, them, expected, 100, acts[-1:]))
    finally:
        remove(scene, live, api_key)
    yield from found


def _holds(
    scene: Scene, them: Population, expected: _Expected, size: int, acts: Sequence[Exchange] = ()
) -> Iterator[Violation]:
    """The list is as expected; where the target declares that it takes its time, in time, and from then on."""
    room = len(expected.deleted) + sum(map(len, expected.wrong.values())) if expected.alone else _OTHERS

    def look() -> Walk:
        return walk(scene, them, size=size, expected=room)

    seen = settled(scene, look, lambda seen: not [*_amiss(scene, seen, expected, acts)])
    if seen is None or not [*_amiss(scene, seen, expected, acts)]:
        seen = look()
    yield from _amiss(scene, seen, expected, acts)
    scene.prove("act", *acts)
    scene.prove("after", *seen.shown)


def _amiss(scene: Scene, seen: Walk, expected: _Expected, acts: Sequence[Exchange]) -> Iterator[Violation]:
    what, shown = "the list of deleted calls", ids_of(scene, seen.items)
    if seen.ended:
        about = (*acts, *seen.edges)
        yield from oracles.complete(Ids(shown), expected.deleted, what, about)
    for whose, ids in expected.wrong.items():
        belonging = [i for i in shown if i in ids]
        if belonging:
            yield Violation(
                "does-not-belong",
                f"{what} shows {whose}",
                "only its own deleted calls",
                f"{len(belonging)} of them",
                whose,
                about=seen.showing(scene, belonging),
            )
    known = expected.deleted.union(*expected.wrong.values())
    others = [i for i in shown if i not in known]
    if others and expected.alone:
        yield Violation(
            "unknown",
            "a list of one's own shows calls that nobody made",
            "only its own deleted calls",
            f"{len(others)} of them",
            about=seen.showing(scene, others),
        )


_OTHERS = 300
"""Deletions of others in the same minute that a walk puts up with."""


def _strangers(scene: Scene, count: int) -> frozenset[str]:
    """Deleted calls that are not of the population: another account's, or another agent's."""
    return frozenset(seeded(scene, Plan(count)).ids) if count else frozenset()


def _live(scene: Scene, them: Population, count: int) -> list[str]:
    if not count:
        return []
    begun = [them.beside(scene, created=stamp(EPOCH + timedelta(days=n))) for n in range(count)]
    try:
        answer = scene.state("live calls exist", api_key=them.api_key, calls=begun)
    except Vacuous:
        return []
    return [str(i) for i in answer.get("call_ids") or []]


@rule("tombstone.faithful", needs=("tombstones",))
def test_tombstone_tells_what_was(scene: Scene) -> Iterator[Violation]:
    """The fields of a deleted call read as they were; null equals absent where optional."""
    them = known_people(scene, _plan(scene))
    if not them.facts:
        raise Vacuous("nothing was deleted")
    seen = walk(scene, them, size=scene.pick("page size", [100, 2, 1]), expected=_room(them))
    place = scene.contract.listing["id"]
    items = {pointer.get(item, place): (item, page.exchange) for page in seen.pages for item in page.items}
    held = [fact for fact in them.facts if fact.id in items]
    if not held:
        raise Vacuous("the list shows none of the calls")
    defaults = _defaults(scene)
    for fact in held:
        item, answer = items[fact.id]
        yield from oracles.faithful(item, fact.stored, scene.requirement.data["fields"], defaults, (answer,))
    scene.prove("act", *seen.shown)


def _room(them: Population) -> int:
    return len(them.facts) if them.apart else _OTHERS


def _defaults(scene: Scene) -> dict[str, Any]:
    """What the schema says of absent fields, by pointer."""
    document, operation = scene.contract.document, scene.contract.roles["tombstones"]
    page = document.resolve(document.response_schema(operation, 200))
    items = pointer.get(page, "/properties" + scene.contract.listing["items"])
    properties = document.resolve(items["items"])["properties"]
    return {f"/{name}": stated["default"] for name, stated in properties.items() if "default" in stated}


@rule("tombstone.consistent", read_only=True)
def test_tombstone_does_not_contradict_itself(scene: Scene) -> Iterator[Violation]:
    """Times are in order, the reason fits whether anybody joined, and one credential sees one account."""
    them = people(scene, _plan(scene))
    if not them.facts:
        raise Vacuous("the list is empty")
    seen = walk(scene, them, size=fair_size(them, scene.pick("page size", [100, 2])))
    if not seen.items:
        raise Vacuous("the list shows none of the calls")
    for page in seen.pages:
        yield from oracles.consistent(page.items, scene.contract.listing, (page.exchange,))
    place = scene.contract.listing["account"]
    if len({str(pointer.get(page.items[0], place)) for page in seen.pages if page.items}) > 1:
        # One page may name one account, and the next another.
        yield from oracles.consistent(seen.items, scene.contract.listing, seen.shown)
    scene.prove("act", *seen.shown)


@rule("tombstone.no-content", needs=("tombstones",), proof=("act",))
def test_no_content_survives(scene: Scene) -> Iterator[Violation]:
    """No content of the call survives in its tombstone."""
    them = known_people(scene, _plan(scene))
    if not them.facts:
        raise Vacuous("nothing was deleted")
    seen = walk(scene, them, size=scene.pick("page size", [100, 2]), expected=_room(them))
    if not set(ids_of(scene, seen.items)) & them.ids:
        raise Vacuous("the list shows none of the calls")
    kinds = scene.requirement.data.get("content", oracles.CONTENT)
    for page in seen.pages:
        # A link may echo what was asked for: of the page, only its items and headers are looked through.
        text = json.dumps(page.items, ensure_ascii=False) + str(page.exchange.headers)
        for fact in them.facts:
            for what, content in oracles.content_of(fact, kinds).items():
                if content in text:
                    yield Violation(
                        "content",
                        f"a list of tombstones shows the {what} of a deleted call",
                        "no content",
                        f"its {what}",
                        what,
                        about=(page.exchange,),
                    )
                    return
    scene.prove("act", *seen.shown)
