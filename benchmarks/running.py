"""Start `conformance run` as its users do, and read what it came to."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measures import SEED, timed
from conformance.results.files import ResultsError, RunResults, read

__all__ = ["BrokenRunError", "Ran", "environment", "flags", "run"]

_PATIENCE = 3600.0
"""Seconds after which a run is given up."""


class BrokenRunError(RuntimeError):
    """A run that is to be measured broke off."""


@dataclass(frozen=True)
class Ran:
    """A finished run: exit code, wall seconds of the whole process, and its results (None: there are none)."""

    code: int
    seconds: float
    results: RunResults | None
    said: str

    def checked(self) -> "Ran":
        """The run itself, if it came to an end; what one that broke off took is no figure.

        Raises:
            BrokenRunError: it has no results, or ended with an error.
        """
        if self.results is None or self.code not in {0, 1, 10}:
            raise BrokenRunError(f"exit code {self.code}: {self.said[-500:]}")
        return self


def environment(api_key: str) -> dict[str, str]:
    """The environment of a run: the key, and no `CI`, which would fix more than the seed."""
    return {**os.environ, "CONFORMANCE_API_KEY": api_key} | ({"CI": ""} if "CI" in os.environ else {})


def flags(contract: str, url: str, folder: Path, *, state_url: str | None = None) -> list[str]:
    """The options of a run at the fixed seed against a server that is up."""
    given = ["--contract", contract, "--target", url, "--seed", str(SEED), "--report", str(folder)]
    return given + (["--state-url", state_url] if state_url else [])


def run(options: Sequence[str], api_key: str, contract: str, folder: Path) -> Ran:
    """Run the real command to its end, in a folder of its own, so that no config file is found."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "conformance", "run", *options]
    with timed() as clock:
        ended = subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=folder,
            env=environment(api_key),
            timeout=_PATIENCE,
            check=False,
        )
    try:
        results = read(folder / contract)
    except ResultsError:
        results = None
    return Ran(ended.returncode, clock.seconds, results, (ended.stdout + ended.stderr)[-2000:])
