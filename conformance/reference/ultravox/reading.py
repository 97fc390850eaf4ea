"""Read the cursor that a request brought, with what a fault can do about it."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from conformance.reference.switches import Switches
from conformance.reference.ultravox.cursor import BadCursorError, Cursor, CursorBox
from conformance.reference.ultravox.effects_pages import token_of
from conformance.reference.ultravox.refusal import Refusal
from conformance.reference.ultravox.situation import Situation

__all__ = ["CursorReader", "Found"]


class Found(NamedTuple):
    """A cursor, and the account whose list it belongs to."""

    cursor: Cursor | None
    account: str


class CursorReader:
    """Opens cursors; remembers those seen only where a fault needs it."""

    def __init__(self, box: CursorBox, switches: Switches[Situation], accounts: Callable[[], Iterable[str]]) -> None:
        self._box = box
        self._switches = switches
        self._accounts = accounts
        self._seen: set[str] = set()
        self._remembers = bool(switches.effects & {"cursor.single-use", "cursor.drifts"})

    def read(self, text: str, token: str, account: str, listing: str) -> Found:
        """Open a cursor for an account's list; an empty text is no cursor.

        Raises:
            Refusal: it is not one that was issued for this list.
        """
        if not text:
            return Found(None, account)
        situation = Situation(cursor=True)
        try:
            cursor = self._box.open(text, account + listing)
        except BadCursorError:
            return self._bad(text, account, listing, situation)
        if self._switches.fires("cursor.needs-token", situation) and token != token_of(text):
            return Found(None, account)
        return Found(self._again(text, cursor), account)

    def _bad(self, text: str, account: str, listing: str, situation: Situation) -> Found:
        if self._switches.fires("cursor.500", situation):
            raise Refusal(500, "internal error")
        if self._switches.fires("cursor.restart", situation):
            return Found(None, account)
        if self._switches.fires("cursor.foreign-shown", situation):
            for other in self._accounts():
                if self._fits(text, other + listing):
                    return Found(self._box.peek(text), other)
        if self._switches.fires("cursor.foreign-500", situation) and self._readable(text):
            raise Refusal(500, "internal error")
        if self._switches.fires("cursor.restart-unless-readable", situation) and not self._readable(text):
            return Found(None, account)
        raise Refusal(404 if self._switches.varies("unsigned-cursors") else 400, "Invalid cursor")

    def _fits(self, text: str, audience: str) -> bool:
        try:
            self._box.open(text, audience)
        except BadCursorError:
            return False
        return True

    def _readable(self, text: str) -> bool:
        try:
            self._box.peek(text)
        except BadCursorError:
            return False
        return True

    def _again(self, text: str, cursor: Cursor) -> Cursor:
        """Decide what a cursor means when it comes a second time."""
        if not self._remembers:
            return cursor
        again = text in self._seen
        self._seen.add(text)
        situation = Situation(cursor=True, page=cursor.page, back=cursor.back)
        if again and self._switches.fires("cursor.single-use", situation):
            raise Refusal(410, "the cursor was used")
        if again and self._switches.fires("cursor.drifts", situation):
            return cursor._replace(key=cursor.key - 1)
        return cursor
