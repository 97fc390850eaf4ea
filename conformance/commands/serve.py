"""`conformance serve`."""

from pathlib import Path

import click

__all__ = ["serve"]


@click.command()
@click.argument("contract")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, metavar="P", help="Port on 127.0.0.1. Default: a free one."
)
@click.option(
    "--db",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Keep the SQLite database in this file.",
)
@click.option(
    "--fault", multiple=True, metavar="NAME", help="Do this wrong (repeatable); see `conformance list --faults`."
)
@click.option(
    "--variant", multiple=True, metavar="NAME", help="Differ lawfully (repeatable); see `conformance list --variants`."
)
def serve(contract: str, port: int, db: Path | None, fault: tuple[str, ...], variant: tuple[str, ...]) -> None:
    """Serve CONTRACT's embedded reference on 127.0.0.1 until interrupted.

    Prints the target's URL, its state URL and an API key, a line each.
    """
    import sqlite3

    from conformance.reference import server
    from conformance.reference.switches import UnknownSwitchError

    try:
        server.serve(contract, port=port, database=db, faults=fault, variants=variant)
    except (LookupError, UnknownSwitchError, OSError) as problem:
        raise click.UsageError(str(problem)) from None
    except sqlite3.Error as problem:
        raise click.UsageError(f"{db}: {problem}") from None
