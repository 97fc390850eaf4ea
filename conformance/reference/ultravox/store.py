"""Accounts and calls in one SQLite file."""

import json
import sqlite3
import uuid
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from conformance.reference.keyring import Keyring
from conformance.reference.ultravox.calls import Call
from conformance.reference.ultravox.sql import SCHEMA, Order, Place, Where, count_statement, page_statement

__all__ = ["Store"]

_MOST_COUNTS = 10_000
_PUT = f"INSERT OR REPLACE INTO calls VALUES ({', '.join('?' * len(Call._fields))})"  # noqa: S608 - question marks


class Store:
    """One connection, used from one thread at a time; what it holds is throw-away, so nothing is synced to disk."""

    def __init__(self, database: Path, api_key: str) -> None:
        self.connection = sqlite3.connect(database, check_same_thread=False, isolation_level=None)
        self.connection.executescript("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;" + SCHEMA)
        self.added: Counter[str] = Counter()
        """Tombstones an account has gained since the server started."""
        self._counts: dict[Where, int] = {}
        self._take_over(api_key)

    def _take_over(self, api_key: str) -> None:
        """Let today's key open the main account too, which an older run may have left in the file with keys."""
        self.keyring = Keyring(self.connection)
        found = self.connection.execute("SELECT id FROM accounts WHERE main").fetchone()
        self.main_key = api_key
        self.main_account = str(found[0]) if found else self.add_account(api_key, main=True)
        self.keyring.add(api_key, self.main_account)

    def add_account(self, api_key: str, *, main: bool = False) -> str:
        """Open an account; its id."""
        account = str(uuid.uuid4())
        self.connection.execute("INSERT INTO accounts VALUES (?, ?)", (account, main))
        self.keyring.add(api_key, account)
        return account

    def drop_account_data(self, account: str) -> None:
        """Forget all calls of an account."""
        owned = "(SELECT id FROM calls WHERE account = ?)"
        self.connection.execute(f"DELETE FROM metadata WHERE call IN {owned}", (account,))  # noqa: S608 - our own words
        self.connection.execute("DELETE FROM calls WHERE account = ?", (account,))
        self._counts.clear()

    def add(self, calls: Iterable[Call]) -> None:
        """Store calls, live or deleted."""
        self.connection.execute("BEGIN")
        for call in calls:
            self._put(call)
            pairs = json.loads(call.metadata).items()
            self.connection.executemany(
                "INSERT INTO metadata VALUES (?, ?, ?, ?)", [(call.id, k, v, v.casefold()) for k, v in pairs]
            )
            self.added[call.account] += call.deleted
        self.connection.execute("COMMIT")

    def forget(self, call_id: str) -> None:
        """Drop one call."""
        self.connection.execute("DELETE FROM metadata WHERE call = ?", (call_id,))
        self.connection.execute("DELETE FROM calls WHERE id = ?", (call_id,))
        self._counts.clear()

    def replace(self, call: Call) -> None:
        """Store a call anew; its metadata stays."""
        self._put(call)
        self.added[call.account] += call.deleted

    def _put(self, call: Call) -> None:
        self.connection.execute(_PUT, call)
        self._counts.clear()

    def get(self, call_id: str) -> Call | None:
        """One call by its id, whoever owns it."""
        row = self.connection.execute("SELECT * FROM calls WHERE id = ?", (call_id,)).fetchone()
        return None if row is None else Call._make(row)

    def page(self, order: Order, where: Where, place: Place, *, back: bool, limit: int) -> list[Call]:
        """Up to `limit` calls, nearest to the place first."""
        statement = page_statement(order, where, place, back=back, limit=limit)
        return [Call._make(row) for row in self.connection.execute(*statement)]

    def count(self, where: Where) -> int:
        """How many calls match; remembered until the next write, since every page of a walk asks again."""
        known = self._counts.get(where)
        if known is None:
            if len(self._counts) >= _MOST_COUNTS:
                self._counts.clear()
            known = int(self.connection.execute(*count_statement(where)).fetchone()[0])
            self._counts[where] = known
        return known
