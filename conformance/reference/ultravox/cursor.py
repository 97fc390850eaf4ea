"""Opaque page cursors: a position and a direction, signed, and good for one account's one list only."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import zlib
from typing import NamedTuple

__all__ = ["BadCursorError", "Cursor", "CursorBox"]

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
