"""The house rules that a machine can see."""

import re
from pathlib import Path

import pytest

from conformance.contracts.loading import bundled
from tests.support import ROOT

PACKAGE = ROOT / "conformance"
ENGINE = [f for f in sorted(PACKAGE.rglob("*.py")) if PACKAGE / "reference" not in f.parents]


@pytest.mark.parametrize("vendor", bundled())
def test_the_engine_names_no_vendor(vendor: str) -> None:
    assert [str(f) for f in ENGINE if re.search(vendor, f.read_text("utf-8"), re.IGNORECASE)] == []


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
