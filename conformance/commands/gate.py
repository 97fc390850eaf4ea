"""`conformance gate`."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conformance.commands.usage import usage_errors

if TYPE_CHECKING:
    from conformance.results.files import RunResults

__all__ = ["gate"]

_PATH = click.Path(path_type=Path)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("results", nargs=-1, required=True, type=_PATH, metavar="RESULTS...")
@click.option("--waivers", type=_FILE, metavar="FILE", help="Known findings that are let through.")
@click.option("--baseline", type=_PATH, metavar="OLD", help="Earlier results: only what is newly failed counts.")
@click.option("--strict", is_flag=True, help="A release: every MUST verified, no SHOULD failed, nothing let through.")
def gate(results: tuple[Path, ...], waivers: Path | None, baseline: Path | None, strict: bool) -> None:  # noqa: FBT001 - click hands flags over so
    r"""Decide from finished runs alone whether they may pass.

    RESULTS is a results.jsonl, its folder, or a folder of several.

    \b
    Exit codes, the worst of all runs
      0   open: nothing is broken but what is waived, or was broken in the baseline
      1   closed: something else is broken, or a waiver is stale
      4   usage, an expired or unknown waiver     2, 3, 5   the run itself did not end
      10  closed: a MUST, or something waived, could not be tested
      11  closed: a requirement ended in an error
    """
    from conformance.engine.plan import requirements_known
    from conformance.gate import judging
    from conformance.results.files import read_all
    from conformance.results.printable import printable
    from conformance.results.verdicts import worst
    from conformance.results.waivers import load

    with usage_errors():
        runs = read_all(results)
        known = requirements_known([]) | {line.requirement for run in runs for line in run.results}
        let_through = load(waivers, known) if waivers else []
        olds = {old.run.contract.vendor: old for old in read_all([baseline])} if baseline else {}
        codes = []
        for run in runs:
            old = _baseline_of(run, olds, baseline) if baseline else None
            decided = judging.judge(run, let_through, judging.baseline(old, run) if old else None, strict=strict)
            click.echo(printable("\n".join(judging.lines(run, decided))))
            codes.append(decided.exit_code)
    sys.exit(worst(codes))


def _baseline_of(run: "RunResults", olds: Mapping[str, "RunResults"], baseline: Path) -> "RunResults":
    vendor = run.run.contract.vendor
    if vendor not in olds:
        raise click.UsageError(f"--baseline {baseline} holds no run of {vendor}")
    return olds[vendor]
