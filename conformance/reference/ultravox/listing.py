"""Answer one list request: query, page, items, links, envelope, bytes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.switches import Switches
from conformance.reference.ultravox.calls import Call
from conformance.reference.ultravox.cursor import Cursor, box_of
from conformance.reference.ultravox.effects_answers import BODY_EFFECTS, BYTES_EFFECTS, ITEM_EFFECTS, Item, Reply
from conformance.reference.ultravox.effects_filters import CLAUSE_EFFECTS
from conformance.reference.ultravox.effects_pages import LINK_EFFECTS, PAGE_EFFECTS, PLACE_EFFECTS, Start
from conformance.reference.ultravox.page import Page, Walk
from conformance.reference.ultravox.query import Pairs, Query, pairs_of, read_query
from conformance.reference.ultravox.reading import CursorReader, Found
from conformance.reference.ultravox.shapes import associations, encoded, shaped_envelope, shaped_item
from conformance.reference.ultravox.situation import Situation
from conformance.reference.ultravox.sql import Order, Place, Where, place_of, scope_of
from conformance.reference.ultravox.stage import Stage
from conformance.reference.ultravox.store import Store

__all__ = ["Listing"]

_NO_BODY = 204


class Listing:
    """One list of calls, live or deleted, with the faults and variants of this server."""

    def __init__(
        self,
        store: Store,
        switches: Switches[Situation],
        *,
        deleted: bool,
        order: Order,
        show: Callable[[Call], dict[str, Any]],
    ) -> None:
        self._store = store
        self._switches = switches
        self._deleted = deleted
        self._order = order
        self._show = show
        self._name = f"/{'deleted' if deleted else 'live'}"
        self._box = box_of(switches)
        self._reader = CursorReader(self._box, switches, store.keyring.accounts)
        self._clause_stage = Stage(CLAUSE_EFFECTS, switches)
        self._place_stage = Stage(PLACE_EFFECTS, switches)
        self._page_stage = Stage(PAGE_EFFECTS, switches)
        self._item_stage = Stage(ITEM_EFFECTS, switches)
        self._link_stage = Stage(LINK_EFFECTS, switches)
        self._body_stage = Stage(BODY_EFFECTS, switches)
        self._bytes_stage = Stage(BYTES_EFFECTS, switches)

    def answer(self, request: Request, account: str) -> Response:
        """Answer a request of an account.

        Raises:
            Refusal: the query cannot be understood.
        """
        asked = pairs_of(request.scope["query_string"])
        named = dict(asked)
        found = self._reader.read(named.get("cursor", ""), named.get("pageToken", ""), account, self._name)
        pairs = self._filters(asked, found.cursor)
        query = read_query(pairs, self._switches)
        page, situation = self._page(query, found)
        reply = self._reply(page, situation, request, pairs, account)
        body = b"" if reply.status == _NO_BODY else self._bytes_stage(encoded(reply.body), situation)
        return Response(body, reply.status, media_type=None if reply.status == _NO_BODY else "application/json")

    def _filters(self, asked: Pairs, cursor: Cursor | None) -> Pairs:
        """Choose the query to obey: where filters live in the cursor, its own but for a page size given anew."""
        if cursor is None or not self._switches.varies("filters-in-cursor"):
            return asked
        size = [pair for pair in asked if pair[0] == "pageSize"]
        kept = [pair for pair in pairs_of(cursor.query) if not (size and pair[0] == "pageSize")]
        return [*kept, *size, ("cursor", dict(asked)["cursor"])]

    def _page(self, query: Query, found: Found) -> tuple[Page, Situation]:
        cursor, account = found.cursor, found.account
        scope = scope_of(account, deleted=self._deleted)
        situation = replace(
            query.situation,
            back=cursor is not None and cursor.back,
            page=1 if cursor is None else cursor.page,
            tie=cursor is not None and cursor.tie,
            grew=cursor is not None and cursor.added != self._store.added[account],
        )
        clauses = self._clause_stage((*scope, *query.clauses), situation)
        where = Where(clauses, "OR" if self._switches.fires("filters.or", situation) else "AND")
        population = self._store.count(where)
        unfiltered = self._store.count(Where(scope)) if query.clauses else population
        situation = replace(situation, population=population, unfiltered=unfiltered)

        walk = Walk(self._store, self._order, where)
        page = walk.page(cursor, query.size, self._place(cursor, situation))
        page = self._varied(page, query, cursor)
        remaining = population - page.offset - len(page.items)
        situation = replace(situation, shown=len(page.items), last=page.next is None, remaining=remaining)
        page = self._page_stage(page, situation)
        added = self._store.added[account] if cursor is None else cursor.added
        return page._replace(next=_since(page.next, added), previous=_since(page.previous, added)), situation

    def _place(self, cursor: Cursor | None, situation: Situation) -> Place:
        place = place_of(self._order, cursor)
        return place if cursor is None else self._place_stage(Start(place, cursor), situation).place

    def _varied(self, page: Page, query: Query, cursor: Cursor | None) -> Page:
        if self._switches.varies("empty-trailing-page") and len(page.items) == query.size:
            page = page._replace(next=page.end)
        if self._switches.varies("page-before-the-first") and cursor is None and page.items:
            page = page._replace(previous=page.start)
        if self._switches.varies("previous-on-plain-lists") and query.clauses:
            page = page._replace(previous=None)
        return page

    def _reply(self, page: Page, situation: Situation, request: Request, pairs: Pairs, account: str) -> Reply:
        url = f"{request.scope['scheme']}://{request.headers.get('host', '')}{request.scope['path']}"
        body = {
            "next": self._link(page.next, url, pairs, account, situation),
            "previous": self._link(page.previous, url, pairs, account, replace(situation, back=True)),
            "results": [self._item(call, situation) for call in page.items],
            "total": situation.population,
        }
        return self._body_stage(Reply(200, shaped_envelope(body, self._switches), situation), situation)

    def _item(self, call: Call, situation: Situation) -> dict[str, Any]:
        fields = shaped_item(self._show(call) | associations(call, self._switches), self._switches)
        if self._item_stage.idle:
            return fields
        return self._item_stage(Item(call, fields), replace(situation, item=call)).fields

    def _link(self, cursor: Cursor | None, url: str, pairs: Pairs, account: str, situation: Situation) -> str | None:
        if cursor is None:
            return None
        kept = [pair for pair in pairs if pair[0] not in ("cursor", "pageToken")]
        if self._switches.varies("filters-in-cursor"):
            cursor, kept = cursor._replace(query=urlencode(kept)), []
        query = [*kept, ("cursor", self._box.seal(cursor, account + self._name))]
        if self._switches.varies("links-in-their-own-order"):
            query.reverse()
        if self._switches.varies("scheme-in-capitals"):
            scheme, _, rest = url.partition(":")
            url = f"{scheme.upper()}:{rest}"
        return self._link_stage(f"{url}?{urlencode(query)}", situation)


def _since(cursor: Cursor | None, added: int) -> Cursor | None:
    """Note in a cursor how many tombstones there had been when the walk began."""
    return cursor and cursor._replace(added=added)
