"""The calls that the user gave away, where the target can't be put into states."""

from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["ACTIVE", "DELETED", "ZERO_RETENTION", "GivenCalls"]

ZERO_RETENTION: Final = "zero_retention"
DELETED: Final = "deleted"
ACTIVE: Final = "active"
"""Names in the config for ids that are told by something else than their status."""


class GivenCalls:
    """The ids that are left, by what the user says that they are.

    `count` says how many ids there were at the beginning, `kinds` what they were.
    """

    def __init__(self, preloaded: Mapping[str, Sequence[str]]) -> None:
        self._left = {kind: list(ids) for kind, ids in preloaded.items()}
        self._statuses: dict[str, object] = {}
        self.count = sum(map(len, preloaded.values()))
        self.kinds = frozenset(kind for kind, ids in preloaded.items() if ids)

    def of(self, kind: str) -> list[str]:
        """The ids of a kind that are left."""
        return list(self._left.get(kind, ()))

    def all(self) -> list[tuple[str, str]]:
        """Every id that is left, each with its kind."""
        return [(kind, call_id) for kind, ids in self._left.items() for call_id in ids]

    @property
    def any_to_delete(self) -> bool:
        """Whether an id was given that a rule may delete, used up by now or not."""
        return bool(self.kinds - {DELETED})

    def read(self, statuses: Mapping[str, object]) -> None:
        """Take in the statuses that ids were read with."""
        self._statuses |= statuses

    def may_have_status(self, call_id: str, status: object) -> bool:
        """Whether an id was read with this status, or not at all."""
        return self._statuses.get(call_id, status) == status

    def gone(self, call_id: str) -> None:
        """An id is no longer what it was given as: it was used, deleted, or never was it."""
        for ids in self._left.values():
            ids[:] = [one for one in ids if one != call_id]
