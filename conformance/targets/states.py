"""Provider states: putting the target into a situation, in Pact's form (one POST a state)."""

import json
from collections.abc import Mapping

from conformance.contracts.pointer import JsonObject
from conformance.http.exchange import Request
from conformance.http.session import Session

__all__ = ["StateBroken", "StateRefused", "States"]

_OPERATION = "state URL"
"""What a request to it is called in messages."""


class StateRefused(Exception):
    """The target answered 4xx: it can't do that state."""


class StateBroken(Exception):
    """The state URL answered 5xx, or not with a JSON object."""


class States:
    """A client of a target's state URL; `session` must be one of its own, without the API key."""

    def __init__(self, url: str, session: Session, headers: Mapping[str, str]) -> None:
        self._url = url
        self._session = session
        self._headers = {"content-type": "application/json", **headers}

    def setup(self, state: str, params: JsonObject) -> JsonObject:
        """Bring a state about and return the values of the answer.

        Raises:
            StateRefused: the target can't do it.
            StateBroken: the state URL answered 5xx, or no JSON object.
            Disturbance: the way to the state URL failed; whether the state came about is not known.
        """
        return self._post("setup", state, params)

    def teardown(self, state: str, params: JsonObject) -> None:
        """Undo a state; a refusal is ignored.

        Raises:
            StateBroken: the state URL answered 5xx.
            Disturbance: the way to the state URL failed.
        """
        try:
            self._post("teardown", state, params)
        except StateRefused:
            return

    def _post(self, action: str, state: str, params: JsonObject) -> JsonObject:
        body = json.dumps({"action": action, "state": state, "params": params}).encode()
        answer = self._session.send(Request("POST", self._url, self._headers, body, _OPERATION))
        if 400 <= answer.status < 500:
            raise StateRefused(f"the state {state!r} was refused with {answer.status}")
        if not answer.ok:
            raise StateBroken(f"the state URL answered {answer.status} to {state!r}")
        if action == "setup" and not isinstance(answer.json, dict):
            raise StateBroken(f"the state URL did not answer {state!r} with a JSON object")
        return answer.json if isinstance(answer.json, dict) else {}
