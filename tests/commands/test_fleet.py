"""Several targets in one command: a run of each, one matrix, and the worst exit code."""

from pathlib import Path

import pytest

from conformance.reference.server import Reference
from conformance.results.files import read
from tests.support import conformance, unused_port

FEW = ("--select", "delete.unknown", "--select", "delete.active-refused")


def config(folder: Path, **references: Reference) -> None:
    tables = [
        f'[targets.{name}]\nurl = "{one.url}"\nstate_url = "{one.state_url}"\napi_key_env = "KEY_{name.upper()}"\n'
        for name, one in references.items()
    ]
    (folder / "conformance.toml").write_text("\n".join(tables))


@pytest.mark.long
@pytest.mark.parametrize("workers", ["1", "2"])
def test_each_target_has_its_results_and_the_matrix_has_all(tmp_path: Path, workers: str) -> None:
    with Reference("cartesia") as good, Reference("cartesia", faults=["unknown-204"]) as bad:
        config(tmp_path, good=good, bad=bad)
        words = ("fleet", "--contract", "cartesia", "--target", "good", "--target", "bad", "-n", workers, *FEW)
        ended = conformance(*words, cwd=tmp_path, KEY_GOOD=good.api_key, KEY_BAD=bad.api_key)
    assert ended.code == 1, ended.said
    runs = tmp_path / "reports/runs"
    overall = {name: read(runs / name / "cartesia").end.overall for name in ("good", "bad")}
    assert overall == {"good": "conformant", "bad": "non-conformant"}
    matrix = (runs / "matrix.md").read_text()
    assert "| good | bad |" in matrix
    assert "cartesia.delete.unknown" in matrix
    assert (runs / "matrix.html").read_text().startswith("<!doctype html>")
    assert "good  exit code 0\nbad   exit code 1" in ended.out


def test_a_target_that_is_not_there_does_not_hide_behind_the_others(tmp_path: Path) -> None:
    gone = f"http://127.0.0.1:{unused_port()}"
    with Reference("cartesia") as good:
        config(tmp_path, good=good)
        words = ("fleet", "--contract", "cartesia", "--target", "good", "--target", gone, *FEW)
        ended = conformance(*words, cwd=tmp_path, KEY_GOOD=good.api_key, CONFORMANCE_API_KEY="sk_12345678")
    assert ended.code == 11, ended.said
    assert "127.0.0.1" in (tmp_path / "reports/runs/matrix.md").read_text()


@pytest.mark.parametrize(
    "targets", [("a", "a"), ("http://h/x", "http://h-x"), ("nobody",)], ids=["twice", "one folder", "unknown"]
)
def test_what_can_not_be_told_apart_is_refused(tmp_path: Path, targets: tuple[str, ...]) -> None:
    words = [word for target in targets for word in ("--target", target)]
    assert conformance("fleet", "--contract", "cartesia", *words, cwd=tmp_path).code == 4
