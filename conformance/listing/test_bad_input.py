"""Rules: cursors, sizes and filter values that no list can make sense of."""

import string
from collections.abc import Iterator
from typing import Final

from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.engine.stops import NotReached
from conformance.http.exchange import Exchange
from conformance.listing.belonging import keeps_accounts_apart, not_the_askers
from conformance.listing.population import Plan, Population
from conformance.listing.subjects import population_of
from conformance.listing.walking import Page, cursor_in, first_page, ids_of, link, one_page, page_of
from conformance.results.findings import Violation

__all__: list[str] = []

_MALFORMED: Final = ("other characters", "very long", "one other character")
_ALTERED: Final = ("altered", "cut short", "of its characters", "a number", "uuid", "turned round", "one more")
_ANOTHERS: Final = "another account's"
_ODD: Final = "!*~()|$<>^;@,:. "
"""Characters of which cursors hardly ever hold any."""


@rule("page.bad-cursor", read_only=True, proof=("before", "act"))
def test_a_bad_cursor_is_refused(context: Context) -> Iterator[Violation]:
    """A malformed cursor is a 4xx and no silent restart; no cursor is a 5xx, or shows anybody else's items."""
    size = context.pick("page size", [1, 2, 3])
    population = population_of(context, Plan(3 * size + 1))
    first = first_page(context, population, size=size)
    real = cursor_in(context, first.next)
    if not real:
        raise NotReached("the list had no second page, or next holds no cursor")
    # Where accounts are few, the first case has them.
    first_kinds = (_MALFORMED[0], _ANOTHERS) if context.run.target.embedded else (_ANOTHERS, _MALFORMED[0])
    kind = context.pick("cursor", [*first_kinds, *_MALFORMED[1:], *_ALTERED])
    cursor = _anothers(context, population, size) if kind == _ANOTHERS else _spoilt(context, kind, real)
    name = context.contract.listing.parameters["cursor"]
    answer = one_page(context, population, ((name, cursor),), size=size, intent="bad-cursor")
    about = (first.exchange, answer)
    if answer.status >= 500:
        status = str(answer.status)
        yield Violation("server-error", f"a cursor that is {kind}", "no 5xx", status, kind, about=about)
    page = page_of(context, answer)
    shown = ids_of(context, page.items) if page else []
    if population.api_key is not None and keeps_accounts_apart(context.run):
        strange = [i for i in shown if i not in population.ids]
        if strange:
            yield from not_the_askers(context, answer, strange)
    yield from _malformed(context, kind, first, answer, page)
    context.prove("before", first.exchange)
    context.prove("act", answer)


def _malformed(context: Context, kind: str, first: Page, answer: Exchange, page: Page | None) -> Iterator[Violation]:
    """No list can make sense of a malformed cursor; what another may lawfully name is a place, and observed."""
    restarted = page is not None and ids_of(context, page.items) == ids_of(context, first.items)
    if kind not in _MALFORMED:
        seen = "the first page again" if restarted else "a page" if page else str(answer.status)
        context.observed[f"a cursor that is {kind}"] = seen
        return
    about = (first.exchange, answer)
    what = f"a cursor that is malformed ({kind})"
    if restarted:
        seen = f"{answer.status} with the first page"
        yield Violation("restart", f"{what} silently starts the list again", "a 4xx", seen, kind, about=about)
    elif answer.status < 400:
        seen = f"{answer.status} with {len(page.items) if page else 'no'} items"
        yield Violation("accepted", f"{what} is accepted", "a 4xx", seen, kind, about=about)


