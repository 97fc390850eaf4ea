"""The benchmark's tools: a server that counts, a proxy that is late, and the command."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import urllib3
from click.testing import CliRunner

from benchmarks.command import main
from benchmarks.rivals import schemathesis_runs
from benchmarks.serving import Counts, Server, bearer
from benchmarks.slow_proxy import DELAY, delayed

_SET_UP = {"action": "setup", "state": "deleted calls exist", "params": {"calls": [{}]}}


def _made(server: Server) -> list[str]:
    answer = urllib3.request("POST", server.state_url, json=_SET_UP)
    ids: list[str] = json.loads(answer.data)["call_ids"]
    return ids


def _listed(url: str, key: str) -> urllib3.BaseHTTPResponse:
    return urllib3.request("GET", url + "/api/deleted_calls", headers=dict([bearer("ultravox", key)]))


def test_requests_are_counted_by_what_they_are_sent_to() -> None:
    with Server("ultravox") as server:
        _made(server)
        assert _listed(server.url, server.api_key).status == 200
        assert server.counts() == Counts(target=1, state=1)


def test_a_report_is_named_alike_from_start_to_start() -> None:
    told = (
        "Allow header mismatch: `Allow: GET, HEAD, DELETE` does not match",
        "Allow header mismatch: `Allow: HEAD, DELETE, GET` does not match",
    )
    first, second = ([*schemathesis_runs.failures([_failed(message)])] for message in told)
    assert first == second
    assert "DELETE, GET, HEAD" in first[0]


def _failed(message: str) -> dict[str, Any]:
    failure = {"operation": "DELETE /x", "title": "t", "message": message}
    checks = {"1": [{"status": "failure", "failure_info": {"failure": failure}}]}
    return {"ScenarioFinished": {"recorder": {"checks": checks}}}


def test_fixed_ids_are_the_same_on_every_server() -> None:
    made = []
    for _ in range(2):
        with Server("ultravox", fixed_ids=True) as server:
            made.append((server.api_key, _made(server)))
    assert made[0] == made[1]


@pytest.mark.parametrize("side_by_side", [1, 8])
def test_every_answer_is_late_and_none_waits_for_another(side_by_side: int) -> None:
    with Server("ultravox") as server, delayed(server.port) as url, ThreadPoolExecutor(side_by_side) as pool:
        began = time.monotonic()
        answers = list(pool.map(lambda _: _listed(url, server.api_key), range(side_by_side)))
        took = time.monotonic() - began
    assert {answer.status for answer in answers} == {200}
    assert took >= DELAY
    assert side_by_side == 1 or took < side_by_side * DELAY + 1.0


def test_help_teaches_and_unknown_parts_are_refused() -> None:
    assert "python -m benchmarks --page" in CliRunner().invoke(main, ["--help"]).output
    refused = CliRunner().invoke(main, ["speed"])
    assert (refused.exit_code, "no such part: speed" in refused.output) == (2, True)
