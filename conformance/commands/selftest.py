"""`conformance selftest`."""

import sys
from pathlib import Path

import click

from conformance.commands import options

__all__ = ["selftest"]


def _part(_context: click.Context, _option: click.Parameter, value: str) -> tuple[int, int]:
    number, _, parts = value.partition("/")
    if number.isdecimal() and parts.isdecimal() and 1 <= int(number) <= int(parts):
        return int(number), int(parts)
    raise click.BadParameter(f"{value!r} is not I/N, as in 3/10")


@click.command()
@click.option("--contract", multiple=True, metavar="NAME", help="A bundled contract (repeatable). Default: all.")
@options.workers("Processes side by side.")
@click.option(
    "--seed", type=int, multiple=True, default=(1,), metavar="N", help="Seed of every choice (repeatable). Default: 1."
)
@click.option(
    "--part",
    metavar="I/N",
    default="1/1",
    callback=_part,
    help="Only the I-th of N equal parts, drawn by a fixed seed. Default: all.",
)
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    default="reports",
    metavar="DIR",
    help="Folder of kill-matrix.md and kill-matrix.jsonl. Default: reports.",
)
def selftest(
    contract: tuple[str, ...], workers: int, seed: tuple[int, ...], part: tuple[int, int], report: Path
) -> None:
    """Try every fault and every variant of the embedded references, and write the kill matrix.

    Ends with 0 if each fault is caught by the rule meant for it and no variant is flagged, else with 1.
    """
    from conformance.selftest import command

    sys.exit(command.selftest(contract, seeds=seed, workers=workers, folder=report, part=part))
