"""Rules: cursors, sizes and filter values that no list can make sense of."""

import string
from collections.abc import Iterator

from conformance.exchange import Exchange
from conformance.listing.population import Plan, Population
from conformance.listing.subjects import people
from conformance.listing.walking import cursor_in, ids_of, link, one_page, page_of
from conformance.results import Violation
from conformance.rule import Vacuous, rule
from conformance.scene import Scene

__all__: list[str] = []


@rule("page.bad-cursor", read_only=True)
def test_a_bad_cursor_is_refused(scene: Scene) -> Iterator[Violation]:
    """A malformed or altered cursor is a 4xx, no 5xx or silent restart; another account's shows only one's own."""
    size = scene.pick("page size", [1, 2, 3])
    them = people(scene, Plan(3 * size + 1))
    first = page_of(scene, one_page(scene, them, size=size))
    real = cursor_in(scene, first.next) if first else None
    if first is None or not real:
        raise Vacuous("the list had no second page, or next holds no cursor")
    kind = scene.pick(
        "cursor",
        [
            "malformed",
            "altered",
            "another account's",
            "cut short",
            "random",
            "very long",
            "a number",
            "uuid",
            "turned round",
            "one more",
        ],
    )
    if kind == "another account's":
        yield from _foreign(scene, them, size)
        return
    cursor = _spoilt(scene, kind, real)
    answer = _ask(scene, them, cursor, size)
    if answer.status >= 500:
        yield Violation("server-error", f"a cursor that is {kind}", "a 4xx", str(answer.status), kind)
    page = page_of(scene, answer)
    if page is None:
        return
    restarted = ids_of(scene, page.items) == ids_of(scene, first.items)
    # A cursor with a changed character may still be a lawful one that names another place.
    if restarted:
        yield Violation(
            "restart",
            f"a cursor that is {kind} silently starts the list again",
            "a 4xx",
            f"{answer.status} with the first page",
            kind,
        )
    elif kind in {"malformed", "random", "very long"}:
        yield Violation(
            "accepted",
            f"a cursor that is {kind} is accepted",
            "a 4xx",
            f"{answer.status} with {len(page.items)} items",
            kind,
        )


def _spoilt(scene: Scene, kind: str, real: str) -> str:
    place = scene.pick("place", [len(real) // 2, 0, len(real) // 3, len(real) - 2])
    other = next(c for c in string.ascii_letters if c.lower() != real[place].lower())
    return {
        "malformed": "!!! not a cursor !!!",
        "altered": real[:place] + other + real[place + 1 :],
        "cut short": real[: len(real) // 2],
        "random": scene.token(len(real)),
        "very long": real * 40,
        "a number": "5",
        "uuid": "b6a1d7a2-3c4e-4f70-8b1c-2d9e5f6a7b8c",
        "turned round": real[::-1],
        "one more": real + "A",
    }[kind]


def _ask(scene: Scene, them: Population, cursor: str, size: int) -> Exchange:
    name = scene.contract.listing["parameters"]["cursor"]
    return one_page(scene, them, ((name, cursor),), size=size, intent="bad-cursor")


def _foreign(scene: Scene, them: Population, size: int) -> Iterator[Violation]:
    if not them.known or them.api_key is None:
        raise Vacuous("needs two accounts")
    others = people(scene, Plan(3 * size + 1))
    theirs = page_of(scene, one_page(scene, others, size=size))
    cursor = cursor_in(scene, theirs.next) if theirs else None
    if cursor is None:
        raise Vacuous("the other account's list had no second page")
    answer = _ask(scene, them, cursor, size)
    if answer.status >= 500:
        yield Violation(
            "server-error",
            "another account's cursor",
            "a 4xx, or one's own items",
            str(answer.status),
            "another account's",
        )
    page = page_of(scene, answer)
    shown = ids_of(scene, page.items) if page else []
    if any(i not in them.ids for i in shown):
        yield Violation(
            "foreign-items",
            "another account's cursor shows items that are not the asker's",
            "a 4xx, or one's own items",
            f"{len(shown)} items",
        )


@rule("page.size-bounds", read_only=True)
def test_odd_page_sizes_do_no_harm(scene: Scene) -> Iterator[Violation]:
    """Zero, negative, huge and non-numeric sizes are a 4xx or a sane page, never a 5xx."""
    them = people(scene, Plan(scene.pick("population", [3, 0, 25])))
    value = scene.pick(
        "page size",
        ["0", "-1", "abc", "1000000000", "99999999999999999999", "1.5", "", "-100", "1e3", "٣", "0x10", " 5"],
    )
    name = scene.contract.listing["parameters"]["size"]
    answer = one_page(scene, them, ((name, value),), size=None, intent="malformed")
    scene.observed[f"page size {value!r}"] = str(answer.status)
    if answer.status >= 500:
        yield Violation("server-error", f"page size {value!r}", "a 4xx or a sane page", str(answer.status), "size")
    page = page_of(scene, answer)
    if answer.status == 200 and page is None:
        yield Violation("no-page", f"page size {value!r}", "a 4xx or a sane page", "200 and no page", "size")
    elif page is not None and them.known and any(i not in them.ids for i in ids_of(scene, page.items)):
        yield Violation(
            "others",
            f"page size {value!r} shows items that do not belong to the list",
            "its own items",
            "others",
            "size",
        )


_BAD_VALUES = {
    "from": ["not-a-date", "2026-13-45", "2026-02-30T00:00:00Z", "yesterday", "2026-01-01T25:00:00Z"],
    "to": ["not-a-date", "2026-13-45", "2026-02-30T00:00:00Z", "tomorrow", "2026-01-01T00:61:00Z"],
    "day-start": ["25:00:00", "noon", "12:61:00", "-1"],
    "day-end": ["25:00:00", "midnight", "12:61:00", "24:00:01"],
    "shortest": ["abc", "ten", "--5s", "1x"],
    "longest": ["abc", "ten", "--5s", "1x"],
    "agents": ["not-a-uuid", "123", "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz"],
    "voice": ["not-a-uuid", "123", "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz"],
}


@rule("filter.bad-value", read_only=True)
def test_an_unparsable_value_is_not_ignored(scene: Scene) -> Iterator[Violation]:
    """An unparsable filter value is a 4xx, or at least not the unfiltered list; never a 5xx."""
    them = people(scene, Plan(scene.pick("population", [2, 5]), joined="all"))
    if not them.facts:
        raise Vacuous("the list is empty")
    named = scene.contract.listing["parameters"]
    kind = scene.pick("filter", [k for k in _BAD_VALUES if k in named])
    value = scene.pick("value", _BAD_VALUES[kind])
    answer = one_page(scene, them, ((named[kind], value),), intent="malformed")
    if answer.status >= 500:
        yield Violation("server-error", f"{named[kind]}={value}", "a 4xx", str(answer.status), kind)
    page = page_of(scene, answer)
    if page is not None and them.ids <= set(ids_of(scene, page.items)) and not link(page.next):
        yield Violation(
            "ignored",
            f"{named[kind]}={value} is ignored",
            "a 4xx, or not the unfiltered list",
            f"all {len(them.ids)} items",
            kind,
        )
