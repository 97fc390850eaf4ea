"""Secret values, and where they stand in a text: whole, in pieces and in other spellings (DESIGN, 12, "Nobody's key").

A text is scrubbed first and cut afterwards: a cut through a secret would leave a piece that nobody recognizes.
"""

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus

__all__ = ["GONE", "Secrets", "fold"]

GONE: Final = "[scrubbed]"
"""What stands in place of a secret."""

_SHORTEST: Final = 4
"""Characters of the shortest secret; a shorter one would make every text unreadable."""
_LONGEST: Final = 20_000
"""Characters of a secret that are looked for; each costs about a kilobyte."""
_PART: Final = 8
"""Characters of the shortest part of a header's value that is a secret of its own (DESIGN, 12)."""
_LONG, _LONG_RUN, _SHORT_RUN = 20, 12, 8
"""From `_LONG` characters on, a secret is found in any run of 12 characters, else in any run of 8 (DESIGN, 12)."""
_PROSE: Final = 64
"""A value with white space that is longer is no credential, but a text: it is not looked for in hex and the like."""
_PROBE: Final = 4
"""Characters that are looked at first: see `_Runs`."""

_SPLIT: Final = re.compile(r"[\s,;=:\"']+")
_MEDIA_TYPE: Final = re.compile(
    r"(?:application|audio|example|font|haptics|image|message|model|multipart|text|video|\*)/[\w.+*-]{1,80}"
)
"""Top-level media types as registered (RFC 6838, section 4.2): base64, too, has slashes in it."""
_QUALITY: Final = re.compile(r";\s*q=[01](?:\.\d{0,3})?")
"""A weight in a header (RFC 9110, section 12.4.2)."""
_SCHEMES: Final = frozenset(
    {"basic", "bearer", "concealed", "digest", "dpop", "gnap", "hoba", "mutual", "negotiate", "oauth", "privatetoken"}
    | {"scram-sha-1", "scram-sha-256", "vapid", "token", "key", "apikey", "api-key", "aws4-hmac-sha256"}
)
"""Schemes in the HTTP Authentication Scheme Registry (IANA), and some that are used without standing there."""
_HARMLESS: Final = frozenset({"true", "false", "null", "charset", "utf-8", "boundary", "application/json"})
"""Words of JSON and of media types."""


def fold(text: str) -> str:
    """The text in one case, each character still in its place: what is compared without regard to case."""
    # İ is the only character that has another length in lower case, and sigma the only one that heeds its neighbours.
    return text.replace("\u0130", "i").lower().replace("\u03c2", "\u03c3")


class Secrets:
    """Knows secret values and hides them in texts. `known_words` are public: the words of a contract."""

    def __init__(self, known_words: Iterable[str] = ()) -> None:
        self._known = frozenset(map(fold, known_words)) | _HARMLESS
        self._public = "\n".join(sorted(self._known))
        self._seen: set[str] = set()
        self._runs = (_Runs(_LONG_RUN), _Runs(_SHORT_RUN))
        self._wholes: tuple[str, ...] = ()
        # A run that begins before a cut ends at most so many characters after it.
        self._margin = _LONG_RUN

    def add(self, value: str) -> None:
        """This value is a secret, unless it is shorter than 4 characters or a known word."""
        value = value[:_LONGEST]
        if len(value) < _SHORTEST or fold(value) in self._known or value in self._seen:
            return
        self._seen.add(value)
        spellings = {fold(spelling) for spelling in _spellings(value)}
        if len(value) < _PART:
            short = {spelling for spelling in spellings if len(spelling) >= _SHORTEST}
            self._margin = max(self._margin, *map(len, short))
            self._wholes = (*self._wholes, *short.difference(self._wholes))
            return
        plain = fold(value)
        for spelling in spellings:
            # A part of a known word tells nothing of the secret; hidden, it would make that word unreadable.
            self._runs[len(value) < _LONG].add(spelling, besides=self._public if spelling == plain else "")

    def add_header(self, value: str) -> None:
        """A configured header's value is a secret, and so is each part of 8 characters or more.

        None is what is a known word, a media type or the name of an authentication scheme.
        """
        parts = [part for part in _SPLIT.split(_QUALITY.sub("", value)) if part]
        if all(map(self._is_public, parts)):
            return
        self.add(value.strip())
        for part in parts:
            if len(part) >= _PART and not self._is_public(part):
                self.add(part)
        scheme, _, rest = value.strip().partition(" ")
        if scheme.lower() == "basic":
            self._add_basic(rest)

    def _add_basic(self, encoded: str) -> None:
        """User and password of a Basic credential (RFC 7617) are told in plain text by many a server."""
        try:
            pair = b64decode(encoded.strip() + "==").decode()
        except ValueError:
            return
        self.add(pair)
        self.add(pair.partition(":")[2])

    def _is_public(self, part: str) -> bool:
        folded = fold(part)
        return folded in self._known or folded in _SCHEMES or _MEDIA_TYPE.fullmatch(folded) is not None

    def hide(self, text: str, longest: int | None = None, whole: int | None = None) -> str:
        """The text without any secret, then cut after so many of its characters.

        `whole` is its length in all, where the text is already the beginning of a longer one. No more is looked at than
        `longest` characters and a margin.
        """
        whole = len(text) if whole is None else whole
        end = len(text) if longest is None else min(longest, len(text))
        shown, at = [], 0
        for start, stop in _merged(self._hits(fold(text[: end + self._margin]))):
            if start >= end:
                break
            shown += [text[at:start], GONE]
            at = stop
        shown.append(text[at:end])
        if longest is not None and whole > longest:
            shown.append(f"... [{whole} characters in all]")
        return "".join(shown)

    def _hits(self, folded: str) -> Iterator[tuple[int, int]]:
        for runs in self._runs:
            yield from runs.hits(folded)
        for secret in self._wholes:
            at = folded.find(secret)
            while at >= 0:
                yield at, at + len(secret)
                at = folded.find(secret, at + 1)


