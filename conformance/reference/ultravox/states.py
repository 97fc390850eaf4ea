"""Provider states: put the server into a situation that a check needs."""

import secrets
from collections.abc import Callable
from typing import Any

from conformance.reference.ultravox.calls import Call, tombstone
from conformance.reference.ultravox.native import Native
from conformance.reference.ultravox.refusal import Refusal
from conformance.reference.ultravox.seeds import seeded
from conformance.reference.ultravox.store import Store

__all__ = ["States"]

_MOST_CALLS = 100

_Params = dict[str, Any]


class States:
    """The state URL; setups add up."""

    def __init__(self, store: Store, native: Native) -> None:
        self._store = store
        self._native = native
        self._setups: dict[str, Callable[[_Params], _Params]] = {
            "": lambda _: {},
            "a fresh account exists": self._fresh_account,
            "deleted calls exist": self._deleted_calls,
            "live calls exist": self._live_calls,
            "a call is deleted": self._call_is_deleted,
        }

    def change(self, body: dict[str, Any]) -> _Params:
        """Do what a setup or teardown asks for; its values.

        Raises:
            Refusal: unknown state, or a body that is ill-formed.
        """
        action, state, params = body.get("action"), body.get("state"), body.get("params", {})
        if action not in ("setup", "teardown") or not isinstance(state, str) or not isinstance(params, dict):
            raise Refusal(400, "want action setup or teardown, a state, and params")
        if state not in self._setups:
            raise Refusal(400, f"this server has no state {state!r}")
        if action == "setup":
            return self._setups[state](params)
        if "api_key" in params:
            self._store.drop_account_data(self._account(params))
        return {}

    def _account(self, params: _Params) -> str:
        key = params.get("api_key", self._store.main_key)
        account = self._store.keyring.get(key) if isinstance(key, str) else None
        if account is None:
            raise Refusal(400, "api_key: no such account")
        return account

    def _fresh_account(self, _: _Params) -> _Params:
        api_key = secrets.token_hex(16)
        return {"api_key": api_key, "account_id": self._store.add_account(api_key)}

    def _calls(self, params: _Params, *, deleted: bool) -> list[Call]:
        given = params.get("calls")
        if not isinstance(given, list) or len(given) > _MOST_CALLS:
            raise Refusal(400, f"calls: want a list of at most {_MOST_CALLS}")
        account = self._account(params)
        calls = [self._native.kept(seeded(fields, account, deleted=deleted)) for fields in given]
        self._store.add(map(self._native.erased, calls) if deleted else calls)
        return calls

    def _deleted_calls(self, params: _Params) -> _Params:
        calls = self._calls(params, deleted=True)
        return {"call_ids": [call.id for call in calls], "calls": [tombstone(call) for call in calls]}

    def _live_calls(self, params: _Params) -> _Params:
        return {"call_ids": [call.id for call in self._calls(params, deleted=False)]}

    def _call_is_deleted(self, params: _Params) -> _Params:
        call = self._store.get(str(params.get("call_id")))
        if call is None:
            raise Refusal(400, "call_id: no such call")
        if not call.deleted:
            self._native.bury(call)
        return {}
