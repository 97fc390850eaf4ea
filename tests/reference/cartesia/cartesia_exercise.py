"""Drives a server in this process through everything its faults depend on, and logs what it answered.

Ids and the clock are made predictable, so that the logs of two servers differ only where a fault bit.
"""

import asyncio
import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from conformance.reference.cartesia import create_app, states, times
from conformance.reference.server import STATE_PATH
from conformance.reference.switches import Fault, Switches

KEY = "sk_car_exercise"
CALLS = "/agents/calls"
Log = list[tuple[str, int, Any, bytes]]


def make_predictable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count ids, random words and seconds instead of drawing them."""
    ids, words, seconds, ticks = (itertools.count(1) for _ in range(4))
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    monkeypatch.setattr(states, "_new_id", lambda: f"ac_{next(ids):022d}")
    monkeypatch.setattr("secrets.token_hex", lambda _size: f"{next(words):08x}")
    monkeypatch.setattr(times, "now", lambda: times.write(start + timedelta(seconds=next(seconds))))
    monkeypatch.setattr("conformance.reference.cartesia.situation.monotonic", lambda: next(ticks) * 0.4)


class Differs(Exception):
    """An answer is another than the one that was expected there: nothing further is of interest."""


class Exerciser:
    """Asks an application directly, without a socket; as long as it answers as `expected`, where that is given."""

    def __init__(self, database: Path, *faults: Fault[Any], expected: Log | None = None) -> None:
        self._expected = expected
        switches: Switches[Any] = Switches(faults)
        self.app = create_app(database, switches, KEY)
        self.log: Log = []
        self.agents = (f"agent_{n}" for n in itertools.count())

    async def ask(self, method: str, path: str, *, gone: bool = False, body: bytes = b"", **headers: str | None) -> Any:
        """Send a request and log its answer; `gone` hangs up after sending."""
        sent = {"authorization": f"Bearer {KEY}", "cartesia-version": "2026-03-01"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        if body:
            sent["content-length"] = str(len(body))
        bare, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": unquote(bare),
            "raw_path": bare.encode(),
            "root_path": "",
            "scheme": "http",
            "http_version": "1.1",
            "query_string": query.encode(),
            "headers": [(k.encode(), v.encode()) for k, v in sent.items() if v is not None],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        messages = [{"type": "http.request", "body": body, "more_body": False}]
        messages += [{"type": "http.disconnect"}] * gone
        answer: dict[str, Any] = {"body": b""}

        async def receive() -> Any:
            return messages.pop(0) if messages else await asyncio.Event().wait()

        async def send(message: Any) -> None:
            answer["body"] += message.get("body", b"")
            answer.update({k: v for k, v in message.items() if k in ("status", "headers")})

        await self.app(scope, receive, send)
        self.log.append((f"{method} {path}", answer["status"], sorted(answer["headers"]), answer["body"]))
        if self._expected is not None and self._expected[: len(self.log)][-1] != self.log[-1]:
            raise Differs
        return answer["body"]

    async def state(self, state: str, **params: Any) -> Any:
        """Set up a state."""
        return json.loads(
            await self.ask("POST", STATE_PATH, body=json.dumps({"state": state, "params": params}).encode())
        )

    async def add(self, **fields: Any) -> str:
        """Set up a call."""
        params = {"call": {**CALL, **fields}, "audio": True, "logs": ["first line", "last line"]}
        return str((await self.state("a call exists", **params))["call_id"])

    async def look(self, call_id: str, agent: str) -> None:
        """Read a call in every way there is."""
        for suffix in ("", "/audio", "/logs"):
            await self.ask("GET", f"{CALLS}/{call_id}{suffix}")
        await self.ask("GET", f"{CALLS}/{call_id}/audio", range="bytes=0-99")
        await self.ask("GET", f"{CALLS}?agent_id={agent}")
        await self.ask("GET", f"{CALLS}?agent_id={agent}&expand=transcript&limit=1")
        await self.ask("GET", f"{CALLS}?agent_id={agent}&expand=transcript&limit=100")

    async def delete(self, call_id: str, **more: Any) -> None:
        """Delete a call."""
        await self.ask("DELETE", f"{CALLS}/{call_id}", **more)

    async def life(self, **fields: Any) -> None:
        """Lead a call beside its siblings through deletions, reads and what comes later."""
        agent = next(self.agents)
        call_id = await self.add(agent_id=agent, **fields)
        newer = await self.add(agent_id=agent, start_time="2026-03-01T18:00:00Z")
        elsewhere = await self.add(agent_id=next(self.agents))
        await self.look(call_id, agent)
        if fields.get("status") in ("created", "started"):
            await self.delete(call_id)
            await self.look(call_id, agent)
            await self.delete(call_id)
            await self.ask("POST", f"{CALLS}/{call_id}/cancel")
            await self.state("a call ends", call_id=call_id, status="completed")
        for _ in range(3):
            await self.delete(call_id)
            await self.look(call_id, agent)
            await self.ask("GET", f"{CALLS}?agent_id={agent}&expand=transcript&starting_after={newer}")
            await self.ask("POST", f"{CALLS}/{call_id}/cancel")
        await self.state("a call ends", call_id=call_id, status="completed")
        await self.look(call_id, agent)
        await self.add(agent_id=agent)
        await self.look(call_id, agent)
        await self.delete(newer)
        await self.look(call_id, agent)
        await self.look(elsewhere, agent)

    async def failures(self) -> None:
        """Retry deletions that fail, with a read in between."""
        agent = next(self.agents)
        call_id = await self.add(agent_id=agent)
        await self.state("deleting a call fails", call_id=call_id, times=2, stage="during")
        for _ in range(4):
            await self.delete(call_id)
            await self.look(call_id, agent)

    async def overlaps(self) -> None:
        """Delete one call twice at once, and hang up on the deletion of another."""
        agent = next(self.agents)
        twice, lost = await self.add(agent_id=agent), await self.add(agent_id=agent)
        await asyncio.gather(self.delete(twice), self.delete(twice))
        await self.delete(lost, gone=True)
        for call_id in (twice, lost):
            await self.look(call_id, agent)
            await self.delete(call_id)

    async def ids(self) -> None:
        """Ask for ids that no call has, odd ones and near misses."""
        near = await self.add(id="x")
        upper = near.replace("ac_", "AC_")
        odd = ("ac_no", "ac_%27", "%00", "ac_%25", "%C3%A4", "a" * 300, "ac_0", upper, f"{near}x")
        for call_id, method in itertools.product(odd, ("GET", "DELETE")):
            await self.ask(method, f"{CALLS}/{call_id}")

    async def strangers(self) -> None:
        """Ask with bad credentials and versions, and as another account."""
        key = (await self.state("a fresh account exists"))["api_key"]
        bad: list[dict[str, Any]] = [
            {"authorization": None},
            {"authorization": ""},
            {"authorization": "Bearer sk_car_no"},
            {"authorization": f"Bearer {key}"},
            {"cartesia_version": None},
            {"cartesia_version": ""},
            {"cartesia_version": "1999-01-01"},
            {"cartesia_version": "latest"},
        ]
        for headers in bad:
            call_id = await self.add()
            for method, suffix in (("GET", ""), ("GET", "/audio"), ("DELETE", "")):
                await self.ask(method, f"{CALLS}/{call_id}{suffix}", **headers)
            await self.ask("GET", f"{CALLS}?agent_id=agent_1", **headers)
            await self.ask("GET", f"{CALLS}/{call_id}")

    async def queries(self) -> None:
        """Ask malformed things."""
        for query in ("", "agent_id=a&limit=x", "agent_id=a&limit=-1", f"agent_id=a&limit={10**12}"):
            await self.ask("GET", f"{CALLS}?{query}")
        await self.ask("GET", f"{CALLS}?agent_id=a&starting_after=ac_no")
        await self.delete(await self.add(), body=b"{}")

    async def everything(self) -> Log:
        """Do all of it and return the log."""
        await self.ids()
        for fields in KINDS:
            await self.life(**fields)
        for part in (self.failures, self.overlaps, self.strangers, self.queries):
            await part()
        return self.log


TURN = {"role": "user", "text": "my secret word", "start_timestamp": 0.0, "end_timestamp": 1.0}
TOOL_TURN = {**TURN, "tool_calls": [{"name": "find", "arguments": {"q": "secret"}, "result": "secret"}]}
EVENT_TURN = {**TURN, "log_event": {"event": "e", "metadata": {"k": "secret"}, "timestamp": 0.5}}
METRIC_TURN = {**TURN, "log_metric": {"name": "n", "value": "secret", "timestamp": 0.5}}
PHONE = {"to": "+14155550111", "from": "+14155550122", "call_sid": "CA1", "connection_type": "phone"}

CALL = {
    "agent_id": "agent_1",
    "agent_name": "Support",
    "status": "completed",
    "start_time": "2026-03-01T12:00:00Z",
    "end_time": "2026-03-01T12:05:00Z",
    "end_reason": "agent_hangup",
    "deployment_id": "ad_1",
    "deployment_region": "EU",
    "transcript": [TURN, TOOL_TURN, EVENT_TURN, METRIC_TURN],
    "summary": "They said it",
    "metadata": {"customer": "c1", "visits": 3},
    "telephony_params": PHONE,
}

KINDS: list[dict[str, Any]] = [
    {},
    {"status": "failed", "error_message": "no carrier"},
    {"telephony_params": {"call_sid": "CA2", "connection_type": "websocket"}, "transcript": [TURN] * 9},
    {"start_time": None, "end_time": None, "metadata": None},
    {"zdr_enabled": True},
    {"status": "created", "start_time": None},
    {"status": "started"},
]
