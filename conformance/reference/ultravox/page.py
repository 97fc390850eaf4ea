"""Fetch one page and the cursors to its neighbours."""

from typing import NamedTuple

from conformance.reference.ultravox.calls import Call
from conformance.reference.ultravox.cursor import Cursor
from conformance.reference.ultravox.sql import Order, Place, Where, place_of
from conformance.reference.ultravox.store import Store

__all__ = ["Page", "Walk"]


class Page(NamedTuple):
    """Items in list order and the ways on; `start` and `end` are its edges whether or not there is more."""

    items: tuple[Call, ...]
    start: Cursor
    end: Cursor
    next: Cursor | None
    previous: Cursor | None
    offset: int


class Walk(NamedTuple):
    """What every page of one walk through a list has in common."""

    store: Store
    order: Order
    where: Where

    def page(self, cursor: Cursor | None, size: int, place: Place) -> Page:
        """Fetch the page that begins at a place, which is the cursor's unless a fault misplaced it."""
        back = cursor is not None and cursor.back
        found = self._select(place, back=back, limit=size + 1)
        beyond = found[size] if len(found) > size else None
        items = found[:size][:: -1 if back else 1]
        start, end = self._edges(items, cursor)
        behind = None if cursor is None else self._neighbour(end if back else start)
        before, after = (beyond, behind) if back else (behind, beyond)
        offset = _offset(cursor, len(items))
        page = 1 if cursor is None else cursor.page
        start = start._replace(page=page - 1, offset=offset, tie=self._tied(before, items[:1]))
        end = end._replace(page=page + 1, offset=offset + len(items), tie=self._tied(after, items[-1:]))
        return Page(tuple(items), start, end, end if after else None, start if before else None, offset)

    def _select(self, place: Place, *, back: bool, limit: int) -> list[Call]:
        return self.store.page(self.order, self.where, place, back=back, limit=limit)

    def _edges(self, items: list[Call], cursor: Cursor | None) -> tuple[Cursor, Cursor]:
        """Make the cursors that look outward from a page; an empty one lies at its cursor, item and all behind it."""
        if items:
            return self._cursor(items[0], back=True), self._cursor(items[-1], back=False)
        here = cursor or Cursor(back=False, key=0, id="")
        behind = here._replace(back=not here.back, inclusive=not here.inclusive)
        return (here, behind) if here.back else (behind, here)

    def _cursor(self, call: Call, *, back: bool) -> Cursor:
        return Cursor(back=back, key=self._key(call), id=call.id)

    def _key(self, call: Call) -> int:
        return call.deletion_us if self.order.column == "deletion_us" else call.created_us

    def _neighbour(self, edge: Cursor) -> Call | None:
        return next(iter(self._select(place_of(self.order, edge), back=edge.back, limit=1)), None)

    def _tied(self, outside: Call | None, edge: list[Call]) -> bool:
        return outside is not None and bool(edge) and self._key(outside) == self._key(edge[0])


def _offset(cursor: Cursor | None, count: int) -> int:
    """How many items stood before this page, by the walk's own count."""
    if cursor is None:
        return 0
    return max(0, cursor.offset - count) if cursor.back else cursor.offset
