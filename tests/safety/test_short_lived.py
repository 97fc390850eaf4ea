"""A credential that lives for seconds, and the command that prints the next one."""

import time
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import urllib3

from conformance.reference.server import Reference
from conformance.results.files import read
from tests.support import Answer, Asked, Scripted, conformance, serving

# A run that outlives several keys.
pytestmark = pytest.mark.long

LIVES = 0.7
_HTTP = urllib3.PoolManager()


def in_front_of(reference: Reference) -> AbstractContextManager[Scripted]:
    """A gateway that takes keys of the form key-of-SECONDS while they live, and asks the reference with its own."""

    def answer(asked: Asked) -> Answer:
        key = asked.headers.get("authorization", "").removeprefix("Bearer ")
        issued = key.removeprefix("key-of-")
        fresh = (
            issued.replace(".", "", 1).isdigit() and key.startswith("key-of-") and time.time() - float(issued) < LIVES
        )
        headers = {k: v for k, v in asked.headers.items() if k not in {"host", "content-length", "authorization"}}
        if fresh:
            headers["authorization"] = f"Bearer {reference.api_key}"
        elif key.startswith("key-of-"):
            headers["authorization"] = "Bearer expired"
        elif key:
            headers["authorization"] = f"Bearer {key}"
        said = _HTTP.request(
            asked.method, reference.url + asked.path, body=asked.body or None, headers=headers, retries=False
        )
        kept = {k: v for k, v in said.headers.items() if k.lower() in {"content-type", "allow"}}
        return said.status, kept, said.data

    return serving(answer)


def test_a_key_that_expires_again_and_again_accuses_nobody(cartesia: Reference, tmp_path: Path) -> None:
    with in_front_of(cartesia) as gate:
        (tmp_path / "c.toml").write_text(
            f'[targets.t]\nurl = "{gate.url}"\nstate_url = "{cartesia.state_url}"\n'
            'credential_command = "echo key-of-$(date +%s.%N)"\n'
        )
        # The schema of every answer is looked at by the way.
        rules = ("delete.succeeds", "status.documented", "input.no-5xx", "redact.omits")
        words = [word for rule in rules for word in ("--select", rule)]
        ended = conformance(
            *("run", "--contract", "cartesia", "--target", "t", "--config", "c.toml", "--examples", "8"),
            *("--report", "r", *words),
            cwd=tmp_path,
        )
    assert ended.code == 0, ended.said
    results = read(tmp_path / "r/cartesia")
    assert results.of("fail", "warn", "error") == ()
    assert results.end.disturbances > 0, "it expired at least once"
    assert "key-of-" not in ended.said + (tmp_path / "r/cartesia/results.jsonl").read_text()
