"""Opaque page cursors: a position and a direction, signed, and good for one account's one list; lawful others, too."""

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
import string
import zlib
from typing import NamedTuple

from conformance.reference.switches import Switches
from conformance.reference.ultravox.situation import Situation

__all__ = ["BadCursorError", "Cursor", "CursorBox", "box_of"]

_SEAL_BYTES = 12


class BadCursorError(ValueError):
    """A cursor that this server did not issue to this asker for this list."""


class Cursor(NamedTuple):
    """A place between two items, and which way to go from it.

    What follows `inclusive` does not place the page: it tells faults how the walk has gone so far.
    """

    back: bool
    key: int
    id: str
    inclusive: bool = False
    page: int = 1
    offset: int = 0
    tie: bool = False
    added: int = 0
    query: str = ""
    """The filters, for the variant that keeps them here."""


class CursorBox:
    """Seals and opens cursors with a secret of its own, or (`signed` off) with a checksum only."""

    def __init__(self, *, signed: bool = True) -> None:
        self._secret = secrets.token_bytes(32)
        self._signed = signed

    def seal(self, cursor: Cursor, audience: str) -> str:
        """Write a cursor for one audience (an account and a list) in URL-safe letters."""
        payload = json.dumps(cursor, separators=(",", ":")).encode()
        return _letters(self._seal_of(payload, audience) + payload)

    def open(self, text: str, audience: str) -> Cursor:
        """Read a cursor.

        Raises:
            BadCursorError: altered, malformed, or meant for another audience.
        """
        payload = self._raw(text)
        if not hmac.compare_digest(_bytes(text)[:_SEAL_BYTES], self._seal_of(payload, audience)):
            raise BadCursorError("the cursor is not one of ours")
        return self.peek(text)

    def peek(self, text: str) -> Cursor:
        """Read a cursor without looking at its seal.

        Raises:
            BadCursorError: it cannot be read.
        """
        try:
            return Cursor(*json.loads(self._raw(text)))
        except (ValueError, TypeError) as wrong:
            raise BadCursorError("the cursor cannot be read") from wrong

    @staticmethod
    def _raw(text: str) -> bytes:
        return _bytes(text)[_SEAL_BYTES:]

    def _seal_of(self, payload: bytes, audience: str) -> bytes:
        if not self._signed:
            return zlib.crc32(payload).to_bytes(_SEAL_BYTES)
        return hmac.digest(self._secret, audience.encode() + b"\n" + payload, hashlib.sha256)[:_SEAL_BYTES]


class _LenientBox(CursorBox):
    """Pads its cursors, and reads them as lenient decoders do: what is no letter is passed over."""

    def seal(self, cursor: Cursor, audience: str) -> str:
        text = super().seal(cursor, audience)
        return text + "=" * (-len(text) % 4)

    def open(self, text: str, audience: str) -> Cursor:
        return super().open(self._canonical(text), audience)

    def peek(self, text: str) -> Cursor:
        return super().peek(self._canonical(text))

    @staticmethod
    def _canonical(text: str) -> str:
        kept = "".join(c for c in text.partition("=")[0] if c in _ALPHABET)
        whole = kept[: len(kept) - (len(kept) % 4 == 1)]
        return _letters(base64.urlsafe_b64decode(whole + "=" * (-len(whole) % 4)))


class _PlaceBox(CursorBox):
    """Cursors that are a place, in plain: what is altered names another place, in whosever list it is asked of."""

    def seal(self, cursor: Cursor, audience: str) -> str:  # noqa: ARG002 - as the others are called
        signs = ("b" if cursor.back else "f") + ("i" if cursor.inclusive else "x")
        return f"{signs}{cursor.key:x}-{cursor.id}" + (f"-{_letters(cursor.query.encode())}" if cursor.query else "")

    def open(self, text: str, audience: str) -> Cursor:  # noqa: ARG002 - as the others are called
        return self.peek(text)

    def peek(self, text: str) -> Cursor:
        read = _PLACE.fullmatch(text)
        if read is None:
            raise BadCursorError("the cursor names no place")
        try:
            query = _bytes(read["query"] or "").decode()
        except UnicodeDecodeError as wrong:
            raise BadCursorError("the cursor names no place") from wrong
        return Cursor(read["back"] == "b", int(read["key"], 16), read["id"], read["inclusive"] == "i", query=query)


class _NumberBox(CursorBox):
    """Cursors that are the numbers of places which the server keeps."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[tuple[Cursor, str]] = []

    def seal(self, cursor: Cursor, audience: str) -> str:
        self._kept.append((cursor, audience))
        return str(len(self._kept))

    def open(self, text: str, audience: str) -> Cursor:
        cursor, whose = self._found(text)
        if whose != audience:
            raise BadCursorError("the cursor is somebody else's")
        return cursor

    def peek(self, text: str) -> Cursor:
        return self._found(text)[0]

    def _found(self, text: str) -> tuple[Cursor, str]:
        number = int(text) if _NUMBER.fullmatch(text) else 0
        if not 0 < number <= len(self._kept):
            raise BadCursorError("no such cursor")
        return self._kept[number - 1]


_ALPHABET = frozenset(string.ascii_letters + string.digits + "-_")
_PLACE = re.compile(
    r"(?P<back>[bf])(?P<inclusive>[ix])(?P<key>[0-9a-f]{1,15})-(?P<id>[0-9a-z]{0,8}(?:-[0-9a-z]{4}){0,3}(?:-[0-9a-z]{12})?)"
    r"(?:-(?P<query>[A-Za-z0-9_-]+))?"
)
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)


def box_of(switches: Switches[Situation]) -> CursorBox:
    """The cursors of a server, as its variants have them."""
    if switches.varies("cursors-are-places"):
        return _PlaceBox()
    if switches.varies("numbered-cursors"):
        return _NumberBox()
    signed = not switches.varies("unsigned-cursors")
    return _LenientBox(signed=signed) if switches.varies("lenient-base64") else CursorBox(signed=signed)


def _letters(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    """Decode, refusing a second spelling of the same bytes: base64 has unused bits in its last letter."""
    try:
        raw = base64.urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as wrong:
        raise BadCursorError("the cursor is malformed") from wrong
    if _letters(raw) != text:
        raise BadCursorError("the cursor is malformed")
    return raw
