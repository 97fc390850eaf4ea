"""What every command makes of files that can't be read or written."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

__all__ = ["told", "usage_errors"]


@contextmanager
def usage_errors() -> Iterator[None]:
    """Make of results that can't be read, and of named files that can't be read or written, a usage error.

    Raises:
        click.UsageError: one of them stopped the command.
        OSError: what could not be written has no name.
    """
    from conformance.results.files import ResultsError

    try:
        yield
    except ResultsError as problem:
        raise click.UsageError(told(str(problem))) from None
    except OSError as problem:
        if problem.filename is None:
            raise
        raise click.UsageError(told(f"{problem.filename}: {problem.strerror or problem}")) from None


def told(words: str) -> str:
    """The words as a terminal may have them: a file's text may stand in them."""
    from conformance.results.printable import printable

    return printable(words)
