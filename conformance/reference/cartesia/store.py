"""The calls on disk, in SQLite. Every method is one transaction, so an erasure is whole or not at all."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from conformance.reference.cartesia import times
from conformance.reference.cartesia.records import Record
from conformance.reference.keyring import Keyring

__all__ = ["MAIN", "Call", "Logs", "Store"]

MAIN = "main"
"""The account of the key the server was started with, and of those of earlier starts: it keeps its calls."""

_SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = OFF;
CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY, account TEXT NOT NULL, agent_id TEXT NOT NULL, started INTEGER NOT NULL, record TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS calls_newest_first ON calls (account, agent_id, started DESC, id DESC);
CREATE TABLE IF NOT EXISTS recordings (call_id TEXT PRIMARY KEY, wav BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS logs (call_id TEXT PRIMARY KEY, lines TEXT NOT NULL, updated_at TEXT NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Call:
    """A stored call."""

    id: str
    account: str
    record: Record


@dataclass(frozen=True, slots=True)
class Logs:
    """A call's log lines."""

    lines: list[str]
    updated_at: str


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of an agent's calls is asked for: after or before a call, `limit` of them."""

    account: str
    agent_id: str
    limit: int
    after: Call | None = None
    before: Call | None = None


class Store:
    """Accounts, calls, recordings and logs.

    One connection, used from one event loop: a method that returns has committed.
    """

    def __init__(self, database: Path, api_key: str) -> None:
        self._db = sqlite3.connect(database, check_same_thread=False)
        self._db.executescript(_SCHEMA)
        self.keyring = Keyring(self._db)
        self.keyring.add(api_key, MAIN)

    def remove_account(self, account: str) -> None:
        """Remove an account and all its calls."""
        its_calls = "(SELECT id FROM calls WHERE account = ?)"
        with self._db:
            self._db.execute(f"DELETE FROM recordings WHERE call_id IN {its_calls}", (account,))  # noqa: S608 - constant
            self._db.execute(f"DELETE FROM logs WHERE call_id IN {its_calls}", (account,))  # noqa: S608 - constant
            self._db.execute("DELETE FROM calls WHERE account = ?", (account,))
        self.keyring.remove(account)

    def add(self, call: Call, wav: bytes | None, lines: list[str] | None) -> None:
        """Store a new call with its recording and logs.

        Raises:
            ValueError: something in it can't be stored (a lone surrogate, a number that JSON has no word for).
        """
        record = json.dumps(call.record, allow_nan=False)
        started = times.sort_key(call.record.get("start_time"))
        with self._db:
            row = (call.id, call.account, call.record["agent_id"], started, record)
            self._db.execute("INSERT INTO calls VALUES (?, ?, ?, ?, ?)", row)
            if wav is not None:
                self._db.execute("INSERT INTO recordings VALUES (?, ?)", (call.id, wav))
            if lines is not None:
                self._db.execute("INSERT INTO logs VALUES (?, ?, ?)", (call.id, json.dumps(lines), times.now()))

    def find(self, call_id: str, account: str | None = None) -> Call | None:
        """Return a call: of this account, or, without one, of any."""
        found = self._db.execute("SELECT id, account, record FROM calls WHERE id = ?", (call_id,)).fetchone()
        if found is None or (account is not None and found[1] != account):
            return None
        return Call(found[0], found[1], json.loads(found[2]))

    def find_any_case(self, call_id: str, account: str) -> Call | None:
        """Return a call of the account whose id is this one, whatever the case of its letters."""
        found = self._db.execute("SELECT id FROM calls WHERE id = ? COLLATE NOCASE", (call_id,)).fetchone()
        return self.find(found[0], account) if found else None

    def of_account(self, account: str) -> Iterable[Call]:
        """Return all calls of an account, in no order to rely on."""
        rows = self._db.execute("SELECT id, account, record FROM calls WHERE account = ?", (account,)).fetchall()
        return [Call(row[0], row[1], json.loads(row[2])) for row in rows]

    def page(self, page: Page) -> list[Call]:
        """Return a part of an agent's calls, newest start first, ties by id."""
        cursor, sign, order = page.after, "<", "DESC"
        if page.before is not None:
            cursor, sign, order = page.before, ">", "ASC"
        where = "account = ? AND agent_id = ?"
        values: list[str | int] = [page.account, page.agent_id]
        if cursor is not None:
            where += f" AND (started, id) {sign} (?, ?)"
            values += [times.sort_key(cursor.record.get("start_time")), cursor.id]
        query = f"SELECT id, account, record FROM calls WHERE {where} ORDER BY started {order}, id {order} LIMIT ?"  # noqa: S608 - constants
        rows = self._db.execute(query, (*values, page.limit)).fetchall()
        calls = [Call(row[0], row[1], json.loads(row[2])) for row in rows]
        return calls if page.before is None else calls[::-1]

    def wav(self, call_id: str) -> bytes | None:
        """Return a call's recording."""
        found = self._db.execute("SELECT wav FROM recordings WHERE call_id = ?", (call_id,)).fetchone()
        return None if found is None else bytes(found[0])

    def logs(self, call_id: str) -> Logs | None:
        """Return a call's logs."""
        found = self._db.execute("SELECT lines, updated_at FROM logs WHERE call_id = ?", (call_id,)).fetchone()
        return None if found is None else Logs(json.loads(found[0]), found[1])

    def update(self, call: Call) -> None:
        """Store a changed record."""
        with self._db:
            self._update(call)

    def erase(self, call: Call) -> None:
        """Store the redacted record and delete recording and logs, in one transaction."""
        with self._db:
            self._update(call)
            self._delete_media(call.id)

    def erase_media(self, call_id: str) -> None:
        """Delete recording and logs alone: what an erasure that broke off half-way leaves behind."""
        with self._db:
            self._delete_media(call_id)

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    def _update(self, call: Call) -> None:
        self._db.execute("UPDATE calls SET record = ? WHERE id = ?", (json.dumps(call.record), call.id))

    def _delete_media(self, call_id: str) -> None:
        self._db.execute("DELETE FROM recordings WHERE call_id = ?", (call_id,))
        self._db.execute("DELETE FROM logs WHERE call_id = ?", (call_id,))
