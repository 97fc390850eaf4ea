"""Wrong ways to find a call, and wrong ideas of which calls belong together."""

from collections.abc import Callable

from conformance.reference.cartesia.records import Record, active
from conformance.reference.cartesia.store import Call, Store

__all__ = ["LOOKUPS", "SIBLINGS"]

Lookup = Callable[[Store, str, str], Call | None]
Alike = Callable[[Record, Record], bool]


def _of_any_account(store: Store, _account: str, call_id: str) -> Call | None:
    return store.find(call_id)


def _by(same: Callable[[str, str], bool]) -> Lookup:
    """Make a look-up that takes an ended call of the account whose id is the `same` as the one asked for."""

    def lookup(store: Store, account: str, call_id: str) -> Call | None:
        calls = store.of_account(account)
        return next((call for call in calls if same(call_id, call.id) and not active(call.record)), None)

    return lookup


def _like(asked: str, known: str) -> bool:
    return "%" in asked and known.startswith(asked.partition("%")[0])


LOOKUPS: dict[str, Lookup] = {
    "finds-any-account": _of_any_account,
    "finds-by-prefix": _by(lambda asked, known: known.startswith(asked)),
    "finds-with-suffix": _by(lambda asked, known: asked.startswith(known)),
    "finds-by-like": _by(_like),
}
"""Look-ups asked after the correct one found nothing."""


def _same(field: str) -> Alike:
    return lambda one, other: one.get(field) is not None and one.get(field) == other.get(field)


def _same_telephony(field: str) -> Alike:
    def alike(one: Record, other: Record) -> bool:
        ours = (one.get("telephony_params") or {}).get(field)
        return ours is not None and ours == (other.get("telephony_params") or {}).get(field)

    return alike


SIBLINGS: dict[str, Alike] = {
    "takes-same-agent": _same("agent_id"),
    "takes-same-caller": _same_telephony("to"),
    "takes-same-number": _same_telephony("from"),
    "takes-same-sid": _same_telephony("call_sid"),
    "takes-same-metadata": _same("metadata"),
    "takes-same-start": _same("start_time"),
    "takes-all": lambda _one, _other: True,
}
"""Which other calls of the account a deletion takes along."""
