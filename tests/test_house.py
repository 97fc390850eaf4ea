"""The house rules that a machine can see."""

import ast
import graphlib
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


JUDGING = [
    f
    for wing in ("deletion", "listing", "protocol")
    for f in sorted((PACKAGE / wing).rglob("*.py"))
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
    mirrored = ROOT / "tests" / oracle.parent.relative_to(PACKAGE)
    assert (mirrored / f"test_{oracle.name}").is_file()


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


WINGS: list[tuple[str, ...]] = [
    ("__main__",),
    ("cli", "plugin"),
    ("suite",),
    ("commands",),
    ("gate",),
    ("report",),
    ("selftest",),
    ("protocol",),
    ("deletion", "listing"),
    ("engine",),
    ("results",),
    ("targets",),
    ("reference",),
    ("http",),
    ("contracts",),
]
"""The wings of the package, from the entrances down: what is in one line does not know of each other."""
FLOOR = {wing: number for number, line in enumerate(WINGS) for wing in line}


def imports(file: Path) -> set[str]:
    """Every module of the package that a file names in an import, wherever in it: hidden ones included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "conformance":
            found |= {f"{node.module}.{name.name}" for name in node.names} if node.level == 0 else set()
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names if name.name.split(".")[0] == "conformance"}
    return found


def module_of(name: str) -> str:
    """The module that an imported name is, or stands in."""
    parts = name.split(".")
    while len(parts) > 1:
        base = ROOT.joinpath(*parts)
        if base.with_suffix(".py").is_file() or (base / "__init__.py").is_file():
            return ".".join(parts)
        parts.pop()
    return "conformance"


def wing_of(module: str) -> str:
    return [*module.split("."), ""][1]


def known() -> dict[str, set[str]]:
    """Every module with those that it imports."""
    files = [file for file in PACKAGE.rglob("*.py") if file != PACKAGE / "__init__.py"]
    names = {file: module_of(".".join(file.relative_to(ROOT).with_suffix("").parts)) for file in files}
    return {names[file]: {module_of(name) for name in imports(file)} - {"conformance"} for file in files}


def test_an_import_points_to_a_wing_further_down() -> None:
    up = [
        f"{module} imports {other}"
        for module, others in known().items()
        for other in others
        if wing_of(module) != wing_of(other) and FLOOR[wing_of(other)] <= FLOOR[wing_of(module)]
    ]
    assert up == []


def test_no_import_leads_back_to_where_it_began() -> None:
    order = graphlib.TopologicalSorter({module: others - {module} for module, others in known().items()})
    order.prepare()


def test_nothing_lies_flat_but_the_entrances() -> None:
    assert {file.stem for file in PACKAGE.glob("*.py")} == {"__init__", *WINGS[0], *WINGS[1]}
