"""Finished runs, made once: of the embedded reference, and of one that breaks promises."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.reference.server import Reference
from conformance.results.files import RunResults, read
from tests.commanding import Ended
from tests.safety.processes import until
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
    """Every requirement, two examples each, against the embedded reference: once, however many processes test."""
    shared = tmp_path_factory.getbasetemp()
    folder = (shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared) / "good"
    told = folder / "ended.json"
    try:
        folder.mkdir()
    except FileExistsError:
        assert until(told.is_file, 120), "another process is making the good run"
        return FinishedRun(Ended(**json.loads(told.read_text("utf-8"))), result_file(folder))
    ended = conformance("run", "--contract", "cartesia", "--examples", "2", "--report", folder, cwd=folder)
    written = told.with_suffix(".new")
    written.write_text(json.dumps(vars(ended)), "utf-8")
    written.rename(told)
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
