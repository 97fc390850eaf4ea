"""The house rules that a machine can see."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.contracts.loading import bundled
from tests.support import ROOT, environment

PACKAGE = ROOT / "conformance"
ENGINE = [f for f in sorted(PACKAGE.rglob("*.py")) if PACKAGE / "reference" not in f.parents]


@pytest.mark.parametrize("vendor", bundled())
def test_the_engine_names_no_vendor(vendor: str) -> None:
    assert [str(f) for f in ENGINE if re.search(vendor, f.read_text("utf-8"), re.IGNORECASE)] == []


WINGS = ("listing", "protocol")
"""Wings whose oracles stand by themselves."""

JUDGING = [
    f
    for wing in WINGS
    for f in sorted((PACKAGE / wing).glob("*.py"))
    if re.search(r"\bViolation\(", f.read_text("utf-8"))
]


def test_rules_drive_and_build_no_violation() -> None:
    assert [str(f) for f in JUDGING if f.name.startswith("test_")] == []


def test_what_builds_a_violation_does_no_io() -> None:
    modules = [".".join(f.relative_to(ROOT).with_suffix("").parts) for f in JUDGING]
    driving = ("conformance.engine", "conformance.http.session", "conformance.targets", "urllib3")
    script = f"import sys, {', '.join(modules)}\nprint(*(m for m in sys.modules if m.startswith({driving})))"
    ended = subprocess.run(
        [sys.executable, "-c", script], env=environment(), capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == []


@pytest.mark.parametrize("oracle", JUDGING, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_every_oracle_has_its_own_tests(oracle: Path) -> None:
    assert (ROOT / "tests" / oracle.parent.name / f"test_{oracle.name}").is_file()


def test_no_file_is_longer_than_400_lines() -> None:
    def lines(file: Path) -> int:
        return len(file.read_text("utf-8").splitlines())

    files = [f for folder in ("conformance", "tests", "benchmarks", "reports") for f in (ROOT / folder).rglob("*.py")]
    assert [str(f) for f in files if "node_modules" not in f.parts and lines(f) > 400] == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-run.lock"])
def test_the_locks_name_hashes_and_no_registry(name: str) -> None:
    lock = (ROOT / name).read_text("utf-8")
    assert "--hash=sha256:" in lock
    assert not re.search(r"https?://|index-url|find-links", lock)


def test_the_action_installs_what_was_tested() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[a-z0-9][^ \n]*==[^ ]+", (ROOT / name).read_text("utf-8"), re.MULTILINE))

    assert pins("requirements-run.lock") < pins("requirements.lock")
