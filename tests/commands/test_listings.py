"""`conformance list` and `conformance explain`: words, place, level, how tested, and what the last run saw."""

from pathlib import Path

import pytest

from conformance.commands import explanations, last_runs, listings
from conformance.contracts.loading import load
from conformance.results.files import write
from conformance.targets.config import UsageError
from tests.conftest import FinishedRun
from tests.report.reports import of_contract, telling
from tests.support import SPECS, conformance


def explained(capsys: pytest.CaptureFixture[str], requirement: str, report: Path) -> str:
    explanations.explain(requirement, [], report)
    return capsys.readouterr().out


def test_a_broken_requirement_is_explained_with_what_the_last_run_saw(
    capsys: pytest.CaptureFixture[str], faulty_run: FinishedRun
) -> None:
    text = explained(capsys, "cartesia.redact.omits", faulty_run.file.parents[1])
    for words in (
        "cartesia.redact.omits  (MUST)", '"deleted fields are omitted from subsequent API responses"', "source.md:7",
        "How it is tested", "rule redact.omits, in conformance/deletion/", "fields: /transcript", "last run: fail, ",
        "still returns /transcript after DELETE", "expected: the field is omitted", "conformance report ",
    ):  # fmt: skip
        assert words in text
    assert faulty_run.api_key not in text
    assert max(map(len, text.splitlines())) < 140


def test_what_no_run_saw_is_said(capsys: pytest.CaptureFixture[str], faulty_run: FinishedRun, tmp_path: Path) -> None:
    assert "last run: none on record" in explained(capsys, "cartesia.redact.omits", tmp_path)
    other = explained(capsys, "cartesia.delete.succeeds", faulty_run.file.parents[1])
    assert "it was not among what was asked for" in other


@pytest.mark.parametrize("vendor", ["cartesia", "ultravox"])
def test_every_place_in_the_document_is_found_with_its_line(vendor: str) -> None:
    contract = load(vendor)
    lines = (SPECS / vendor / "openapi.yaml").read_text("utf-8").splitlines()
    for one in contract.requirements:
        if not one.at.startswith("/"):
            continue
        number = contract.published.line(one.at)
        assert number is not None, one.id
        last = one.at.rsplit("/", 1)[-1].replace("~1", "/").replace("~0", "~")
        assert last.isdecimal() or last in lines[number - 1], one.id


def test_a_narrow_terminal_gets_narrow_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(last_runs, "width", lambda: 44)
    wide = [line for line in explained(capsys, "cartesia.redact.omits", tmp_path).splitlines() if len(line) > 80]
    # Only paths are longer: they are to be copied whole.
    assert all("/" in line for line in wide)


def test_the_list_says_levels_and_last_verdicts(capsys: pytest.CaptureFixture[str], faulty_run: FinishedRun) -> None:
    listings.show(["cartesia"], faults=False, variants=False, report=faulty_run.file.parents[1])
    lines = capsys.readouterr().out.splitlines()
    assert " MUST, " in lines[1]
    (row,) = [line for line in lines if "cartesia.redact.omits " in line]
    assert row.split()[:3] == ["MUST", "cartesia.redact.omits", "failed"]


def test_an_unknown_requirement_is_met_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"did you mean 'cartesia\.redact\.omits'"):
        explanations.explain("cartesia.redact.omit", [], tmp_path)


def test_whatever_reports_print_can_be_explained(
    capsys: pytest.CaptureFixture[str], faulty_run: FinishedRun, tmp_path: Path
) -> None:
    runs = faulty_run.file.parents[1]
    (line,) = [r for r in faulty_run.results.results if r.requirement == "cartesia.redact.omits"]
    mark = line.findings[0].fingerprint
    for name in (
        "MUST cartesia.redact.omits",
        f"cartesia.redact.omits [{mark}]",
        f"[{mark}]",
        mark,
        mark[:8],
        "redact.omits",
    ):
        assert "cartesia.redact.omits  (MUST)" in explained(capsys, name, runs), name
    both = explained(capsys, "redact.omits", runs)
    assert "cartesia.redact.omits-implied  (SHOULD)" in both


def test_a_requirement_of_a_contract_that_is_not_at_hand_is_explained_from_its_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "v").mkdir()
    write(tmp_path / "v" / "results.jsonl", telling())
    for name in ("v.b.fail", "b.fail", "0123456789abcdef"):
        text = explained(capsys, name, tmp_path)
        assert "v.b.fail  (MUST)" in text
        assert "words of the document" in text
        assert "last run: fail, " in text


def test_list_and_explain_read_the_report_folder_of_the_config(tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "v").mkdir(parents=True)
    write(tmp_path / "elsewhere" / "v" / "results.jsonl", telling())
    (tmp_path / "conformance.toml").write_text('report = "elsewhere"\n')
    assert "last run: fail, " in conformance("explain", "v.b.fail", cwd=tmp_path).out
    cartesia = of_contract(telling(), vendor="cartesia")
    (tmp_path / "elsewhere" / "cartesia").mkdir()
    write(tmp_path / "elsewhere" / "cartesia" / "results.jsonl", cartesia)
    assert "last run: 2026-03-01T12:30:00Z" in conformance("list", "--contract", "cartesia", cwd=tmp_path).out
