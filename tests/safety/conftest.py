"""Servers that keep their promises, one of each contract: nothing that a test does to them stands in another's way."""

from collections.abc import Iterator

import pytest

from conformance.reference.server import Reference


@pytest.fixture(scope="session")
def cartesia() -> Iterator[Reference]:
    with Reference("cartesia") as server:
        yield server


@pytest.fixture(scope="session")
def ultravox() -> Iterator[Reference]:
    with Reference("ultravox") as server:
        yield server
