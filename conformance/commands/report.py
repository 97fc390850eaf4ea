"""`conformance report`."""

from collections.abc import Callable
from pathlib import Path

import click

from conformance.commands import options
from conformance.commands.output import write
from conformance.commands.usage import usage_errors

__all__ = ["report"]


@click.command()
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR|FILE...")
@options.output_file("--html", "Write one self-contained HTML page.")
@options.output_file("--markdown", "Write Markdown for a CI step summary, cut to 1 MiB, the worst first.")
@options.output_file("--junit", "Write JUnit XML, one testcase a requirement.")
@options.output_file("--sarif", "Write SARIF 2.1.0 for code scanning, one result a finding.")
@options.output_file("--annotations", "Write GitHub workflow commands: the ten worst, then how many more.")
@options.output_file("--badge", "Write the badge of one run as JSON for shields.io.")
def report(results: tuple[Path, ...], badge: Path | None, **files: Path | None) -> None:
    """Make reports of finished runs, from their results.jsonl alone.

    DIR is a run's folder, or a folder of several. Without an option the summary is printed; - is standard output.
    """
    from conformance.report import annotations, html, junit, markdown, sarif, summary
    from conformance.report import badge as badge_report
    from conformance.results.files import read_all

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
                write(file, render(), what)
    if not any((badge, *files.values())):
        for one in runs:
            click.echo(summary.render(one))
