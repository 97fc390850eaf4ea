"""Calls laid into a reference server as its owner would have them, for runs without a state URL."""

import json
from pathlib import Path
from typing import Any

import urllib3

from conformance.reference.server import Reference

SENTINELS = {
    "transcript": "SENTINEL-transcript my card is 4111 1111",
    "summary": "SENTINEL-summary wants his money back",
    "metadata": "SENTINEL-metadata customer 77-31",
    "log": "SENTINEL-log dialled the bank",
    "phone": "+15558675309",
}
"""What must never be written anywhere; the phone number stands for itself."""

_HTTP = urllib3.PoolManager()


def state(reference: Reference, name: str, **params: Any) -> dict[str, Any]:
    """Bring a provider state about, as a server's owner."""
    body = json.dumps({"action": "setup", "state": name, "params": params})
    answer = _HTTP.request("POST", reference.state_url, body=body, headers={"content-type": "application/json"})
    assert answer.status == 200, answer.data
    values: dict[str, Any] = json.loads(answer.data)
    return values


def call(reference: Reference, status: str, **fields: Any) -> str:
    """One call full of sentinels."""
    record = {
        "status": status,
        "summary": SENTINELS["summary"],
        "metadata": {"customer": SENTINELS["metadata"]},
        "error_message": None,
        "telephony_params": {"connection_type": "phone", "to": SENTINELS["phone"], "from": "+15550001111"},
        "transcript": [
            {"role": "user", "text": SENTINELS["transcript"], "start_timestamp": 0, "end_timestamp": 1.5},
        ],
        **fields,
    }
    made = state(reference, "a call exists", call=record, audio=True, logs=[SENTINELS["log"]])
    return str(made["call_id"])


def preloaded(reference: Reference) -> dict[str, list[str]]:
    """Ids to be given away: enough of each kind for every rule that can use them."""
    given = {
        "completed": [call(reference, "completed") for _ in range(5)],
        "failed": [call(reference, "failed") for _ in range(2)],
        "active": [call(reference, "created"), call(reference, "started")],
        "started": [call(reference, "started")],
        "zero_retention": [call(reference, "completed", zdr_enabled=True)],
        "deleted": [call(reference, "completed")],
    }
    state(reference, "a call is deleted", call_id=given["deleted"][0])
    return given


def config(file: Path, reference: Reference, given: dict[str, list[str]]) -> Path:
    """A config file whose target `staging` has these ids and no state URL."""
    lines = [f'[targets.staging]\nurl = "{reference.url}"\n', "[targets.staging.preloaded]"]
    file.write_text("\n".join([*lines, *(f"{kind} = {json.dumps(ids)}" for kind, ids in given.items())]))
    return file
