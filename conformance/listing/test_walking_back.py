"""Rules: walking back, and walking while the list changes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from conformance.listing import oracles
from conformance.listing.filters import pick_filter
from conformance.listing.ids import Ids
from conformance.listing.population import EPOCH, Plan, Population
from conformance.listing.subjects import fair_size, known_people, people, steady
from conformance.listing.walking import Walk, back, follow, ids_of, link, one_page, page_of, walk
from conformance.results import Violation
from conformance.rule import Vacuous, rule
from conformance.scene import Scene

__all__: list[str] = []

_TIMES = ("apart", "equal", "in pairs", "in threes", "within a second")


@rule("page.previous", read_only=True)
def test_walking_back_shows_the_same_items(scene: Scene) -> Iterator[Violation]:
    """Where there is `previous`, walking back shows the same items in list order; it is there from page two on."""
    size = scene.pick("page size", [1, 2, 3, 5, 25])
    sizes = [2 * size + 1, size + 1, 2 * size, 3 * size + 2, 4 * size]
    plan = Plan(
        scene.pick("population", sizes),
        times=scene.pick("times", _TIMES),
        order=scene.pick("set up", ["as they were", "shuffled"]),
    )
    them = people(scene, plan)
    size = fair_size(them, size)
    chosen = pick_filter(scene, them) if them.known and scene.pick("filtered", [False, True]) else None
    forward = walk(scene, them, chosen.query if chosen else (), size=size)
    turns = [n for n, page in enumerate(forward.pages) if n > 0 and page.items]
    if not turns or not forward.ended:
        raise Vacuous("the list had no second page with items")
    turn = turns[scene.pick("turn back at", [*range(len(turns))][::-1])]
    start = forward.pages[turn]
    if scene.requirement.data["part"] == "presence":
        if not link(start.previous):
            yield Violation(
                "absent", "a page after the first has no previous", "a link to the page before", "null or absent"
            )
        return
    if not link(start.previous):
        raise Vacuous("previous is not offered")
    expected = ids_of(scene, [item for page in forward.pages[:turn] for item in page.items])
    returned = back(scene, them, start)
    found = list(_same_way(scene, returned, expected, size))
    if chosen:
        found += oracles.exactly(
            [i for i in ids_of(scene, returned.items) if i not in expected], [], f"walking back under {chosen.name}"
        )
    steady(scene, them)
    yield from found


def _same_way(scene: Scene, returned: Walk, expected: list[str], size: int) -> Iterator[Violation]:
    yield from oracles.ends(returned, "walking back")
    if not returned.ended:
        return
    shown = [i for page in reversed(returned.pages) for i in ids_of(scene, page.items)]
    if shown != expected:
        how = "in another order" if sorted(shown) == sorted(expected) else f"{len(shown)} items"
        yield Violation(
            "another-way",
            f"walking back at page size {size} does not show what was passed on the way there",
            f"the {len(expected)} items before, in list order",
            how,
            how.rsplit(maxsplit=1)[-1] if "order" in how else "items",
        )


@rule("page.stable-under-writes", needs=("states",))
def test_writes_do_not_disturb_a_walk(scene: Scene) -> Iterator[Violation]:
    """Items there before the walk are seen exactly once though others are deleted during it."""
    size = scene.pick("page size", [1, 2, 3, 5])
    them = known_people(
        scene, Plan(scene.pick("population", [2 * size + 1, 3 * size, 4 * size + 2]), times=scene.pick("times", _TIMES))
    )
    if not them.api_key:
        raise Vacuous("needs an account of its own")
    shown: list[str] = []
    page = page_of(scene, one_page(scene, them, size=size))
    for number in range(len(them.facts) + 20):
        if page is None:
            raise Vacuous("the list answered no page")
        shown += ids_of(scene, page.items)
        if not link(page.next):
            break
        _write(scene, them, number)
        page = page_of(scene, follow(scene, them, page.next))
    old = [i for i in shown if i in them.ids]
    yield from oracles.complete(Ids(old), them.ids, "a walk while others are deleted")
    yield from oracles.once(Ids(old), "a walk while others are deleted")


def _write(scene: Scene, them: Population, number: int) -> None:
    """Delete other calls: newer than all, older than all, or in their midst."""
    kind = scene.pick(
        f"written after page {number}",
        ["newer", "older", "in the midst", "nothing", "a live call"] if number < 4 else ["nothing"],
    )
    moments = {
        "newer": datetime.now(UTC) - timedelta(days=1),
        "older": EPOCH - timedelta(days=60),
        "in the midst": EPOCH + timedelta(days=1, minutes=3),
    }
    names = scene.contract.listing["seed"]
    if kind == "a live call":
        made = scene.state("live calls exist", api_key=them.api_key, calls=[{}])
        scene.state("a call is deleted", call_id=made["call_ids"][0], api_key=them.api_key)
    elif kind in moments:
        moment = moments[kind]
        calls = [{names["created"]: moment.isoformat(), names["deleted"]: (moment + timedelta(hours=2)).isoformat()}]
        scene.state(
            "deleted calls exist",
            api_key=them.api_key,
            calls=calls * scene.pick(f"how many after page {number}", [1, 2, 4]),
        )
