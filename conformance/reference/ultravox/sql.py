"""Every SELECT over calls is built here, with bound parameters."""

from typing import NamedTuple

from conformance.reference.ultravox.calls import Call
from conformance.reference.ultravox.cursor import Cursor

__all__ = ["CREATION_DOWN", "CREATION_UP", "DELETION_DOWN", "DELETION_UP", "SCHEMA"]
__all__ += ["Clause", "Order", "Place", "Where", "count_statement", "page_statement", "place_of", "scope_of"]

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
  id TEXT PRIMARY KEY, main INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS calls (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, deleted INTEGER NOT NULL, created_us INTEGER NOT NULL,
  joined_us INTEGER, ended_us INTEGER, deletion_us INTEGER NOT NULL, max_duration TEXT NOT NULL, end_reason TEXT,
  recording_enabled INTEGER NOT NULL, had_summary INTEGER NOT NULL, agent_id TEXT, voice_id TEXT, text TEXT,
  metadata TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS calls_by_deletion_us ON calls (account, deleted, deletion_us, id);
CREATE INDEX IF NOT EXISTS calls_by_created_us ON calls (account, deleted, created_us, id);
CREATE TABLE IF NOT EXISTS metadata (
  call TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, folded TEXT NOT NULL, PRIMARY KEY (call, key)
) WITHOUT ROWID;
"""

_COLUMNS = ", ".join(Call._fields)


class Clause(NamedTuple):
    """A condition on a call, with the name of the filter that it stands for and the text it was read from."""

    filter: str
    sql: str
    params: tuple[str | int, ...] = ()
    given: str = ""


class Where(NamedTuple):
    """Conditions together; the word between the filters is AND unless a fault says otherwise."""

    clauses: tuple[Clause, ...]
    glue: str = "AND"


class Order(NamedTuple):
    """What a list is sorted by; ties are broken by id, in the same direction."""

    column: str
    descending: bool


class Place(NamedTuple):
    """Where in the order a page begins."""

    sql: str = "TRUE"
    params: tuple[str | int, ...] = ()
    offset: int = 0


DELETION_DOWN = Order("deletion_us", descending=True)
DELETION_UP = Order("deletion_us", descending=False)
CREATION_DOWN = Order("created_us", descending=True)
CREATION_UP = Order("created_us", descending=False)


def scope_of(account: str, *, deleted: bool) -> tuple[Clause, Clause]:
    """Whose calls a list holds, and which: the live or the deleted ones."""
    return Clause("account", "account = ?", (account,)), Clause("deleted", "deleted = ?", (int(deleted),))


def place_of(order: Order, cursor: Cursor | None) -> Place:
    """All that lies beyond the cursor, in its direction."""
    if cursor is None:
        return Place()
    operator = _operator(order, cursor)
    return Place(f"({order.column}, id) {operator} (?, ?)", (cursor.key, cursor.id))


def _operator(order: Order, cursor: Cursor) -> str:
    return ("<" if order.descending != cursor.back else ">") + ("=" if cursor.inclusive else "")


def page_statement(order: Order, where: Where, place: Place, *, back: bool, limit: int) -> tuple[str, list[str | int]]:
    """Select one page, nearest to the place first.

    The index is prescribed because the planner would take the creation index for a date filter, then sort.
    """
    way = "DESC" if order.descending != back else "ASC"
    conditions, params = _conditions(where)
    statement = (
        f"SELECT {_COLUMNS} FROM calls INDEXED BY calls_by_{order.column} WHERE {conditions} AND {place.sql} "  # noqa: S608 - only our own words
        f"ORDER BY {order.column} {way}, id {way} LIMIT ? OFFSET ?"
    )
    return statement, [*params, *place.params, limit, place.offset]


def count_statement(where: Where) -> tuple[str, list[str | int]]:
    """Count what matches."""
    conditions, params = _conditions(where)
    return f"SELECT count(*) FROM calls WHERE {conditions}", params  # noqa: S608 - only our own words


def _conditions(where: Where) -> tuple[str, list[str | int]]:
    """Join the conditions; the scope stands apart from the filters, which alone the glue joins."""
    scope = [c for c in where.clauses if c.filter in ("account", "deleted")]
    filters = [c for c in where.clauses if c not in scope]
    joined = " AND ".join(f"({c.sql})" for c in scope)
    if filters:
        joined += " AND (" + f" {where.glue} ".join(f"({c.sql})" for c in filters) + ")"
    return joined, [value for c in (*scope, *filters) for value in c.params]
