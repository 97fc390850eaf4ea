"""Markers that are planted in sensitive data, and found again wherever they survive."""

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

__all__ = ["Canaries"]


@dataclass
class Canaries:
    """Markers planted in sensitive data: one for each kind of place, so that a trace tells where it is from."""

    token: Callable[[], str]
    planted: dict[str, str] = field(default_factory=dict)

    def plant(self, place: str) -> str:
        """The marker of a place; a `*` in it stands for every item."""
        return self.planted.setdefault(place, self.token())

    def traces(self, text: str) -> set[str]:
        """The places whose markers survive in a text: as they are, in another case, in base64 or in hex."""
        readings = [text.lower(), *_decoded(text)]
        return {place for place, token in self.planted.items() if any(token in reading for reading in readings)}


def _decoded(text: str) -> Iterator[str]:
    for word in re.findall(r"[A-Za-z0-9+/_-]{11,}", text):
        for decode in (_base64, bytes.fromhex):
            try:
                yield decode(word).decode("latin-1").lower()
            except ValueError:
                continue


def _base64(word: str) -> bytes:
    whole = word[: len(word) // 4 * 4] if len(word) % 4 == 1 else word + "=" * (-len(word) % 4)
    # This reads both alphabets: it maps "-_" to "+/", and leaves "+/" as they are.
    return base64.urlsafe_b64decode(whole)
