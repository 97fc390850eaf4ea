"""What every command makes of files that can't be read or written."""

from collections.abc import Iterator
from contextlib import contextmanager

import click

__all__ = ["usage_errors"]


@contextmanager
def usage_errors() -> Iterator[None]:
    """Make of results that can't be read, and of files that can't be read or written, a usage error.

    Raises:
        click.UsageError: one of them stopped the command.
    """
    from conformance.results import ResultsError

    try:
        yield
    except ResultsError as problem:
        raise click.UsageError(str(problem)) from None
    except OSError as problem:
        raise click.UsageError(f"{problem.filename}: {problem.strerror or problem}") from None
