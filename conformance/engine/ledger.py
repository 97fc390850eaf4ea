"""Whose calls are whose: every id that the run set up, was given, or made up so that nobody can have it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from conformance.contracts.pointer import JsonObject

__all__ = ["Ledger"]


class Ledger:
    """The ids that unsafe requests may name (DESIGN, 12), the account of each, and which of them are still live.

    `given` are the ids that the user gave away. An account is named by its key; the one under test by an empty text.
    `odd_ids_allowed` says whether unsafe requests may name more than these; None until it was found out.
    """

    def __init__(self, given: Iterable[Sequence[str]]) -> None:
        self._ours = {call_id for ids in given for call_id in ids}
        self._owner: dict[str, str] = {}
        self._live: set[str] = set()
        self.odd_ids_allowed: bool | None = None

    def made(self, state: str, params: JsonObject, values: JsonObject) -> Iterator[str]:
        """Take in what a provider state made, or did to a call; the ids that are new."""
        if state == "a call is deleted":
            self._live.discard(str(params.get("call_id")))
        many = values.get("call_ids")
        for call_id in [*(many if isinstance(many, list) else []), values.get("call_id")]:
            if isinstance(call_id, str):
                self._ours.add(call_id)
                self._owner[call_id] = str(params.get("api_key") or "")
                if state == "live calls exist":
                    self._live.add(call_id)
                yield call_id

    def ours(self, call_id: str) -> None:
        """An id that the suite made with the vendor's own operation, or that nobody can have."""
        self._ours.add(call_id)

    def may_name(self, call_id: str) -> bool:
        """Whether an unsafe request may name this id."""
        return call_id in self._ours

    def owner(self, call_id: Any) -> str | None:
        """The account that a call was set up in; None where the suite did not set it up."""
        return self._owner.get(call_id) if isinstance(call_id, str) else None

    def is_live(self, call_id: Any) -> bool:
        """Whether a call was set up live and never asked to be deleted."""
        return isinstance(call_id, str) and call_id in self._live

    def removed(self, call_id: str) -> None:
        """A call was asked to be deleted: from now on it may be either."""
        self._live.discard(call_id)
