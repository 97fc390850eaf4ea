"""Rules: which calls a list of deleted calls holds, and what it tells of them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from conformance import pointer
from conformance.listing import oracles
from conformance.listing.ids import Ids
from conformance.listing.native import create, made_natively, remove
from conformance.listing.population import EPOCH, Plan, Population, seeded
from conformance.listing.subjects import known_people, people
from conformance.listing.times import stamp
from conformance.listing.walking import ids_of, walk
from conformance.results import Violation
from conformance.rule import Vacuous, rule
from conformance.scene import Scene

__all__: list[str] = []

_SIZES = (1, 3, 7, 0, 12, 25)


def _plan(scene: Scene) -> Plan:
    return Plan(
        scene.pick("population", _SIZES),
        times=scene.pick("times", ["apart", "within a second", "equal"]),
        joined=scene.pick("joined", ["most", "all", "none"]),
        zone=scene.pick("zone", ["Z", "+02:00", "-07:30"]),
        fraction=scene.pick("fraction of a second", [0, 250_000, 123_456, 999_999]),
    )


@rule("tombstone.exactly-deleted", needs=("tombstones",))
def test_list_holds_exactly_the_deleted_calls(scene: Scene) -> Iterator[Violation]:
    """The list holds this account's deleted calls and only those: no live ones, nobody else's."""
    if not scene.run.has("states"):
        yield from _natively(scene)
        return
    them = known_people(scene, _plan(scene))
    if them.api_key is None:
        raise Vacuous("needs an account of its own")
    live = _live(scene, them, scene.pick("live calls", [1, 0, 3]))
    strangers = seeded(scene, Plan(scene.pick("another account's", [1, 0, 4]))).ids
    expected = set(them.ids)
    for call_id in live[: scene.pick("live calls deleted", [0, 1])]:
        scene.state("a call is deleted", call_id=call_id, api_key=them.api_key)
        expected.add(call_id)
    shown = ids_of(
        scene, walk(scene, them, size=scene.pick("page size", [100, 2, 1]), expected=len(expected) + len(live)).items
    )
    yield from oracles.complete(Ids(shown), expected, "the list of deleted calls")
    for whose, ids in (("live calls", set(live) - expected), ("another account's calls", strangers)):
        wrong = [i for i in shown if i in ids]
        if wrong:
            yield Violation(
                "does-not-belong",
                f"the list of deleted calls shows {whose}",
                "only its own deleted calls",
                f"{len(wrong)} of them",
                whose,
            )
    others = [i for i in shown if i not in expected and i not in live and i not in strangers]
    if others:
        yield Violation(
            "unknown",
            "a fresh account's list shows calls that nobody made",
            "only its own deleted calls",
            f"{len(others)} of them",
        )


def _natively(scene: Scene) -> Iterator[Violation]:
    """On a list that others fill too: what was deleted is there, what was only created is not."""
    them = made_natively(scene, scene.pick("population", [1, 2]))
    live = str(pointer.get(create(scene)[0], scene.contract.listing["id"]))
    try:
        shown = ids_of(scene, walk(scene, them, size=100, expected=_OTHERS).items)
    finally:
        remove(scene, live)
    yield from oracles.complete(Ids(shown), them.ids, "the list of deleted calls")
    if live in shown:
        yield Violation(
            "does-not-belong",
            "the list of deleted calls shows live calls",
            "only deleted calls",
            "a live one",
            "live calls",
        )


_OTHERS = 300
"""Deletions of others in the same minute that a walk puts up with."""


def _live(scene: Scene, them: Population, count: int) -> list[str]:
    if not count:
        return []
    created = scene.contract.listing["seed"]["created"]
    try:
        answer = scene.state(
            "live calls exist",
            api_key=them.api_key,
            calls=[{created: stamp(EPOCH + timedelta(days=n))} for n in range(count)],
        )
    except Vacuous:
        return []
    return [str(i) for i in answer.get("call_ids", [])]


@rule("tombstone.faithful", needs=("tombstones",))
def test_tombstone_tells_what_was(scene: Scene) -> Iterator[Violation]:
    """The fields of a deleted call read as they were; null equals absent where optional."""
    them = known_people(scene, _plan(scene))
    if not them.facts:
        raise Vacuous("nothing was deleted")
    size = scene.pick("page size", [100, 2, 1])
    items = {pointer.get(i, scene.contract.listing["id"]): i for i in walk(scene, them, size=size).items}
    defaults = _defaults(scene)
    for fact in them.facts:
        item = items.get(fact.id)
        if item is not None:
            yield from oracles.faithful(item, fact.stored, scene.requirement.data["fields"], defaults)


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
    items = walk(scene, them, size=scene.pick("page size", [100, 2])).items
    yield from oracles.consistent(items, scene.contract.listing)


@rule("tombstone.no-content", needs=("tombstones",))
def test_no_content_survives(scene: Scene) -> Iterator[Violation]:
    """No content of the call survives in its tombstone."""
    them = known_people(scene, _plan(scene))
    if not them.facts:
        raise Vacuous("nothing was deleted")
    pages = walk(scene, them, size=scene.pick("page size", [100, 2])).pages
    for page in pages:
        scene.witness = page.exchange
        text = str(page.items) + str(page.exchange.headers)
        for fact in them.facts:
            for what, content in oracles.content_of(fact).items():
                if content in text:
                    yield Violation(
                        "content",
                        f"a list of tombstones shows the {what} of a deleted call",
                        "no content",
                        f"{what}: {content}",
                        what,
                    )
                    return
