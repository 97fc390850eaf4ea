"""Judge a walk page by page, keeping of each page only what the whole needs."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from conformance.engine.context import Context
from conformance.listing import membership, paging
from conformance.listing.ids import Ids
from conformance.listing.pages import Course, Page
from conformance.listing.walking import NoPage
from conformance.results.findings import Violation

__all__ = ["WalkJudge", "broken_off"]


def broken_off(context: Context, problem: NoPage, what: str) -> Iterator[Violation]:
    """What it is that a walk broke off: a list that is not all there; of anything else such a walk tells nothing.

    Raises:
        NoPage: another requirement is under test, or already the first page was none.
    """
    if not problem.first:
        for requirement in context.contract.bound("page.complete"):
            yield from context.about(requirement, paging.broken_off(problem.exchange, what, problem.about))
    if problem.first or context.requirement.rule != "page.complete":
        raise problem


class WalkJudge:
    """What a contract promises of the pages of one walk over the expected ids at a page size.

    It needs eight bytes an item, however long the list is.
    """

    def __init__(self, context: Context, expected: Collection[str], size: int, what: str) -> None:
        self._context = context
        self._expected = expected
        self._size = size
        self._what = what
        self._ids = Ids()
        self._pages = 0
        self._found: dict[str, dict[tuple[str, str], Violation]] = {}

    def see(self, page: Page) -> None:
        """Take in the next page."""
        self._pages += 1
        self._ids.add(page.ids(self._context.contract.listing.id))
        self._keep("page.size", paging.no_larger(page, self._size, self._what))
        self._keep("page.total", paging.total_is(page, self._pages, len(self._expected), self._what))

    def _keep(self, rule: str, violations: Iterable[Violation]) -> None:
        """Keep one violation of a kind: each page of a long list may have it."""
        for violation in violations:
            self._found.setdefault(rule, {}).setdefault((violation.code, violation.where), violation)

    def told(self, course: Course) -> Iterator[Violation]:
        """What the walk broke, now that it is over, each violation given to its requirement."""
        self._keep("page.complete", membership.complete(self._ids, self._expected, self._what))
        self._keep("page.no-duplicates", membership.once(self._ids, self._what))
        self._keep("page.terminates", paging.ends(course, self._what))
        for by_kind in self._found.values():
            for kind, violation in by_kind.items():
                by_kind[kind] = replace(violation, about=violation.about or course.edges)
        for requirement in self._context.contract.bound(*self._found):
            # What an endless walk shows twice is part of its endlessness; what a circle leaves out, nobody will see.
            telling = {"page.terminates", "page.size"} | ({"page.complete"} if course.looped else set())
            if course.ended or requirement.rule in telling:
                yield from self._context.about(requirement, self._found[requirement.rule].values())
