"""The commands that make reports; each imports what it needs when it runs."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from conformance.commands.usage import usage_errors

__all__ = ["compat", "diff", "report"]

_Option = Callable[[Any], Any]


def _file(flag: str, words: str) -> _Option:
    path = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
    return click.option(flag, type=path, metavar="FILE", help=words)


def _write(file: Path, text: str, what: str) -> None:
    if str(file) == "-":
        # Whatever the terminal's encoding is, the text arrives whole.
        sys.stdout.buffer.write(text.encode())
        sys.stdout.buffer.flush()
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as problem:
        # A disk that is full does not say which file it was for.
        raise OSError(problem.errno, problem.strerror, str(file)) from None
    click.echo(f"{what}: {file}")


@click.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR|FILE...")
@_file("--html", "Write one self-contained HTML page.")
@_file("--markdown", "Write Markdown for a CI step summary, cut to 1 MiB, the worst first.")
@_file("--junit", "Write JUnit XML, one testcase a requirement.")
@_file("--sarif", "Write SARIF 2.1.0 for code scanning, one result a finding.")
@_file("--annotations", "Write GitHub workflow commands: the ten worst, then how many more.")
@_file("--badge", "Write the badge of one run as JSON for shields.io.")
def report(results: tuple[Path, ...], badge: Path | None, **files: Path | None) -> None:
    """Make reports of finished runs, from their results.jsonl alone.

    DIR is a run's folder, or a folder of several. Without an option the summary is printed; - is standard output.
    """
    from conformance.report import annotations, html, junit, markdown, sarif, summary
    from conformance.report import badge as badge_report
    from conformance.report.text import read_all

    with usage_errors():
        runs = read_all(results)
        if badge is not None and len(runs) != 1:
            raise click.UsageError(f"a badge is of one run, and these are {len(runs)}")
        made: list[tuple[Path | None, str, Callable[[], str]]] = [
            (files["html"], "HTML", lambda: html.render(runs)),
            (files["markdown"], "Markdown", lambda: markdown.render(runs)),
            (files["junit"], "JUnit", lambda: junit.render(runs)),
            (files["sarif"], "SARIF", lambda: sarif.render(runs)),
            (files["annotations"], "annotations", lambda: annotations.render(runs)),
            (badge, "badge", lambda: badge_report.render(runs[0])),
        ]
        for file, what, render in made:
            if file is not None:
                _write(file, render(), what)
    if not any((badge, *files.values())):
        for one in runs:
            click.echo(summary.render(one))


@click.command()
@click.argument("results", nargs=-1, required=True, metavar="[NAME=]FILE...")
@_file("--html", "Write the matrix as one self-contained HTML page.")
@_file("--markdown", "Write the matrix as Markdown.")
def compat(results: tuple[str, ...], html: Path | None, markdown: Path | None) -> None:
    """Hold several targets against each other: requirements down, targets across, the worst first.

    FILE is a results.jsonl or its folder; NAME= before it is the name of its column. Runs of one vendor
    against different documents are refused. Without an option the matrix is printed as Markdown.
    """
    from conformance.report import compat as matrix

    with usage_errors():
        found = matrix.matrices(matrix.load(results))
        if html is not None:
            _write(html, matrix.html(found), "HTML")
        if markdown is not None or html is None:
            _write(markdown or Path("-"), matrix.markdown(found), "Markdown")


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@_file("--markdown", "Write the difference as Markdown.")
@_file("--json", "Write the difference as JSON, a list with one entry a contract.")
def diff(old: Path, new: Path, markdown: Path | None, json: Path | None) -> None:
    r"""Say what changed from run OLD to run NEW: what broke, what was mended, what can't be tested any more.

    \b
    Exit codes
      0   nothing newly broken     1   something is newly broken (a MUST or a SHOULD)     4   usage
    """
    import json as encoder

    from conformance.report import difftext
    from conformance.report.diff import compare, paired

    with usage_errors():
        diffs = [compare(*pair) for pair in paired(old, new)]
        if markdown is not None:
            _write(markdown, difftext.markdown(diffs), "Markdown")
        if json is not None:
            _write(json, encoder.dumps([one.as_json() for one in diffs], indent=2) + "\n", "JSON")
    if Path("-") not in (markdown, json):
        click.echo("\n\n".join(difftext.terminal(one) for one in diffs))
    sys.exit(1 if any(one.newly_broken for one in diffs) else 0)
