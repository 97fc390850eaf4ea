"""Which credential opens which account: on disk there are salted hashes only."""

import hashlib
import hmac
import secrets
import sqlite3
from collections.abc import Iterable

__all__ = ["Keyring"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS salts (salt BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS credentials (digest TEXT PRIMARY KEY, account TEXT NOT NULL) WITHOUT ROWID;
"""


class Keyring:
    """The credentials of a database, earlier ones included; looked up by the key itself.

    One round of SHA-256 is enough: keys are 128 random bits, which nobody guesses.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        connection.executescript(_SCHEMA)
        found = connection.execute("SELECT salt FROM salts").fetchone()
        self._salt = bytes(found[0]) if found else secrets.token_bytes(32)
        if not found:
            with connection:
                connection.execute("INSERT INTO salts VALUES (?)", (self._salt,))
        self._accounts: dict[str, str] = dict(connection.execute("SELECT digest, account FROM credentials"))

    def get(self, key: str) -> str | None:
        """The account that a key opens."""
        return self._accounts.get(self._digest(key))

    def add(self, key: str, account: str) -> None:
        """Let a key open an account, beside those that do already."""
        digest = self._digest(key)
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO credentials VALUES (?, ?)", (digest, account))
        self._accounts[digest] = account

    def remove(self, account: str) -> None:
        """Forget every key of an account."""
        with self._db:
            self._db.execute("DELETE FROM credentials WHERE account = ?", (account,))
        self._accounts = {digest: whose for digest, whose in self._accounts.items() if whose != account}

    def accounts(self) -> Iterable[str]:
        """The accounts, each once."""
        return dict.fromkeys(self._accounts.values())

    def _digest(self, key: str) -> str:
        return hmac.digest(self._salt, key.encode(errors="surrogatepass"), hashlib.sha256).hex()
