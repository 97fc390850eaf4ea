"""Mutation testing: does each module's mirrored test file alone notice when the module is changed?

    python -m benchmarks.mutants conformance/deletion/oracles conformance/deletion/canaries.py

Needs mutmut 3.8.1 beside what the tests need; it is no dependency of the project. Exits with 1 where fewer than 90 % of
the mutants that are not mere words are killed, and with 2 where a module has no mirrored tests.
"""

import ast
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LEAST = 0.9
"""The share of the mutants that are not mere words which must be killed."""

_KILLED = frozenset({1, 3, 24, 36, 152, 255, -24, 37})
"""mutmut's exit codes of a mutant that a test failed on, or that ran for ever."""


@dataclass(frozen=True)
class Mutant:
    """One change of one function: as a diff, whether it is of a phrase only, and whether a test noticed."""

    name: str
    diff: str
    words: bool
    killed: bool


@dataclass(frozen=True)
class Tried:
    """A module's mutants, and the seconds that its mirrored tests take by themselves."""

    module: Path
    mutants: tuple[Mutant, ...]
    seconds: float

    def count(self, *, words: bool, killed: bool) -> int:
        """How many mutants are mere words, or are not, and are killed, or survive."""
        return sum(m.words == words and m.killed == killed for m in self.mutants)


def mirrored(module: Path) -> Path:
    """The test file of a module: conformance/a/b.py is tested by tests/a/test_b.py."""
    return Path("tests", *module.parts[1:-1], f"test_{module.name}")


def modules(named: Iterable[str]) -> Iterator[Path]:
    """The modules that were named, those of a folder one by one."""
    for path in map(Path, named):
        found = sorted(path.glob("*.py")) if path.is_dir() else [path]
        yield from (one for one in found if one.name != "__init__.py")


def attempt(module: Path) -> Tried:
    """Try every mutant of a module in a copy of the project that holds its mirrored test alone."""
    with tempfile.TemporaryDirectory() as folder:
        _stage(module, Path(folder))
        began = time.monotonic()
        _run([sys.executable, "-m", "pytest", "-q", str(mirrored(module))], folder)
        seconds = time.monotonic() - began
        _run(["mutmut", "run", "--max-children", "2"], folder)
        codes = json.loads((Path(folder) / "mutants" / f"{module}.meta").read_text("utf-8"))["exit_code_by_key"]
        functions = _functions((Path(folder) / "mutants" / module).read_text("utf-8"))
    mutants = [_mutant(name, functions, killed=code in _KILLED) for name, code in codes.items()]
    return Tried(module, tuple(mutants), seconds)


def _stage(module: Path, folder: Path) -> None:
    test = mirrored(module)
    for name in ("conformance", "specs"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (ROOT / "tests").rglob("*.py"):
        place = file.relative_to(ROOT)
        if place == test or not ("node_modules" in place.parts or place.name.startswith(("test_", "conftest"))):
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, folder / place)
    (folder / "pytest.ini").write_text(
        "[pytest]\npythonpath = .\n"
        "addopts = --import-mode=importlib -p no:conformance -p no:cacheprovider --hypothesis-seed=0\n"
    )
    (folder / "setup.cfg").write_text(
        "[mutmut]\nsource_paths = conformance\n"
        f"only_mutate = {module}\npytest_add_cli_args_test_selection = {test}\n"
        "also_copy =\n  specs\n  pytest.ini\ntimeout_constant = 10\n"
    )


def _run(command: list[str], folder: str) -> None:
    program = shutil.which(command[0], path=str(Path(sys.executable).parent)) or command[0]
    # The copy is to be imported, and never the project that it was made of.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([program, *command[1:]], cwd=folder, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")


def _functions(code: str) -> dict[str, ast.FunctionDef]:
    """The functions of a file that mutmut wrote: the original of each, and one for each mutant."""
    tree = ast.parse(code)
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def _mutant(name: str, functions: dict[str, ast.FunctionDef], *, killed: bool) -> Mutant:
    changed = functions[name.rpartition(".")[2]]
    original = functions[f"{changed.name.rpartition('__mutmut_')[0]}__mutmut_orig"]
    was, now = ([*map(ast.unparse, one.body), ast.unparse(one.args)] for one in (original, changed))
    return Mutant(name, "\n".join(_differing(was, now)), _is_words(original, changed), killed)


def _differing(was: list[str], now: list[str]) -> Iterator[str]:
    """Lines of the original that are not in the mutant, and the other way round."""
    before, after = "\n".join(was).splitlines(), "\n".join(now).splitlines()
    yield from (f"- {line.strip()}" for line in before if line not in after)
    yield from (f"+ {line.strip()}" for line in after if line not in before)


def _is_words(original: ast.FunctionDef, changed: ast.FunctionDef) -> bool:
    """Whether nothing but a phrase, a text of several words, is another one: codes and names have no blank."""
    one, other = ([*ast.walk(function)] for function in (original, changed))
    texts = [
        (a.value, b.value)
        for a, b in zip(one, other, strict=False)
        if isinstance(a, ast.Constant) and isinstance(b, ast.Constant) and a.value != b.value
    ]
    return (
        len(one) == len(other)
        and [type(node) for node in one] == [type(node) for node in other]
        and len(texts) == 1
        and all(isinstance(text, str) and " " in text for text in texts[0])
    )


def told(tried: list[Tried]) -> Iterator[str]:
    """A table of the modules, and the mutants that survive."""
    yield "| module | mutants | mere words | killed | survive | share | seconds |"
    yield "|---|---|---|---|---|---|---|"
    for one in tried:
        killed, alive = one.count(words=False, killed=True), one.count(words=False, killed=False)
        words = len(one.mutants) - killed - alive
        row = [
            one.module.as_posix(),
            len(one.mutants),
            words,
            killed,
            alive,
            f"{_share([one]):.1%}",
            f"{one.seconds:.1f}",
        ]
        yield f"| {' | '.join(map(str, row))} |"
    yield f"\nOf all that are not mere words, {_share(tried):.1%} are killed."
    for mutant in (m for one in tried for m in one.mutants if not m.killed):
        yield f"\n{mutant.name}{' (mere words)' if mutant.words else ''}\n{mutant.diff}"


def _share(tried: list[Tried]) -> float:
    killed = sum(one.count(words=False, killed=True) for one in tried)
    total = killed + sum(one.count(words=False, killed=False) for one in tried)
    return killed / total if total else 1.0


def main() -> int:
    """Try the modules that the command line names, tell of them, and say whether enough is noticed."""
    named = list(modules(sys.argv[1:]))
    untested = [str(module) for module in named if not (ROOT / mirrored(module)).is_file()]
    if untested or not named:
        print("no mirrored tests:", *untested or ["no module was named"])
        return 2
    tried = []
    for module in named:
        print(f"{module} ...", file=sys.stderr, flush=True)
        tried.append(attempt(module))
    print("\n".join(told(tried)))
    return 0 if _share(tried) >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
