"""What an expert gives Schemathesis for Ultravox' List Deleted Calls: a list of known calls, and one check.

A hooks file: Schemathesis loads it by the path in its config. RIVAL_URL, RIVAL_STATE_URL and RIVAL_KEY name the server.
"""

# ruff: noqa: S101, ARG001 - a check of Schemathesis asserts, and its hooks have the arguments that they have

import itertools
import os
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import requests
import schemathesis

_URL, _STATE = os.environ["RIVAL_URL"], os.environ["RIVAL_STATE_URL"]
_HTTP = requests.Session()
_HEADERS: dict[str, str] = {}
"""The credential of an account of the check's own: other requests make and delete calls in the main one."""
_AGENTS = [str(uuid.uuid5(uuid.NAMESPACE_OID, f"agent {n}")) for n in range(3)]
_VOICES = [str(uuid.uuid5(uuid.NAMESPACE_OID, f"voice {n}")) for n in range(2)]


def _asked(n: int) -> dict[str, Any]:
    day, talk = f"2024-03-{1 + n // 2:02}T", (10, 100, 20, 300)[n % 4]
    return {
        "created": f"{day}{8 + n % 12:02}:00:00Z",
        "joined": f"{day}{8 + n % 12:02}:00:02Z",
        "ended": f"{day}{8 + n % 12:02}:{talk // 60:02}:{2 + talk % 60:02}Z",
        "deletionTime": f"2024-05-{1 + n // 2:02}T10:00:00Z",
        "agentId": _AGENTS[n % 3],
        "voiceId": _VOICES[n % 2],
        "metadata": {"team": ("red", "blue")[n % 2]},
        "text": f"word{n}",
    }


def _state(name: str, **params: Any) -> Any:
    return _HTTP.post(_STATE, json={"action": "setup", "state": name, "params": params}, timeout=10).json()


_CALLS: dict[str, tuple[int, dict[str, Any]]] = {}
"""Number and tombstone of every call, by id."""


def _ids(lets: Callable[[int], bool]) -> set[str]:
    return {call for call, (number, _) in _CALLS.items() if lets(number)}


def _experiments() -> list[tuple[dict[str, str], set[str]]]:
    """Queries, and the calls that they let through; the calls are set up the first time."""
    _HEADERS["X-API-Key"] = key = _state("a fresh account exists")["api_key"]
    made = _state("deleted calls exist", api_key=key, calls=[_asked(n) for n in range(25)])
    _CALLS.update({c["callId"]: (n, c) for n, c in enumerate(made["calls"])})
    date = {n: _asked(n)["created"] for n in range(25)}
    return [
        ({}, set(_CALLS)),
        ({"agentIds": _AGENTS[0]}, _ids(lambda n: n % 3 == 0)),
        ({"voiceId": _VOICES[1]}, _ids(lambda n: n % 2 == 1)),
        ({"metadata.team": "red"}, _ids(lambda n: n % 2 == 0)),
        ({"fromDate": date[9]}, _ids(lambda n: date[n] >= date[9])),
        ({"toDate": date[9]}, _ids(lambda n: date[n] <= date[9])),
        (
            {"fromDate": "2024-03-04", "toDate": "2024-03-06"},
            _ids(lambda n: "2024-03-04" <= date[n][:10] <= "2024-03-06"),
        ),
        ({"durationMin": "100s"}, _ids(lambda n: n % 4 in {1, 3})),
        ({"durationMax": "100s"}, _ids(lambda n: n % 4 != 3)),
        ({"timeOfDayStart": "10:00:00", "timeOfDayEnd": "12:00:00"}, _ids(lambda n: 10 <= 8 + n % 12 <= 12)),
        ({"agentIds": _AGENTS[1], "voiceId": _VOICES[0]}, _ids(lambda n: n % 3 == 1 and n % 2 == 0)),
        ({"agentIds": str(uuid.UUID(int=1))}, set()),
    ]


_PLAN = itertools.cycle(itertools.product((100, 3, 1, 10), _experiments()))
_ORDER: list[str] = []
"""The list's order, as the first walk showed it."""


def _get(url: str) -> Any:
    return _HTTP.get(url, headers=_HEADERS, timeout=10).json()


def _facts(item: dict[str, Any]) -> dict[str, Any]:
    """A tombstone's values, times as instants, an absent duration its default, without what is null."""
    item = {"maxDuration": "3600s", **item}
    read = {name: datetime.fromisoformat(v) if "T" in str(v) else v for name, v in item.items()}
    return {name: value for name, value in read.items() if value is not None}


@schemathesis.check
def pages_agree(ctx: Any, response: Any, case: Any) -> None:
    """Whatever the page size and the filter, a walk shows each call that it should, once, in one order, as it was."""
    if response.status_code != 200 or case.method.upper() != "GET" or case.path != "/api/deleted_calls":
        return
    size, (query, expected) = next(_PLAN)
    url, shown, before = f"{_URL}/api/deleted_calls?{urlencode({**query, 'pageSize': size})}", [], None
    while url:
        page = _get(url)
        assert len(page["results"]) <= size, "a page is larger than asked for"
        assert page.get("total", len(expected)) == len(expected), f"total is wrong under {[*query]}"
        shown += page["results"]
        assert len(shown) <= 2 * len(_CALLS), "the walk does not end"
        assert page["next"] is None or page["results"], "an empty page has a next one"
        if before is not None:
            assert page["previous"], "a later page has no previous one"
            assert _get(page["previous"])["results"] == before, "previous leads elsewhere"
        url, before = page["next"], page["results"]
    ids = [item["callId"] for item in shown]
    _ORDER.extend([] if _ORDER else ids)
    assert sorted(ids) == sorted(expected), f"a walk under {[*query]} shows others, leaves out or repeats"
    assert ids == [call for call in _ORDER if call in expected], "the order is another"
    assert all(_facts(item) == _facts(_CALLS[item["callId"]][1]) for item in shown), "a tombstone is not as it was"
