"""The page query costs the same everywhere in the list."""

import sqlite3

import pytest

from conformance.reference.ultravox.cursor import Cursor
from conformance.reference.ultravox.filters import READERS, metadata_clause
from conformance.reference.ultravox.sql import (
    CREATION_DOWN,
    DELETION_DOWN,
    DELETION_UP,
    SCHEMA,
    Order,
    Where,
    page_statement,
    place_of,
    scope_of,
)

SCOPE = scope_of("account", deleted=True)
FILTERED = (*SCOPE, READERS["fromDate"][1](["2024-01-01"]), READERS["search"][1](["x"]), metadata_clause("k", "v"))


@pytest.mark.parametrize("where", [Where(SCOPE), Where(FILTERED)])
@pytest.mark.parametrize("order", [DELETION_DOWN, DELETION_UP, CREATION_DOWN])
@pytest.mark.parametrize("back", [False, True])
def test_a_page_is_found_by_index_from_its_cursor_on_and_never_sorted(where: Where, order: Order, back: bool) -> None:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA)
    place = place_of(order, Cursor(back=back, key=7, id="x"))
    statement, params = page_statement(order, where, place, back=back, limit=21)
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", params)]
    sign = "<" if order.descending != back else ">"
    index = f"calls_by_{order.column}"
    assert any(f"INDEX {index} (account=? AND deleted=? AND ({order.column},id){sign}(?,?))" in step for step in plan)
    assert not any("TEMP B-TREE" in step for step in plan)
