"""The command line: measure one part, or all, and make the page from what was measured."""

import time
from collections.abc import Sequence
from importlib import import_module
from typing import cast

import click

from benchmarks import machine, report
from benchmarks.measures import Options, Part, load, pathless, save

__all__ = ["PARTS", "main"]

PARTS = {
    "start": "start",
    "overhead": "overhead",
    "long-list": "long_list",
    "detection": "detection",
    "first-finding": "first_finding",
    "latency": "latency",
    "side-by-side": "side_by_side",
    "growth": "growth",
}
"""Every part and its module, in the order in which they run."""


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("parts", nargs=-1, metavar="[PART]...")
@click.option("--contract", multiple=True, metavar="NAME", help="Only this contract (repeatable). Default: both.")
@click.option("--repeat", type=click.IntRange(1), default=5, help="Repetitions of every timing.", show_default=True)
@click.option(
    "--sample",
    type=click.IntRange(1),
    help="Faults and variants of each contract, drawn by a seed. Default: all.",
)
@click.option(
    "--items", type=click.IntRange(1000), default=1_000_000, show_default=True, help="Length of the long list."
)
@click.option("--no-peers", is_flag=True, help="Leave out Specmatic, Dredd and Portman, which must be installed.")
@click.option("--resume", is_flag=True, help="Keep the trials of an interrupted detection.")
@click.option("--page", "page_only", is_flag=True, help="Measure nothing; make the page again.")
def main(
    parts: Sequence[str],
    *,
    contract: Sequence[str],
    repeat: int,
    sample: int | None,
    items: int,
    no_peers: bool,
    resume: bool,
    page_only: bool,
) -> None:
    r"""Measure the suite, and the tools that people use today, in one run on one machine.

    \b
    python -m benchmarks                           every part, then reports/benchmark.md and .json
    python -m benchmarks start overhead            these parts only; the page takes the others from earlier runs
    python -m benchmarks detection --sample 5 --repeat 1        a quick try
    python -m benchmarks --page                    make the page again, from what was measured

    \b
    Parts
      start          conformance --help and list over a Python that does nothing
      overhead       a default run over the same requests sent by the bare HTTP client, and where the time goes
      long-list      all rules of a walk over a list of --items, over fetching and parsing its pages
      detection      which faults this suite and other tools catch, and which correct servers they flag
      first-finding  requests and seconds until the first finding, from the trials of detection
      latency        a run with -n 8 over one by one, each answer 50 ms late
      side-by-side   verdicts with workers over verdicts one by one, on a sample of faults
      growth         cost against the depth of a run and against what lies on the server

    Every figure is a ratio of two things measured in the same run, by median. Each part's raw figures lie in
    reports/runs/bench/. Use an otherwise idle machine: others' work shows in the figures.
    """
    unknown = set(parts) - set(PARTS)
    if unknown:
        raise click.UsageError(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    options = Options(
        repeat=repeat,
        sample=sample,
        items=items,
        peers=not no_peers,
        resume=resume,
        contracts=contract or Options.contracts,
    )
    for name in [] if page_only else [part for part in PARTS if not parts or part in parts]:
        _measure(name, options)
    made = report.write({name: (_module(name), load(name)) for name in PARTS})
    click.echo(f"{made} written")


# The formatter wants a raw docstring; click wants its mark of lines to keep as the character itself.
main.help = (main.help or "").replace(r"\b", "\b")


def _module(name: str) -> Part:
    return cast("Part", import_module(f"benchmarks.{PARTS[name]}"))


def _measure(name: str, options: Options) -> None:
    began = time.monotonic()

    def say(words: str) -> None:
        click.echo(f"{time.monotonic() - began:7.1f} s  [{name}] {words}")

    say("begins")
    try:
        raw = _module(name).measure(options, say)
    except Exception as problem:  # noqa: BLE001 - whatever breaks in one part must not end the others
        raw = {"error": pathless(f"{type(problem).__name__}: {problem}")[:500]}
        say(f"broke off: {raw['error']}")
    seconds = round(time.monotonic() - began, 1)
    save(name, {**raw, "machine": machine.described(), "repeat": options.repeat, "took_seconds": seconds})
    say("done")
