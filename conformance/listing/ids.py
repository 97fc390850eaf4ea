"""The ids of a list, however long: eight bytes each."""

from array import array
from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any

__all__ = ["Ids"]

_PARTS = 256
"""Ids are laid into parts by their hash, so that only one part at a time needs more room than its eight bytes an id."""


class Ids:
    """What was shown, as 64-bit hashes of the ids.

    Of a million ids two have the same hash once in forty million lists; Python salts them anew in every process.
    """

    def __init__(self, ids: Iterable[Any] = ()) -> None:
        self.parts = [array("q") for _ in range(_PARTS)]
        self.add(ids)

    def add(self, ids: Iterable[Any]) -> None:
        """Take in more ids."""
        parts = self.parts
        for one in ids:
            mark = hash(str(one))
            parts[mark % _PARTS].append(mark)

    def missing(self, expected: Collection[Any]) -> list[Any]:
        """The expected ids that were not shown, in their order."""
        gone: set[int] = set()
        for wanted, shown in zip(Ids(expected).parts, self.parts, strict=True):
            gone |= set(wanted).difference(shown)
        return [one for one in expected if hash(str(one)) in gone] if gone else []

    def twice(self) -> int:
        """How many ids were shown more than once."""
        repeated = 0
        for part in self.parts:
            if len(set(part)) < len(part):
                repeated += sum(count > 1 for count in Counter(part).values())
        return repeated
