"""Finished runs, made once: of the embedded reference, and of one that breaks promises."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.reference.server import Reference
from conformance.results.files import RunResults, read
from tests.commanding import Ended
from tests.support import conformance, result_file


@dataclass(frozen=True)
class FinishedRun:
    """A run of the real command: what it said, and the file it wrote."""

    ended: Ended
    file: Path
    api_key: str = ""

    @property
    def results(self) -> RunResults:
        return read(self.file)


@pytest.fixture(scope="session")
def good_run(tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """Every requirement, two examples each, against the embedded reference."""
    folder = tmp_path_factory.mktemp("good")
    ended = conformance("run", "--contract", "cartesia", "--examples", "2", "--report", folder, cwd=folder)
    return FinishedRun(ended, result_file(folder))


@pytest.fixture(scope="session")
def faulty_reference() -> Iterator[Reference]:
    """A reference server that keeps summaries (a SHOULD) and goes on serving transcripts (a MUST)."""
    with Reference("cartesia", faults=["transcript-kept-in-get", "summary-kept"]) as reference:
        yield reference


@pytest.fixture(scope="session")
def faulty_run(faulty_reference: Reference, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """Three rules of which a MUST and a SHOULD are broken."""
    folder = tmp_path_factory.mktemp("faulty")
    ended = conformance(
        *("run", "--contract", "cartesia", "--examples", "4", "--report", folder, "--target", faulty_reference.url),
        *("--state-url", faulty_reference.state_url, "--select", "redact.omits", "--select", "redact.marked"),
        *("--select", "redact.keeps"),
        cwd=folder,
        CONFORMANCE_API_KEY=faulty_reference.api_key,
    )
    return FinishedRun(ended, result_file(folder), faulty_reference.api_key)