def _spoilt(context: Context, kind: str, real: str) -> str:
    """A cursor that the list did not hand out; a malformed one has no character that any cursor seen here has."""
    place = context.pick("place", [len(real) // 2, 0, len(real) // 3, max(0, len(real) - 2)])
    other = next(c for c in string.ascii_letters if c.lower() != real[place].lower())
    odd = [c for c in _ODD if c not in real] or ["\u00b6"]
    kinds = {
        "other characters": "".join(odd[n % len(odd)] for n in range(max(8, len(real)))),
        "very long": odd[0] * max(1_000, 40 * len(real)),
        "one other character": odd[0],
        "altered": real[:place] + other + real[place + 1 :],
        "cut short": real[: len(real) // 2],
        "of its characters": "".join(sorted(real)),
        "a number": "5",
        "uuid": context.uuid(),
        "turned round": real[::-1],
        "one more": real + "A",
    }
    cursor = kinds[kind][:_LONGEST]
    if cursor in {"", real}:
        raise NotReached("the cursor can't be spoilt so")
    context.run.scrub.own(cursor)
    return cursor


_LONGEST: Final = 2_000
"""Characters of a cursor: a longer one may be refused for the length of its URL alone."""


def _anothers(context: Context, population: Population, size: int) -> str:
    if not population.known or not keeps_accounts_apart(context.run):
        raise NotReached("needs two accounts that are apart")
    others = population_of(context, Plan(3 * size + 1))
    if others.api_key == population.api_key:
        raise NotReached("needs two accounts")
    cursor = cursor_in(context, first_page(context, others, size=size).next)
    if not cursor:
        raise NotReached("the other account's list had no second page")
    return cursor


@rule("page.size-bounds", read_only=True)
def test_odd_page_sizes_do_no_harm(context: Context) -> Iterator[Violation]:
    """Zero, negative, huge and non-numeric sizes are a 4xx or a sane page, never a 5xx."""
    population = population_of(context, Plan(context.pick("population", [3, 0, 25])))
    value = context.pick(
        "page size",
        ["0", "-1", "abc", "1000000000", "99999999999999999999", "1.5", "", "-100", "1e3", "٣", "0x10", " 5"],
    )
    name = context.contract.listing.parameters["size"]
    answer = one_page(context, population, ((name, value),), size=None, intent="malformed")
    context.observed[f"page size {value!r}"] = str(answer.status)
    if answer.status >= 500:
        seen = str(answer.status)
        yield Violation("server-error", f"page size {value!r}", "a 4xx or a sane page", seen, "size", about=(answer,))
    page = page_of(context, answer)
    if answer.status == 200 and page is None:
        seen = "200 and no page"
        yield Violation("no-page", f"page size {value!r}", "a 4xx or a sane page", seen, "size", about=(answer,))
    elif page is not None and population.apart and any(i not in population.ids for i in ids_of(context, page.items)):
        yield Violation(
            "others",
            f"page size {value!r} shows items that do not belong to the list",
            "its own items",
            "others",
            "size",
            about=(answer,),
        )
    context.prove("act", answer)


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


@rule("filter.bad-value", read_only=True, proof=("before", "act"))
def test_an_unparsable_value_is_not_ignored(context: Context) -> Iterator[Violation]:
    """An unparsable filter value is a 4xx, or at least not the unfiltered list; never a 5xx."""
    population = population_of(context, Plan(context.pick("population", [2, 5]), joined="all"))
    if not population.facts:
        raise NotReached("the list is empty")
    named = context.contract.listing.parameters
    kinds = [kind for kind in _BAD_VALUES if kind in named]
    if not kinds:
        raise NotReached("the contract has no filter with values of a form")
    kind = context.pick("filter", kinds)
    value = context.pick("value", _BAD_VALUES[kind])
    context.run.scrub.own(value)
    before = first_page(context, population)
    answer = one_page(context, population, ((named[kind], value),), intent="malformed")
    about, what = (before.exchange, answer), f"{named[kind]}={value}"
    if answer.status >= 500:
        yield Violation("server-error", what, "no 5xx", str(answer.status), kind, about=about)
    page = page_of(context, answer)
    if page is not None and population.ids <= set(ids_of(context, page.items)) and not link(page.next):
        expected, seen = "a 4xx, or not the unfiltered list", f"all {len(population.ids)} items"
        yield Violation("ignored", f"{what} is ignored", expected, seen, kind, about=about)
    context.prove("before", before.exchange)
    context.prove("act", answer)
