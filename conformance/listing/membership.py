"""Which calls a list must show, and which not: pure functions from the ids that were shown to violations."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from conformance.http.exchange import Exchange
from conformance.listing.facts import Fact
from conformance.listing.ids import Ids
from conformance.listing.pages import Walk
from conformance.results.findings import Shown, Violation

__all__ = [
    "Expected",
    "complete",
    "exactly",
    "foreign",
    "holds",
    "live",
    "not_everything",
    "on_its_side",
    "once",
    "only",
]

_FEW: Final = 2
"""Ids that a finding names."""

About = tuple[Exchange, ...]


def _few(ids: Collection[Any], what: str) -> Shown:
    """Some of these ids, and how many there are."""
    return Shown(list(ids)[:_FEW], f"{' ...' if len(ids) > _FEW else ''}, {len(ids)} {what}")


def complete(shown: Ids, expected: Collection[str], what: str, about: About = ()) -> Iterator[Violation]:
    """Every expected item is shown."""
    missing = shown.missing(expected)
    if missing:
        yield Violation(
            "missing", f"{what} leaves items out", f"all {len(expected)} items", _few(missing, "missing"), about=about
        )


def once(shown: Ids, what: str, about: About = ()) -> Iterator[Violation]:
    """No item is shown twice."""
    twice = shown.twice()
    if twice:
        yield Violation(
            "twice", f"{what} shows items more than once", "each item once", f"{twice} more than once", about=about
        )


def exactly(shown: Sequence[Any], expected: Collection[str], what: str, about: About = ()) -> Iterator[Violation]:
    """The items shown are the expected ones, no fewer and no others."""
    yield from complete(Ids(shown), expected, what, about)
    yield from only(shown, expected, what, promised=f"only the {len(expected)} matching", about=about)


def only(
    shown: Sequence[Any],
    allowed: Collection[str],
    what: str,
    *,
    promised: str = "a part of the unfiltered list",
    where: str = "",
    about: About = (),
) -> Iterator[Violation]:
    """No item is shown but the allowed ones."""
    known = set(allowed)
    others = [i for i in shown if i not in known]
    if others:
        yield Violation(
            "others",
            f"{what} shows items that do not belong there",
            promised,
            _few(others, "others"),
            where,
            about=about,
        )


def not_everything(shown: Collection[Any], there: Collection[str], what: str, about: About = ()) -> Iterator[Violation]:
    """Not simply everything is found; of a single item nothing can be told."""
    if len(there) > 1 and set(there) <= set(shown):
        yield Violation("found", f"{what} finds every call", "not all of them", f"all {len(there)}", about=about)


def on_its_side(
    facts: Sequence[Fact],
    middle: datetime,
    left: Collection[Any],
    right: Collection[Any],
    what: str,
    *,
    about: About = (),
) -> Iterator[Violation]:
    """Of a range split in two, each half shows none that was created in the other; at the middle, either may."""
    after = {fact.id for fact in facts if fact.created > middle}
    before = {fact.id for fact in facts if fact.created < middle}
    wrong = after & set(left) | before & set(right)
    if wrong:
        yield Violation(
            "wrong-side",
            f"{what} shows items on the wrong side of the split",
            "each item on its side",
            f"{len(wrong)} on the other",
            about=about,
        )


@dataclass(frozen=True)
class Expected:
    """What a list is to hold, and what not: ids by whose they are. `alone` if nobody else's calls can be on it."""

    deleted: frozenset[str]
    wrong: Mapping[str, frozenset[str]]
    alone: bool


def holds(seen: Walk, expected: Expected, place: str, what: str, acts: Sequence[Exchange] = ()) -> Iterator[Violation]:
    """The list holds the deleted calls, and none of the wrong ones; where it is one's own, nothing else either.

    `place` is where an item has its id. What a walk that did not end leaves out proves nothing.
    """
    shown = seen.ids(place)
    if seen.ended:
        yield from complete(Ids(shown), expected.deleted, what, (*acts, *seen.edges))
    for whose, ids in expected.wrong.items():
        belonging = [i for i in shown if i in ids]
        if belonging:
            yield Violation(
                "does-not-belong",
                f"{what} shows {whose}",
                "only its own deleted calls",
                f"{len(belonging)} of them",
                whose,
                about=seen.showing(place, belonging),
            )
    known = expected.deleted.union(*expected.wrong.values())
    others = [i for i in shown if i not in known]
    if others and expected.alone:
        yield Violation(
            "unknown",
            f"{what} shows calls that nobody made, in an account of its own",
            "only its own deleted calls",
            f"{len(others)} of them",
            about=seen.showing(place, others),
        )


def foreign(exchange: Exchange, ids: Collection[Any]) -> Iterator[Violation]:
    """An answer shows no call of another account; `ids` are those that it does show."""
    yield from _none_of("foreign", "calls of another account", "the asker's own calls alone", exchange, ids)


def live(exchange: Exchange, ids: Collection[Any]) -> Iterator[Violation]:
    """A list of deleted calls shows no live one; `ids` are those that it does show."""
    yield from _none_of("live", "live calls among the deleted ones", "deleted calls alone", exchange, ids)


def _none_of(code: str, whose: str, promised: str, exchange: Exchange, ids: Collection[Any]) -> Iterator[Violation]:
    if ids:
        message = f"{exchange.request.method} ({exchange.request.operation}) shows {whose}"
        yield Violation(code, message, promised, _few(ids, "that do not belong there"), about=(exchange,))
