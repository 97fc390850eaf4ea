"""Who is asking: the API key, and what a fault can overlook about it."""

from collections.abc import Callable

from starlette.requests import Request

from conformance.reference.switches import Switches
from conformance.reference.ultravox.refusal import Refusal
from conformance.reference.ultravox.situation import Situation
from conformance.reference.ultravox.store import Store

__all__ = ["account_of"]

_PREFIX = 8

_ADMITTING: dict[str, Callable[[str | None, str], bool]] = {
    "auth.none": lambda key, _: key is None,
    "auth.empty": lambda key, _: key == "",
    "auth.any": lambda key, _: bool(key),
    "auth.prefix": lambda key, known: key is not None and key[:_PREFIX] == known[:_PREFIX],
    "auth.any-of-same-length": lambda key, known: key is not None and len(key) == len(known),
}
"""For each effect the keys that it lets in beside the right ones, given the main account's."""


def account_of(request: Request, store: Store, switches: Switches[Situation]) -> str:
    """Find the account whose key the request carries.

    Raises:
        Refusal: no key, or one that is nobody's.
    """
    key = request.headers.get("x-api-key")
    account = store.keyring.get(key or "")
    if account is not None:
        return account
    situation = Situation(cursor="cursor=" in request.url.query)
    if any(switches.fires(effect, situation) and admits(key, store.main_key) for effect, admits in _ADMITTING.items()):
        return store.main_account
    if switches.fires("auth.500", situation):
        raise Refusal(500, "internal error")
    if switches.fires("auth.404", situation):
        raise Refusal(404, "Not found")
    raise Refusal(403 if switches.varies("refused-403") else 401, "Invalid or missing API key")
