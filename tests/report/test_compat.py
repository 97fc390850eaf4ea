"""The matrix: targets side by side, worst first, only where they were held against the same document."""

from pathlib import Path

import pytest

from conformance.report import compat
from conformance.report.compat import Column, Matrix
from conformance.report.view import View
from conformance.results.files import ResultsError, write
from tests.report.reports import of_contract, result, run

GOOD = run(
    "conformant",
    result("a", "pass"),
    result("b", "pass"),
    result("c", "pass", "SHOULD"),
    result("o", "observed", "MAY", observed={"same": "yes", "differs": "200"}),
)
BAD = run(
    "non-conformant",
    result("a", "pass"),
    result("b", "fail"),
    result("c", "untestable", "SHOULD", reason="no state URL"),
    result("o", "observed", "MAY", observed={"same": "yes", "differs": "400"}),
)


def matrix(*columns: Column) -> Matrix:
    (only,) = compat.matrices(columns)
    return only


def both() -> Matrix:
    return matrix(Column("good", View(GOOD)), Column("bad", View(BAD)))


def test_the_worst_rows_come_first_and_levels_break_ties() -> None:
    assert [row.judged.line.requirement for row in both().rows] == ["v.b", "v.c", "v.a"]


def test_a_cell_has_its_verdict_and_a_note_that_says_what_was_seen() -> None:
    made = both()
    verdicts = [[(c.judged.line.verdict, c.note) if c else None for c in row.cells] for row in made.rows]
    assert verdicts[:2] == [[("pass", None), ("fail", 1)], [("pass", None), ("untestable", 2)]]
    assert made.notes == [
        ("bad", "v.b", "the transcript is still there; expected absent; seen 1 turn"),
        ("bad", "v.c", "no state URL"),
    ]


def test_what_is_observed_stands_apart_as_data_and_differences_come_first() -> None:
    made = both()
    assert "v.o" not in [row.judged.line.requirement for row in made.rows]
    (seen,) = made.observed
    assert seen.judged.line.requirement == "v.o"
    assert seen.facts == [("differs", ["200", "400"]), ("same", ["yes", "yes"])]


def test_a_requirement_that_a_run_was_not_asked_for_has_an_empty_cell() -> None:
    small = run("conformant", result("a", "pass"), selected=["a"])
    made = matrix(Column("good", View(GOOD)), Column("small", View(small)))
    cells = {row.judged.line.requirement: row.cells[1] for row in made.rows}
    assert cells["v.b"] is None
    assert "not in this run" in compat.html([made])


def test_runs_of_different_documents_are_refused_with_the_reason() -> None:
    other = of_contract(GOOD, sha256="1" * 64)
    with pytest.raises(ResultsError, match="against the document 000000000000, 'new' against 111111111111"):
        compat.matrices([Column("old", View(GOOD)), Column("new", View(other))])


def test_each_contract_has_a_matrix_of_its_own() -> None:
    other = of_contract(run("conformant", result("x", "pass")), vendor="w", title="Other List", sha256="1" * 64)
    assert [m.contract.vendor for m in compat.matrices([Column("a", View(GOOD)), Column("b", View(other))])] == [
        "v",
        "w",
    ]


def test_columns_name_date_document_and_suite() -> None:
    page, text = compat.html([both()]), compat.markdown([both()])
    for words in ("good", "bad", "2026-03-01", "000000000000"):
        assert words in page
        assert words in text
    assert "suite 0" in page
    assert "| `v.b` | MUST | ✓ pass | ✗ failed [1] |" in text
    assert "1. bad, `v.b`: the transcript is still there" in text


def test_display_names_stand_before_the_file_and_a_file_with_an_equals_sign_is_a_file(tmp_path: Path) -> None:
    odd = tmp_path / "a=b"
    odd.mkdir()
    write(odd / "results.jsonl", GOOD)
    named = compat.load([f"Staging, Monday={odd}", str(odd)])
    assert [column.name for column in named] == ["Staging, Monday", "h"]


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "results.jsonl", GOOD)
    with pytest.raises(ResultsError, match="name them"):
        compat.load([str(tmp_path), str(tmp_path)])


def test_a_report_folder_means_every_run_in_it(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "results.jsonl", of_contract(run("conformant", result("a", "pass")), vendor=name))
    assert len(compat.load([str(tmp_path)])) == 2
    (tmp_path / "empty").mkdir()
    with pytest.raises(ResultsError, match=r"holds no results\.jsonl"):
        compat.load([str(tmp_path / "empty")])
