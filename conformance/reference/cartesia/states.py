"""Provider states: put the server into a situation, in Pact's form."""

import random
import secrets
import string
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from conformance.reference.cartesia import seeds
from conformance.reference.cartesia.answers import RefusalError
from conformance.reference.cartesia.api import Api
from conformance.reference.cartesia.incoming import IncomingRequest
from conformance.reference.cartesia.records import ENDED, Record, active, recording
from conformance.reference.cartesia.seeds import SeedError
from conformance.reference.cartesia.situation import Asked
from conformance.reference.cartesia.store import MAIN, Call

__all__ = ["API_KEY_PREFIX", "States"]

API_KEY_PREFIX = "sk_car_"
MOST_FAILURES = 1000

Params = dict[str, Any]
SetUp = Callable[[IncomingRequest, Params], Params]


class States:
    """The provider states of one server."""

    def __init__(self, api: Api) -> None:
        self._api, self._store = api, api.store
        self._states: dict[str, SetUp] = {
            "": lambda _incoming, _params: {},
            "a fresh account exists": self._open_account,
            "a call exists": self._add_call,
            "a call ends": self._end_call,
            "deleting a call fails": self._let_fail,
            "a call is deleted": self._delete_call,
        }

    async def endpoint(self, request: Request) -> Response:
        """POST: set up or tear down a state; 400 with a message for what can't be."""
        try:
            action, state, params = seeds.read(await request.body())
            incoming = IncomingRequest(request, Asked("state"))
            if action == "teardown":
                return JSONResponse(self._close_account(params))
            return JSONResponse(self._state(state)(incoming, params))
        except (SeedError, UnicodeEncodeError) as problem:
            return JSONResponse({"message": str(problem)}, 400)

    def _state(self, name: str) -> SetUp:
        if name not in self._states:
            raise SeedError(f"this server has no state {name!r}")
        return self._states[name]

    def _open_account(self, _incoming: IncomingRequest, _params: Params) -> Params:
        api_key = API_KEY_PREFIX + secrets.token_hex(16)
        account = f"account_{secrets.token_hex(8)}"
        self._store.keyring.add(api_key, account)
        return {"api_key": api_key}

    def _close_account(self, params: Params) -> Params:
        account = self._store.keyring.get(str(params.get("api_key", "")))
        if account is not None and account != MAIN:
            self._store.remove_account(account)
        return {}

    def _add_call(self, incoming: IncomingRequest, params: Params) -> Params:
        seed = seeds.call(params)
        account = self._account(params)
        call = Call(_new_id(), account, {"id": "", **seed.record})
        call.record["id"] = call.id
        marker = f"recording-of-{call.id}" if seed.audio is True else seed.audio
        wav = recording(marker) if marker else None
        record, wav, lines = self._retained(incoming, call, wav, seed.logs)
        call = replace(call, record=record)
        try:
            self._store.add(call, wav, lines)
        except ValueError as problem:
            raise SeedError(f"this call can't be stored: {problem}") from problem
        self._api.injector.run.created += 1
        return {"call_id": call.id, "call": self._api.shape.view(record, transcript=True)}

    def _retained(
        self, incoming: IncomingRequest, call: Call, wav: bytes | None, lines: list[str] | None
    ) -> tuple[Record, bytes | None, list[str] | None]:
        """Drop what a zero-retention call is not to keep."""
        if not call.record.get("zdr_enabled"):
            return call.record, wav, lines

        def kept(what: str) -> bool:
            return self._api.injector.fires(f"retains-{what}", incoming, call)

        record = seeds.without_sensitive(call.record, kept)
        return record, wav if kept("audio") else None, lines if kept("logs") else None

    def _end_call(self, _incoming: IncomingRequest, params: Params) -> Params:
        call, status = self._call(params), params.get("status")
        if status not in ENDED:
            raise SeedError(f"a call ends completed or failed, not {status!r}")
        history = self._api.injector.histories[call.id]
        history.ended_again |= history.erasures > 0
        if active(call.record):
            self._api.end(call, status)
        return {}

    def _let_fail(self, _incoming: IncomingRequest, params: Params) -> Params:
        call, times, stage = self._call(params), params.get("times", 1), params.get("stage", "before")
        if isinstance(times, bool) or not isinstance(times, int) or not 0 <= times <= MOST_FAILURES:
            raise SeedError(f"times is a number from 0 to {MOST_FAILURES}, not {times!r}")
        if stage not in ("before", "during"):
            raise SeedError(f"stage is before or during, not {stage!r}")
        history = self._api.injector.histories[call.id]
        history.failures_to_come, history.failure_stage = times, stage
        return {}

    def _delete_call(self, incoming: IncomingRequest, params: Params) -> Params:
        call = self._call(params)
        try:
            self._api.deletions.delete(incoming, call)
        except RefusalError as refusal:
            raise SeedError(f"the deletion answers {refusal.answer.status}") from refusal
        return {}

    def _call(self, params: Params) -> Call:
        call_id = params.get("call_id")
        call = self._store.find(call_id) if isinstance(call_id, str) else None
        if call is None:
            raise SeedError(f"there is no call {call_id!r}")
        return call

    def _account(self, params: Params) -> str:
        api_key = params.get("api_key")
        account = MAIN if api_key is None else self._store.keyring.get(str(api_key))
        if account is None:
            raise SeedError("api_key belongs to no account")
        return account


_ID_CHARACTERS = string.ascii_letters + string.digits
_random = random.SystemRandom()


def _new_id() -> str:
    return "ac_" + "".join(_random.choices(_ID_CHARACTERS, k=22))
