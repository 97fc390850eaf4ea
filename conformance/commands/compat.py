"""`conformance compat`."""

from pathlib import Path

import click

from conformance.commands import options
from conformance.commands.output import write
from conformance.commands.usage import usage_errors

__all__ = ["compat"]


@click.command()
@click.argument("results", nargs=-1, required=True, metavar="[NAME=]FILE...")
@options.output_file("--html", "Write the matrix as one self-contained HTML page.")
@options.output_file("--markdown", "Write the matrix as Markdown.")
def compat(results: tuple[str, ...], html: Path | None, markdown: Path | None) -> None:
    """Hold several targets against each other: requirements down, targets across, the worst first.

    FILE is a results.jsonl or its folder; NAME= before it is the name of its column. Runs of one vendor
    against different documents are refused. Without an option the matrix is printed as Markdown.
    """
    from conformance.report import compat as matrix

    with usage_errors():
        found = matrix.matrices(matrix.load(results))
        if html is not None:
            write(html, matrix.html(found), "HTML")
        if markdown is not None or html is None:
            write(markdown or Path("-"), matrix.markdown(found), "Markdown")
