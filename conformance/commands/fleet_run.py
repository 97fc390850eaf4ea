"""Several targets in one command: a run of each in a process of its own, then one matrix of them all."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from conformance.commands.pytest_run import as_words
from conformance.engine.plan import chosen_seed
from conformance.report import compat
from conformance.report.view import View
from conformance.results.files import read
from conformance.results.printable import printable
from conformance.results.verdicts import worst
from conformance.targets.config import Config, UsageError, read_config
from conformance.targets.target import TargetError, refuse_odd_url

__all__ = ["run_fleet"]

Say = Callable[[str], None]

_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+|^\.+")
"""What of a target's name is none of a folder's: other characters, and the dots of a folder above."""


def run_fleet(targets: Sequence[str], options: Mapping[str, Any], folder: Path, workers: int, say: Say) -> int:
    """Run the suite on every target, `workers` of them at a time, and write matrix.md and matrix.html into the folder.

    `options` are those of `conformance run`, the same for each; so is the seed. Returns the worst exit code.

    Raises:
        UsageError: a target's URL can't be used, two targets would share a folder, or the config can't be read.
        OSError: the matrix can't be written.
        ResultsError: the runs can't be held against each other.
    """
    config = read_config(options["config"])
    seed = chosen_seed(options["seed"], config)
    _check(targets, config)
    folders = _folders(targets, folder)
    width = max(map(len, targets))

    def one(target: str) -> int:
        words = as_words({**options, "seed": seed, "target": target, "report": folders[target]})
        return _run(words, lambda line: say(f"{target:<{width}}  {line}"))

    with ThreadPoolExecutor(workers) as pool:
        codes = dict(zip(targets, pool.map(one, targets), strict=True))
    for target, code in codes.items():
        say(f"{target:<{width}}  exit code {code}")
    _write_matrix(folders, folder, say)
    return worst(codes.values())


def _check(targets: Sequence[str], config: Config) -> None:
    """Refuse an odd URL before it stands in any line or name of a folder."""
    for target in targets:
        if target not in config.targets and ("://" in target or "@" in target):
            try:
                refuse_odd_url("--target", target, base=True)
            except TargetError as problem:
                raise UsageError(str(problem)) from None


def _folders(targets: Sequence[str], folder: Path) -> dict[str, Path]:
    folders = {target: folder / _NO_NAME.sub("-", target.partition("://")[2] or target) for target in targets}
    if len(set(folders.values())) < len(targets):
        raise UsageError(f"two of these targets would share a folder: {', '.join(targets)}")
    for each in folders.values():
        for old in each.glob("*/results.jsonl"):
            # What an earlier run left must not stand in the matrix for a target that did not answer today.
            old.unlink()
    return folders


def _run(words: Iterable[str], say: Say) -> int:
    command = [sys.executable, "-m", "conformance", "run", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as run:
        for line in run.stdout or ():
            say(printable(line.rstrip("\n")))
    return run.returncode


def _write_matrix(folders: Mapping[str, Path], folder: Path, say: Say) -> None:
    columns = [
        compat.Column(target, View(read(file)))
        for target, each in folders.items()
        for file in each.glob("*/results.jsonl")
    ]
    if not columns:
        say("no target got as far as results: there is no matrix")
        return
    found = compat.matrices(columns)
    for name, render in (("matrix.md", compat.markdown), ("matrix.html", compat.html)):
        (folder / name).write_text(render(found), encoding="utf-8")
        say(f"matrix: {folder / name}")
