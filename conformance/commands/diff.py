"""`conformance diff`."""

import sys
from pathlib import Path

import click

from conformance.commands import options
from conformance.commands.output import write
from conformance.commands.usage import usage_errors

__all__ = ["diff"]


@click.command()
@click.argument("old", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@options.output_file("--markdown", "Write the difference as Markdown.")
@options.output_file("--json", "Write the difference as JSON, a list with one entry a contract.")
def diff(old: Path, new: Path, markdown: Path | None, json: Path | None) -> None:
    r"""Say what changed from run OLD to run NEW: what broke, what was mended, what can't be tested any more.

    \b
    Exit codes
      0   nothing newly failed     1   something is newly failed (a MUST or a SHOULD)     4   usage
    """
    import json as encoder

    from conformance.report import difftext
    from conformance.report.diff import compare, paired

    with usage_errors():
        diffs = [compare(*pair) for pair in paired(old, new)]
        if markdown is not None:
            write(markdown, difftext.markdown(diffs), "Markdown")
        if json is not None:
            write(json, encoder.dumps([one.as_json() for one in diffs], indent=2) + "\n", "JSON")
    if Path("-") not in (markdown, json):
        click.echo("\n\n".join(difftext.terminal(one) for one in diffs))
    sys.exit(1 if any(one.newly_failed for one in diffs) else 0)
