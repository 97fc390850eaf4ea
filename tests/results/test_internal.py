"""What breaks in the suite itself is told by type and place; closed and full outputs end no command badly."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.report import badge
from conformance.results.internal import describe, keep
from tests.support import ROOT, SPECS, conformance, environment

SECRET = "sk_test_hunter2"

BREAKING = f"""
import sys
from conformance import cli
from conformance.commands import listings
def broken(*_):
    raise {{}}("{SECRET}")
listings.printable = broken
sys.argv = ["conformance", "list"]
cli.main()
"""


def shell(script: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A line of shell with `conformance` in it as a user would have it."""
    command = script.replace("conformance", f"{sys.executable} -m conformance")
    return subprocess.run(
        ["/bin/bash", "-c", f"set -o pipefail; {command}"],
        cwd=folder, env=environment(**env), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_an_error_is_described_by_its_type_and_our_innermost_place() -> None:
    try:
        badge.render({SECRET: 1})  # type: ignore[arg-type] # that is what breaks it
    except AttributeError as problem:
        text = describe(problem)
    assert text.startswith("internal error: AttributeError in conformance/report/badge.py:")
    assert text.endswith("(render)")
    assert describe(KeyError(SECRET)) == "internal error: KeyError"


@pytest.mark.parametrize("kind", ["RuntimeError", "KeyError", "AssertionError", "RecursionError", "MemoryError"])
def test_a_command_that_breaks_ends_with_3_and_a_line_without_the_words(kind: str, tmp_path: Path) -> None:
    broken = [sys.executable, "-c", BREAKING.format(kind)]
    ended = subprocess.run(broken, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert ended.returncode == 3, ended.stderr
    assert ended.stderr.count("\n") == 1
    assert f"internal error: {kind} in conformance/commands/listings.py:" in ended.stderr
    assert SECRET not in ended.stdout + ended.stderr
    kept = tmp_path / "traceback.txt"
    env = environment(CONFORMANCE_TRACEBACK=str(kept))
    subprocess.run(broken, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert SECRET in kept.read_text()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_planted_link_does_not_get_the_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "link").symlink_to(victim)
    for file in (tmp_path / "link", tmp_path, tmp_path / "none" / "file"):
        monkeypatch.setenv("CONFORMANCE_TRACEBACK", str(file))
        keep(ValueError(SECRET))
    assert victim.read_text() == "precious"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("conformance list | head -1", 0),
        ("conformance list | true", 0),
        ("conformance list >&-", 0),
        ("conformance list 2>&-", 0),
        ("conformance list --contract none 2>&1 | true", 4),
        ("conformance list --contract none 2>/dev/full", 4),
        ("conformance compat runs | true", 0),
        ("conformance report runs --html - | true", 0),
        ("conformance gate runs | true", 1),
        ("conformance diff runs runs --json - | true", 0),
        ("conformance --help | true", 0),
    ],
)
def test_a_reader_that_goes_away_changes_nothing(script: str, code: int, runs: Path) -> None:
    ended = shell(script, runs)
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Error" not in ended.stderr
    assert "Exception" not in ended.stderr


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    from conformance.results.files import write
    from tests.report.reports import telling

    (tmp_path / "runs").mkdir()
    write(tmp_path / "runs" / "results.jsonl", telling())
    return tmp_path


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        ("conformance list > /dev/full", 3, "standard output can't be written: No space left"),
        ("conformance gate runs > /dev/full", 3, "standard output can't be written: No space left"),
        ("conformance report runs --html - > /dev/full", 3, "standard output can't be written: No space left"),
        ("conformance report runs --html /dev/full", 4, "/dev/full: No space left"),
        ("conformance report runs --html no/such", 4, "no/such: No such file"),
        ("conformance waive runs --reason x --out no/such", 4, "no/such: No such file"),
        ("cd /proc; conformance init", 4, "conformance.toml: "),
    ],
)
def test_what_can_not_be_written_is_told_in_a_line(script: str, code: int, said: str, runs: Path) -> None:
    ended = shell(script, runs)
    assert ended.returncode == code, ended.stderr
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr


def test_doctor_without_a_target_on_an_own_contract_says_what_to_name(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(SPECS / "cartesia", tmp_path / "mine")
    file = tmp_path / "mine" / "contract.yaml"
    file.write_text(file.read_text().replace("vendor: cartesia", "vendor: mine"))
    ended = conformance("doctor", "--contract", "mine", cwd=tmp_path)
    assert ended.code == 4, ended.said
    assert "name a --target" in ended.err
    assert "Traceback" not in ended.said
    refused = conformance("doctor", "--contract", "cartesia", "--target", "https://api.cartesia.ai", cwd=tmp_path)
    assert (refused.code, "production" in refused.err) == (4, True), refused.said


def test_the_package_is_found_where_it_is() -> None:
    assert (ROOT / "conformance" / "results" / "internal.py").is_file()