class _Runs:
    """All runs of one length, and a quick look for any of them.

    Each run of `width` characters holds a probe of 4 at one of any `width - 3` neighbouring places: only there is the
    text looked at, and its runs only where there is a probe.
    """

    def __init__(self, width: int) -> None:
        self._width = width
        self._stride = width - _PROBE + 1
        self._runs: set[str] = set()
        self._probes: set[str] = set()

    def add(self, spelling: str, besides: str) -> None:
        """Every run of the spelling, but those that stand in `besides`."""
        width = self._width
        runs = {spelling[at : at + width] for at in range(len(spelling) - width + 1)}
        if besides:
            runs = {run for run in runs if run not in besides}
        self._runs |= runs
        self._probes.update(spelling[at : at + _PROBE] for at in range(len(spelling) - _PROBE + 1))

    def hits(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the runs stand, from and to, in order; a run may be overlapped by the next."""
        width, stride, runs, probes = self._width, self._stride, self._runs, self._probes
        if not runs:
            return
        last = len(text) - width
        for probe in range(stride - 1, len(text) - _PROBE + 1, stride):
            if text[probe : probe + _PROBE] in probes:
                for at in range(probe - stride + 1, min(probe, last) + 1):
                    if text[at : at + width] in runs:
                        yield at, at + width


def _merged(hits: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The maximal runs that are covered, from and to, in order."""
    begun, ended = -1, -1
    for start, stop in sorted(hits):
        if start > ended:
            if begun >= 0:
                yield begun, ended
            begun, ended = start, stop
        ended = max(ended, stop)
    if begun >= 0:
        yield begun, ended


def _spellings(value: str) -> set[str]:
    """The value as it may stand in a text, in whatever case: what differs in case only is one spelling."""
    escaped = [json.dumps(value, ensure_ascii=ascii_only)[1:-1] for ascii_only in (False, True)]
    plain = {value, value.upper(), *escaped, *(text.replace("/", "\\/") for text in escaped)}
    if len(value) > _PROSE and any(map(str.isspace, value)):
        return plain
    raw = value.encode("utf-8", "surrogatepass")
    encoded = {quote(raw, safe=""), quote(raw), quote_plus(raw), "".join(f"%{byte:02x}" for byte in raw)}
    in_base64 = {code for text in {value, *escaped} for code in _base64(text.encode("utf-8", "surrogatepass"))}
    return plain | encoded | in_base64 | {value[::-1], raw.hex()}


def _base64(raw: bytes) -> Iterator[str]:
    """The bytes in base64 (RFC 4648, sections 4 and 5), 0, 1 or 2 bytes after the beginning of a group of three.

    The first character that also holds bits of what stands before is left out. What may follow has a say in the last
    one: the text ends there with padding, or just before it.
    """
    for lead in range(3):
        begin, end = (8 * lead + 5) // 6, 8 * (lead + len(raw)) // 6
        standard = b64encode(b"\0" * lead + raw).decode()
        for text in (standard, standard.translate({ord("+"): "-", ord("/"): "_"})):
            yield text[begin:]
            yield text[begin:].rstrip("=")
            yield text[begin:end]
