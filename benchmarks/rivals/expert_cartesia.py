"""What an expert gives Schemathesis for Cartesia's Delete Call: real calls of every kind, and one check of their own.

A hooks file: Schemathesis loads it by the path in its config. RIVAL_URL, RIVAL_STATE_URL and RIVAL_KEY name the server.
"""

# ruff: noqa: S101, ARG001 - a check of Schemathesis asserts, and its hooks have the arguments that they have

import itertools
import os
from typing import Any

import requests
import schemathesis

_URL, _STATE = os.environ["RIVAL_URL"], os.environ["RIVAL_STATE_URL"]
_HEADERS = {"Authorization": f"Bearer {os.environ['RIVAL_KEY']}", "Cartesia-Version": "2026-03-01"}
_HTTP = requests.Session()
_KINDS = itertools.cycle(itertools.product(["completed", "failed", "started", "created"], ["phone", "websocket"]))
_CALLS: dict[str, dict[str, Any]] = {}
"""Every call that was set up here, by id, as it was stored."""
SECRET = "s3cret"  # noqa: S105 - the text that must be gone after a deletion
_KEPT = ("id", "agent_id", "agent_name", "status", "start_time", "end_time", "end_reason", "deployment_id")


def _new_call() -> str:
    status, connection = next(_KINDS)
    ended = {"end_time": "2026-03-01T12:05:00Z", "end_reason": "agent_hangup"}
    call = {
        "agent_id": "agent_rival",
        "agent_name": "Support",
        "status": status,
        "start_time": "2026-03-01T12:00:00Z",
        **(ended if status in {"completed", "failed"} else {}),
        "deployment_id": "ad_1",
        "summary": f"summary {SECRET}",
        "metadata": {"note": SECRET},
        "transcript": [{"role": "user", "text": SECRET, "start_timestamp": 0.0, "end_timestamp": 1.0}],
        "telephony_params": {
            "call_sid": "sid_1",
            "connection_type": connection,
            "to": f"+1{SECRET}",
            "from": f"+2{SECRET}",
        },
    }
    asked: dict[str, Any] = {"call": call, "audio": True, "logs": [SECRET]}
    body: dict[str, Any] = {"action": "setup", "state": "a call exists", "params": asked}
    made = _HTTP.post(_STATE, json=body, timeout=10).json()
    _CALLS[made["call_id"]] = made["call"]
    return str(made["call_id"])


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Put a fresh call in the place of a drawn id."""
    return (
        {**path_parameters, "call_id": _new_call()}
        if path_parameters and "call_id" in path_parameters
        else path_parameters
    )


def _read(path: str) -> requests.Response:
    return _HTTP.get(f"{_URL}/agents/calls{path}", headers=_HEADERS, timeout=10)


@schemathesis.check
def deleted_for_good(ctx: Any, response: Any, case: Any) -> None:
    """A deleted call's data is gone from wherever it can be read; a call that has not ended is left alone."""
    call = _CALLS.get((case.path_parameters or {}).get("call_id", ""))
    if call is None or case.method.upper() != "DELETE" or case.path != "/agents/calls/{call_id}":
        _CALLS.pop((case.path_parameters or {}).get("call_id", "") if case.method.upper() == "POST" else "", None)
        return
    if case.meta.generation.mode.is_negative and response.status_code not in {200, 500}:
        return
    path = f"/{call['id']}"
    if call["status"] in {"started", "created"}:
        assert response.status_code == 400, "an active call's deletion is answered with 400"
        assert _read(path).json() == call, "an active call is left alone"
        return
    assert response.status_code in {200, 500}, "an ended call is deleted"
    for _ in range(3):
        again = _HTTP.delete(f"{_URL}/agents/calls{path}", headers=_HEADERS, timeout=10)
        assert again.status_code in {200, 500}, "a deletion can be repeated"
    assert again.status_code == 200, "a retried deletion succeeds"
    page = _read("?agent_id=agent_rival&limit=100&expand=transcript").json()["data"]
    listed = {"list": one for one in page if one["id"] == call["id"]}  # noqa: B035 - there is one at the most
    seen = {
        "DELETE": response.json() if response.status_code == 200 else again.json(),
        "second DELETE": again.json(),
        "GET": _read(path).json(),
    }
    seen |= listed
    for where, record in seen.items():
        assert SECRET not in str(record), f"{where} still shows what was deleted"
        assert not {"transcript", "summary", "metadata"} & set(record), f"{where} shows null for what was deleted"
        assert all(record.get(field) == call.get(field) for field in _KEPT), f"{where} changed or lost what is kept"
        assert record.get("redacted_at") == seen["DELETE"]["redacted_at"], f"{where} has another redacted_at"
    assert _read(path + "/audio").status_code == _read(path + "/logs").status_code == 404, (
        "recording or logs are served"
    )
