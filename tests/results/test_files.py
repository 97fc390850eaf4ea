"""Verdicts, overall, exit codes, and results.jsonl: written, fitting its schema, read back or refused."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance.results.files import ResultsError, read, schema, write
from conformance.results.verdicts import VERDICTS
from tests.conftest import FinishedRun
from tests.report.reports import headed


def test_two_runs_against_servers_with_the_same_defect_tell_the_same_fingerprints(faulty_run: FinishedRun) -> None:
    marks = [f.fingerprint for r in faulty_run.results.results for f in r.findings]
    assert marks
    assert len(marks) == len(set(marks)), "each finding is told once"


# The file.


@pytest.mark.parametrize("which", ["good_run", "faulty_run"])
def test_every_line_of_a_real_run_fits_the_published_schema(which: str, request: pytest.FixtureRequest) -> None:
    validator = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker(["date-time"]))
    lines = request.getfixturevalue(which).file.read_text("utf-8").splitlines()
    assert len(lines) > 3
    for line in lines:
        validator.validate(json.loads(line))


def test_the_schema_is_a_sound_one_and_refuses_what_is_no_line(good_run: FinishedRun) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    fits = jsonschema.Draft202012Validator(schema()).is_valid
    whole = good_run.results
    run, result, end = (line.as_json() for line in (whole.run, whole.results[0], whole.end))
    broken: list[Any] = [
        {},
        [],
        {"kind": "other"},
        {**run, "format": "conformance-results/2"},
        {**result, "verdict": "fine"},
        {**result, "verdict": "fail", "findings": []},
        {**result, "verdict": "untestable"} if "reason" not in result else {},
        {**end, "exit_code": 4},
        {k: v for k, v in end.items() if k != "traffic"},
    ]
    assert [line for line in broken if fits(line)] == []


def test_the_schema_lets_more_fields_be_added(good_run: FinishedRun) -> None:
    validator = jsonschema.Draft202012Validator(schema())
    for line in good_run.results.lines():
        validator.validate({**line.as_json(), "of-a-later-version": {"x": 1}})


def test_a_run_counts_what_its_lines_hold(faulty_run: FinishedRun) -> None:
    results = faulty_run.results
    for verdict in VERDICTS:
        assert results.end.counts.get(verdict, 0) == len(results.of(verdict))
    assert results.end.requests == sum(row.count for row in results.end.traffic)
    assert results.end.exit_code == faulty_run.ended.code == 1
    assert results.run.selected == ("redact.omits", "redact.marked", "redact.keeps")


def test_a_passed_requirement_shows_an_exchange_as_its_witness(good_run: FinishedRun) -> None:
    seen = [r for r in good_run.results.of("pass") if r.rule.startswith(("delete.", "redact.", "auth."))]
    assert seen
    assert [r.requirement for r in seen if r.witness is None] == []


def test_an_example_names_its_ids_and_the_script_takes_fresh_ones(faulty_run: FinishedRun) -> None:
    findings = [f for r in faulty_run.results.of("fail") for f in r.findings]
    assert findings
    for one in findings:
        assert "{call_1}" in json.dumps(one.example.as_json()["steps"])
        script = "\n".join(one.curl)
        assert "call_1=$(" in script
        assert "$call_1" in script
        assert "ac_" not in script.replace("ac_id", ""), "no old id"
        assert one.reproduced is True


def test_the_credential_is_in_no_byte_of_what_was_written_or_said(faulty_run: FinishedRun) -> None:
    folder = faulty_run.file.parents[1]
    texts = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    assert texts
    assert not any(faulty_run.api_key.encode() in text for text in texts)
    assert faulty_run.api_key not in faulty_run.ended.said


def test_what_was_written_reads_back(good_run: FinishedRun, tmp_path: Path) -> None:
    whole = good_run.results
    odd = headed(whole, **{"x": "line\u2028separator \ud800", "\udfff": 0})
    write(tmp_path / "results.jsonl", odd)
    assert read(tmp_path / "results.jsonl") == odd
    assert read(tmp_path) == odd
    assert [file.name for file in tmp_path.iterdir()] == ["results.jsonl"]


@pytest.mark.parametrize("cut", [1, 2, 10])
def test_a_file_without_its_end_line_is_refused(good_run: FinishedRun, tmp_path: Path, cut: int) -> None:
    lines = good_run.file.read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "results.jsonl").write_text("".join(lines[:-cut]), "utf-8")
    with pytest.raises(ResultsError, match="cut short"):
        read(tmp_path)


@pytest.mark.parametrize(
    "text",
    ["", "\n", "{}", "[]", "[]\n[]", "not json", '{"format": "conformance-results/9"}\n{"kind": "end"}',
     '{"format": "conformance-results/1"}\n[]', '{"format": "conformance-results/1"}\n{"kind"', "\udcff"],
)  # fmt: skip
def test_what_is_no_results_file_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "results.jsonl").write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(ResultsError, match=r"results\.jsonl: "):
        read(tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="No such file"):
        read(tmp_path / "none")


def test_lines_of_a_later_version_are_passed_over(good_run: FinishedRun, tmp_path: Path) -> None:
    first, *rest = good_run.file.read_text("utf-8").splitlines(keepends=True)
    (tmp_path / "results.jsonl").write_text(first + '{"kind": "note"}\n{"untold": 1}\n' + "".join(rest), "utf-8")
    assert read(tmp_path).results == good_run.results.results
