"""`conformance init`."""

from pathlib import Path

import click

from conformance.commands.usage import usage_errors

__all__ = ["init"]


@click.command()
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
def init(force: bool) -> None:  # noqa: FBT001 - click hands flags over so
    """Write a commented conformance.toml into this folder."""
    from importlib import resources

    file = Path("conformance.toml")
    if file.exists() and not force:
        raise click.UsageError(f"{file} is there already (--force overwrites it)")
    with usage_errors():
        file.write_text(resources.files("conformance").joinpath("template.toml").read_text("utf-8"), encoding="utf-8")
    click.echo(f"{file} written: set the target's url, then `conformance doctor --contract NAME --target staging`")
