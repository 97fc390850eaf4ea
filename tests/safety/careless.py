"""A server of the deletion contract that may match ids carelessly, and holds calls that the suite is never told of."""

import json
import random
import re
import sqlite3
import string
import threading
import time
import urllib.parse
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, Final

from tests.support import Asked, Scripted, serving

KEY: Final = "sk_car_careless_7d1f0b9e2c5a4863"
SENTINELS: Final = {
    "transcript": "STRANGER-said my PIN is four two seven one",
    "summary": "STRANGER-wants the divorce papers",
    "metadata": "STRANGER-customer 88-1204",
    "phone": "+15559081726",
    "log": "STRANGER-log rang the clinic",
    "audio": "STRANGER-voice print",
}
"""Content of the calls that are nobody's to touch, and that must never be written."""

MATCHINGS: Final = {
    "exact": "id = :asked",
    "like": "id LIKE :asked",
    "prefix": "substr(id, 1, length(:asked)) = :asked",
    "suffix": "substr(id, -length(:asked)) = :asked",
    "substring": "instr(id, :asked) > 0",
    "truncating": "substr(:asked, 1, length(id)) = id",
    "no case": "id = :asked COLLATE NOCASE",
    "glob": "id GLOB :asked",
    "regex": "id REGEXP :asked",
    "number": "id = :asked OR (:asked GLOB '[0-9]*' AND CAST(id AS INTEGER) = CAST(:asked AS INTEGER))",
}
"""How a careless server finds calls by the id that it was given; more ways are `injection` and `accounts ignored`."""


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _regexp(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except (re.error, OverflowError, RecursionError):
        return False


class Careless:
    """The store behind one server; `strangers` are the ids that nobody may touch, `pause` the seconds of an answer."""

    def __init__(
        self, matching: str = "exact", ids: str = "random", *, shows_all: bool = False, pause: float = 0
    ) -> None:
        self.matching, self.ids, self.shows_all, self.pause = matching, ids, shows_all, pause
        self.url = ""
        self.given: set[str] = set()
        self.script: Scripted
        self._made = 0
        self._random = random.Random(f"{matching}:{ids}")
        self._lock = threading.RLock()
        self._accounts = {KEY: "main", "sk_car_nobody_knows_this_key": "other"}
        self._db = sqlite3.connect(":memory:", check_same_thread=False)
        self._db.create_function("REGEXP", 2, _regexp)
        self._db.execute("CREATE TABLE calls (id TEXT, account TEXT, record TEXT, audio BLOB, logs TEXT, fails TEXT)")
        self._db.execute("CREATE INDEX by_id ON calls (id)")
        statuses = ("completed", "started", "failed", "completed", "started")
        accounts = ("main", "main", "main", "other", "other")
        self.strangers = [self._stranger(s, a) for s, a in zip(statuses, accounts, strict=True)]
        self.untouched = self.whole()
        self.given.clear()

    @property
    def state_url(self) -> str:
        return f"{self.url}/_state"

    @property
    def asked(self) -> list[Asked]:
        return self.script.asked

    def whole(self) -> dict[str, Any]:
        """The strangers' calls: record, recording and logs, byte for byte."""
        with self._lock:
            rows = self._db.execute("SELECT id, record, audio, logs FROM calls").fetchall()
        return {row[0]: row[1:] for row in rows if row[0] in self.strangers}

    def add(self, account: str, record: dict[str, Any], audio: bytes | None, logs: list[str] | None) -> str:
        with self._lock:
            call_id = self._new_id()
            row = (
                call_id,
                account,
                json.dumps({**record, "id": call_id}),
                audio,
                None if logs is None else json.dumps(logs),
                "",
            )
            self._db.execute("INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?)", row)
            self.given.add(call_id)
        return call_id

    def more_strangers(self, ids: Iterable[str]) -> None:
        """Let there be further calls that the suite is never told of, one for each of these ids or parts of them."""
        template = self.untouched[self.strangers[0]]
        with self._lock:
            for call_id in ids:
                row = (call_id, "main", json.dumps({**json.loads(template[0]), "id": call_id}), *template[1:], "")
                self._db.execute("INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?)", row)
                self.strangers.append(call_id)
        self.untouched = self.whole()

    def _stranger(self, status: str, account: str) -> str:
        phone = {"connection_type": "phone", "to": SENTINELS["phone"], "from": "+15550001111"}
        turn = {"role": "user", "text": SENTINELS["transcript"], "start_timestamp": 0, "end_timestamp": 1.5}
        record = {"agent_id": "agent_of_a_stranger", "status": status, "telephony_params": phone, "transcript": [turn]}
        record |= {"summary": SENTINELS["summary"], "metadata": {"customer": SENTINELS["metadata"]}}
        return self.add(account, record, b"RIFF" + SENTINELS["audio"].encode(), [SENTINELS["log"]])

    def _new_id(self) -> str:
        self._made += 1
        if self.ids == "sequential":
            return str(100 + self._made)
        if self.ids == "uuid":
            return str(uuid.UUID(int=self._random.getrandbits(128), version=4))
        if self.ids == "objectid":
            # As MongoDB makes them: the second, five bytes of the process, a counter.
            return f"6740a1b2{'9f3c5d7e01'}{self._made:06x}"
        return "ac_" + "".join(self._random.choices(string.ascii_letters + string.digits, k=22))

    # Answering

    def answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        path, _, query = asked.path.partition("?")
        time.sleep(self.pause)
        with self._lock:
            if path == "/_state":
                status, body = self._state(json.loads(asked.body))
            else:
                status, body = self._operation(asked, path, dict(urllib.parse.parse_qsl(query)))
        if isinstance(body, bytes):
            return status, {"content-type": "audio/wav"}, body
        return status, {"content-type": "application/json"}, json.dumps(body).encode()

    def _operation(self, asked: Asked, path: str, query: dict[str, str]) -> tuple[int, Any]:
        account = self._accounts.get(asked.headers.get("authorization", "").removeprefix("Bearer "))
        if account is None:
            return 401, {"message": "A valid API key is required."}
        if path == "/agents/calls":
            return self._list(account, query) if asked.method == "GET" else (405, {"message": "Not allowed."})
        segments = path.removeprefix("/agents/calls/").split("/")
        part = segments[1] if len(segments) == 2 else ""
        ways: dict[tuple[str, str], Callable[[list[str]], tuple[int, Any]]] = {
            ("GET", ""): lambda ids: (200, self._shown(ids[0])),
            ("DELETE", ""): self._delete,
            ("PUT", ""): self._overwrite,
            ("PATCH", ""): self._overwrite,
            ("POST", "cancel"): self._cancel,
            ("GET", "audio"): lambda ids: self._artifact(ids[0], "audio"),
            ("GET", "logs"): lambda ids: self._artifact(ids[0], "logs"),
        }
        way = ways.get((asked.method, part))
        if way is None or len(segments) > 2:
            return 405 if not path.startswith("/agents/calls/") else 404, {"message": "Not found."}
        ids = self._find(urllib.parse.unquote(segments[0], errors="replace"), account)
        return way(ids) if ids else (404, {"message": "Call not found."})

    def _find(self, asked: str, account: str) -> list[str]:
        whose, values = "account = ?", [account]
        if self.matching == "accounts ignored":
            whose, values = "? IS NOT NULL", [account]
        where = MATCHINGS.get(self.matching, MATCHINGS["exact"])
        with suppress(sqlite3.Error, ValueError, sqlite3.Warning):
            if self.matching == "injection":
                return self._ids(f"{whose} AND id = '{asked}'", values)
            found = self._ids(where, {"asked": asked})
            return [i for i in found if i in self._ids(f"{whose} AND id = ?", [*values, i])]
        return []

    def _ids(self, where: str, values: Any) -> list[str]:
        return [row[0] for row in self._db.execute(f"SELECT id FROM calls WHERE {where}", values)]  # noqa: S608

    def _record(self, call_id: str) -> dict[str, Any]:
        found = self._db.execute("SELECT record FROM calls WHERE id = ?", (call_id,)).fetchone()
        record: dict[str, Any] = json.loads(found[0])
        return record

    def _store(self, call_id: str, record: dict[str, Any]) -> None:
        self._db.execute("UPDATE calls SET record = ? WHERE id = ?", (json.dumps(record), call_id))

    def _shown(self, call_id: str) -> dict[str, Any]:
        return self._record(call_id)

    def _artifact(self, call_id: str, which: str) -> tuple[int, Any]:
        value = self._db.execute(f"SELECT {which} FROM calls WHERE id = ?", (call_id,)).fetchone()[0]  # noqa: S608
        if value is None:
            return 404, {"message": "There is none."}
        return 200, value if which == "audio" else {"call_id": call_id, "logs": json.loads(value), "updated_at": None}

    def _delete(self, ids: list[str]) -> tuple[int, Any]:
        if self._record(ids[0])["status"] not in {"completed", "failed"}:
            return 400, {"message": "Only ended calls can be deleted."}
        left = self._db.execute("SELECT fails FROM calls WHERE id = ?", (ids[0],)).fetchone()[0]
        if left:
            self._db.execute("UPDATE calls SET fails = ? WHERE id = ?", (left[1:], ids[0]))
            if left[0] == "d":
                self._db.execute("UPDATE calls SET audio = NULL, logs = NULL WHERE id = ?", (ids[0],))
            return 500, {"message": "Deletion did not complete."}
        for call_id in ids:
            self._erase(call_id)
        return 200, self._shown(ids[0])

    def _erase(self, call_id: str) -> None:
        record = {k: v for k, v in self._record(call_id).items() if k not in {"transcript", "summary", "metadata"}}
        if record.get("telephony_params"):
            kept = {k: v for k, v in record["telephony_params"].items() if k not in {"to", "from"}}
            record["telephony_params"] = kept
        record.setdefault("redacted_at", _now())
        self._store(call_id, record)
        self._db.execute("UPDATE calls SET audio = NULL, logs = NULL WHERE id = ?", (call_id,))

    def _overwrite(self, ids: list[str]) -> tuple[int, Any]:
        for call_id in ids:
            self._store(call_id, {**self._record(call_id), "summary": "overwritten"})
        return 405, {"message": "Not allowed."}

    def _cancel(self, ids: list[str]) -> tuple[int, Any]:
        started = [call_id for call_id in ids if self._record(call_id)["status"] == "started"]
        for call_id in started:
            self._store(call_id, {**self._record(call_id), "status": "completed"})
        return (200, {"cancelled": True}) if started else (400, {"message": "Only a started call can be cancelled."})

    def _list(self, account: str, query: dict[str, str]) -> tuple[int, Any]:
        agent = query.get("agent_id")
        if not agent or query.get("expand", "transcript") != "transcript":
            return 400, {"message": "agent_id is required."}
        limit = query.get("limit", "10")
        if not (limit.isascii() and limit.isdigit() and len(limit) < 4 and 1 <= int(limit) <= 100):
            return 400, {"message": "limit must be from 1 to 100."}
        ids = self._ids("account = ?", [account])[::-1]
        records = [r for r in map(self._record, ids) if self.shows_all or r["agent_id"] == agent]
        if "starting_after" in query:
            places = [n for n, r in enumerate(records) if r["id"] == query["starting_after"]]
            if not places:
                return 400, {"message": "No such call."}
            records = records[places[0] + 1 :]
        page = records[: int(limit)]
        if query.get("expand") is None:
            page = [{k: v for k, v in r.items() if k != "transcript"} for r in page]
        return 200, {"data": page, "next_page": page[-1]["id"] if len(records) > len(page) else None}

    def _state(self, asked: dict[str, Any]) -> tuple[int, Any]:
        params = asked.get("params") or {}
        if asked["action"] == "teardown":
            account = self._accounts.pop(params.get("api_key", ""), None)
            self._db.execute("DELETE FROM calls WHERE account = ?", (account,))
            return 200, {}
        match asked["state"]:
            case "":
                return 200, {}
            case "a fresh account exists":
                key = f"sk_car_fresh_{self._random.getrandbits(96):024x}"
                self._accounts[key] = f"account {len(self._accounts)}"
                return 200, {"api_key": key}
            case "a call exists":
                return self._set_up(params)
            case "a call ends":
                record = self._record(params["call_id"])
                if record["status"] not in {"completed", "failed"}:
                    self._store(params["call_id"], {**record, "status": params["status"]})
                return 200, {}
            case "deleting a call fails":
                fails = params["times"] * ("d" if params["stage"] == "during" else "b")
                self._db.execute("UPDATE calls SET fails = ? WHERE id = ?", (fails, params["call_id"]))
                return 200, {}
            case "a call is deleted":
                self._erase(params["call_id"])
                return 200, {}
        return 400, {"message": "No such state."}

    def _set_up(self, params: dict[str, Any]) -> tuple[int, Any]:
        account = self._accounts.get(params["api_key"]) if params.get("api_key") else "main"
        if account is None:
            return 400, {"message": "No such account."}
        record = {"agent_id": "agent_default", **params["call"]}
        phone = record.get("telephony_params") or {}
        if phone.get("connection_type") != "phone" and record.get("telephony_params"):
            record["telephony_params"] = {k: v for k, v in phone.items() if k not in {"to", "from"}}
        audio, logs = (b"RIFFof a call" if params.get("audio") else None), params.get("logs")
        if record.get("zdr_enabled"):
            record = {k: v for k, v in record.items() if k not in {"transcript", "summary", "metadata"}}
            record["telephony_params"] = None
            audio = logs = None
        call_id = self.add(account, record, audio, logs)
        return 200, {"call_id": call_id, "call": self._record(call_id)}


@contextmanager
def careless(
    matching: str = "exact", ids: str = "random", *, shows_all: bool = False, pause: float = 0
) -> Iterator[Careless]:
    """A careless server on a free loopback port, for as long as the `with` block lasts."""
    store = Careless(matching, ids, shows_all=shows_all, pause=pause)
    with serving(store.answer) as store.script:
        store.url = store.script.url
        yield store
