"""Run the suite against every server below and publish the matrix: `make matrix`, or `python -m reports.build_matrix`.

Writes matrix.html and matrix.md beside this file, and matrix.png where chromium is installed. The runs
themselves go to reports/runs/matrix/, which git ignores. Prism needs `npm ci` in tests/witnesses/prism first.
"""  # noqa: INP001 - a script beside what it makes

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from conformance.reference.server import Reference
from tests.witnesses.servers import django_listing, prism_mock

HERE = Path(__file__).parent
RUNS = HERE / "runs" / "matrix"
SEED = 0
"""The same draws every time: what changes from one matrix to the next is the servers."""
_VERDICTS = {0, 1, 10, 11}
"""Exit codes of a run that came to its end."""


@dataclass(frozen=True)
class Server:
    """A server that is up: its URL, its state URL where it has one, and the credential to test with."""

    url: str
    state_url: str | None = None
    api_key: str = "unused"


@dataclass(frozen=True)
class Target:
    """A column of the matrix: its display name, the contract it claims to speak, and how to start it."""

    name: str
    contract: str
    start: Callable[[], AbstractContextManager[Server]]
    profile: str = "full"


@contextmanager
def _reference(contract: str) -> Iterator[Server]:
    with Reference(contract) as reference:
        yield Server(reference.url, reference.state_url, reference.api_key)


@contextmanager
def _prism(vendor: str) -> Iterator[Server]:
    with prism_mock(vendor) as url:
        yield Server(url, api_key="a-key-that-prism-does-not-look-at")


@contextmanager
def _django() -> Iterator[Server]:
    with django_listing() as (url, state_url, key):
        yield Server(url, state_url, key)


TARGETS: list[Target] = [
    Target("Embedded reference", "cartesia", lambda: _reference("cartesia")),
    Target("Embedded reference", "ultravox", lambda: _reference("ultravox")),
    Target("Prism's mock", "cartesia", lambda: _prism("cartesia"), "stateless"),
    Target("Prism's mock", "ultravox", lambda: _prism("ultravox"), "stateless"),
    Target("Django REST Framework", "ultravox", _django),
]


def main() -> int:
    """Run every target, then make the matrix; returns the exit code."""
    columns = [f"{target.name}={_run(target)}" for target in TARGETS]
    page = HERE / "matrix.html"
    made = _conformance("compat", *columns, "--html", str(page), "--markdown", str(HERE / "matrix.md"))
    if made == 0:
        _picture(page, HERE / "matrix.png")
    return made


def _run(target: Target) -> Path:
    folder = RUNS / re.sub(r"\W+", "-", f"{target.contract} {target.name}".lower())
    shutil.rmtree(folder, ignore_errors=True)
    with target.start() as server:
        words = ["run", "--contract", target.contract, "--target", server.url, "--report", str(folder)]
        words += ["--seed", str(SEED), "--profile", target.profile]
        if server.state_url:
            words += ["--state-url", server.state_url]
        code = _conformance(*words, key=server.api_key)
    if code not in _VERDICTS:
        raise click.ClickException(f"{target.name} ({target.contract}): the run ended with {code}")
    return folder


def _conformance(*words: str, key: str = "") -> int:
    environment = {**os.environ, "CONFORMANCE_API_KEY": key}
    return subprocess.run([sys.executable, "-m", "conformance", *words], env=environment, check=False).returncode


def _picture(page: Path, picture: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        click.echo("no picture: chromium is not installed")
        return
    with tempfile.TemporaryDirectory() as profile:
        command = [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
        command += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
        command += ["--hide-scrollbars", f"--user-data-dir={profile}", "--window-size=1280,900"]
        command += [f"--screenshot={picture}", page.as_uri()]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    click.echo(f"picture: {picture}")


if __name__ == "__main__":
    sys.exit(main())
