"""The commands that make reports, as a user runs them."""

import json
from pathlib import Path

import pytest

from conformance.results.files import write
from tests.report.reports import result, run, telling
from tests.support import conformance


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two runs of one contract."""
    for name, one in (("old", run("conformant", result("b.fail", "pass"))), ("new", telling())):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "results.jsonl", one)
    return tmp_path


def test_report_writes_every_form_at_once(folder: Path) -> None:
    words = ["--html", "p.html", "--markdown", "p.md", "--junit", "p.xml", "--badge", "p.json"]
    words += ["--sarif", "p.sarif", "--annotations", "p.txt"]
    ended = conformance("report", "new", *words, cwd=folder)
    assert ended.code == 0, ended.said
    assert ended.out.splitlines() == [
        "HTML: p.html", "Markdown: p.md", "JUnit: p.xml", "SARIF: p.sarif", "annotations: p.txt", "badge: p.json"
    ]  # fmt: skip
    assert (folder / "p.html").read_text("utf-8").startswith("<!doctype html>")
    assert (folder / "p.md").read_text("utf-8").startswith("## Not conformant")
    assert (folder / "p.xml").read_text("utf-8").startswith("<?xml")
    assert json.loads((folder / "p.json").read_text("utf-8"))["color"] == "red"
    assert json.loads((folder / "p.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert (folder / "p.txt").read_text("utf-8").startswith("::error title=MUST v.b.fail::")


def test_report_can_write_to_standard_output(folder: Path) -> None:
    ended = conformance("report", "new", "--markdown", "-", cwd=folder, PYTHONIOENCODING="ascii")
    assert ended.code == 0, ended.said
    assert ended.out.startswith("## Not conformant")
    assert "✗ MUST" in ended.out


def test_annotations_alone_can_go_to_standard_output(folder: Path) -> None:
    ended = conformance("report", "new", "--annotations", "-", cwd=folder)
    assert ended.code == 0, ended.said
    assert ended.out.startswith("::error ")
    assert "Sent 12 requests" not in ended.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["report", "none"], "none: No such file or directory"),
        (["report", "new", "--html", "no/such/p.html"], "no/such/p.html: No such file or directory"),
        (["report", "old", "new", "--badge", "b.json"], "a badge is of one run, and these are 2"),
        (["compat", "old", "new"], "name them"),
        (["diff", "old", "none"], "none: No such file or directory"),
    ],
)
def test_what_can_not_be_done_is_a_usage_error(words: list[str], said: str, folder: Path) -> None:
    ended = conformance(*words, cwd=folder)
    assert (ended.code, said in ended.err) == (4, True), ended.said


def test_compat_takes_display_names(folder: Path) -> None:
    ended = conformance(
        "compat", "Before=old", "After=new/results.jsonl", "--html", "m.html", "--markdown", "m.md", cwd=folder
    )
    assert ended.code == 0, ended.said
    for name in ("m.html", "m.md"):
        text = (folder / name).read_text("utf-8")
        assert "Before" in text
        assert "After" in text


def test_diff_is_1_if_anything_newly_broke_and_0_if_not(folder: Path) -> None:
    broke = conformance("diff", "old", "new", "--json", "d.json", "--markdown", "d.md", cwd=folder)
    assert broke.code == 1, broke.said
    assert "Newly failed" in broke.out
    assert len(json.loads((folder / "d.json").read_text("utf-8"))[0]["newly_failed"]) == 2
    assert "### Newly failed (2)" in (folder / "d.md").read_text("utf-8")
    assert conformance("diff", "new", "new", cwd=folder).code == 0
    assert conformance("diff", "new", "old", cwd=folder).code == 0
