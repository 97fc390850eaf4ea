"""Where a command writes what it made: a file that the user names, or standard output."""

import sys
from pathlib import Path

import click

__all__ = ["write"]


def write(file: Path, text: str, what: str) -> None:
    """Write a text to a file and say so, `what` it is; `-` is standard output.

    Raises:
        OSError: it can't be written; the error names the file.
    """
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
