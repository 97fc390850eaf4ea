"""`conformance selftest`: every trial, then the kill matrix."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from conformance.contracts.loading import bundled
from conformance.selftest.matrix import as_lines, as_markdown
from conformance.selftest.plan import carry_out, part_of, trials
from conformance.selftest.trial import Outcome
from conformance.targets.config import DEFAULT_EXAMPLES, UsageError

__all__ = ["selftest", "write_matrix"]


def selftest(
    contracts: Sequence[str], *, seeds: Sequence[int], workers: int, folder: Path, part: tuple[int, int] = (1, 1)
) -> int:
    """Try every fault and every variant, write the kill matrix into the folder; 0 only if all is as it must be.

    `part` says which of how many parts is tried, from 1.

    Raises:
        UsageError: a contract has no embedded reference, or the folder can't be written.
    """
    _make(folder)
    try:
        planned = [one for c in contracts or bundled() for seed in seeds for one in trials(c, seed, DEFAULT_EXAMPLES)]
    except LookupError as problem:
        raise UsageError(str(problem)) from None
    planned = part_of(planned, *part)
    outcomes = list(carry_out(planned, workers, click.echo))
    write_matrix(folder, outcomes, DEFAULT_EXAMPLES)
    bad = sum(not outcome.good for outcome in outcomes)
    click.echo(f"{len(outcomes)} trials, {bad} not as they must be: {folder / 'kill-matrix.md'}")
    return 1 if bad else 0


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("kill-matrix.md", "kill-matrix.jsonl"):
            (folder / name).open("a").close()
    except OSError as problem:
        raise UsageError(f"the report folder {folder} can't be written: {problem.strerror}") from None


def write_matrix(folder: Path, outcomes: Sequence[Outcome], depth: int) -> None:
    """Write kill-matrix.md and kill-matrix.jsonl."""
    (folder / "kill-matrix.md").write_text(as_markdown(outcomes, depth), encoding="utf-8")
    lines = (json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in as_lines(outcomes, depth))
    (folder / "kill-matrix.jsonl").write_text("".join(lines), encoding="utf-8")
