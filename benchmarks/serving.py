"""A reference server for measurements: it counts what it is asked, and can issue the same ids every time.

`python -m benchmarks.serving VENDOR [--port P] [--db FILE] [--fault NAME] [--variant NAME] [--fixed-ids]` prints what
`conformance serve` prints. `GET /_bench/requests` answers how many requests came to the target and to its state URL.
With `--fixed-ids`, every id and key is the hash of a counter, so that the same requests, sent to a fresh server,
get the same answers: only then can a run's requests be sent again and cost what they cost.
"""

import hashlib
import json
import logging
import random
import secrets
import sys
import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import urllib3

from conformance.reference import server
from conformance.reference.server import STATE_PATH, Reference

__all__ = ["Counts", "Server", "bearer"]

_COUNTS_PATH = "/_bench/requests"
_App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


@dataclass(frozen=True)
class Counts:
    """Requests that a server was sent so far; what is no HTTP at all is not counted."""

    target: int
    state: int


class Server(Reference):
    """A counting reference server in a child process, stopped on leaving the `with` block."""

    def __init__(
        self,
        contract: str,
        *,
        faults: Sequence[str] = (),
        variants: Sequence[str] = (),
        port: int = 0,
        database: Path | None = None,
        fixed_ids: bool = False,
    ) -> None:
        super().__init__(contract, faults=faults, variants=variants)
        given = self._command[self._command.index(contract) :]
        self._command = [sys.executable, "-m", "benchmarks.serving", *given, "--port", str(port)]
        self._command += ["--db", str(database)] if database else []
        self._command += ["--fixed-ids"] if fixed_ids else []

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])

    def counts(self) -> Counts:
        """What it was asked since it started."""
        answer = urllib3.request("GET", self.url + _COUNTS_PATH, retries=False)
        return Counts(**json.loads(answer.data))


def bearer(contract: str, key: str) -> tuple[str, str]:
    """The header that carries the key, by the contract's security scheme."""
    from conformance.contracts.loading import load

    [header] = load(contract).credential_headers(key).items()
    return header


def _counting(app: _App) -> _App:
    seen: Counter[str] = Counter(target=0, state=0)

    async def counted(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["path"] != _COUNTS_PATH:
            seen["state" if scope["path"] == STATE_PATH else "target"] += 1
            await app(scope, receive, send)
            return
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(seen).encode()})

    return counted


def _fix_ids() -> None:
    """Make the sources of ids count; before the server's own modules are loaded, which keep some of them."""
    drawn: Counter[str] = Counter()

    def octets(size: int, source: str) -> bytes:
        drawn[source] += 1
        return hashlib.sha256(f"{source} {drawn[source]}".encode()).digest()[:size]

    # Each size counts by itself: the ids of answers must not shift those of accounts.
    secrets.token_hex = lambda nbytes=None: octets(nbytes or 32, f"hex {nbytes}").hex()
    secrets.token_bytes = lambda nbytes=None: octets(nbytes or 32, f"bytes {nbytes}")
    uuid.uuid4 = lambda: uuid.UUID(bytes=octets(16, "uuid"), version=4)
    random.SystemRandom = partial(random.Random, 1)  # type: ignore[assignment,misc]


@click.command()
@click.argument("contract")
@click.option("--port", type=int, default=0)
@click.option("--db", type=click.Path(path_type=Path))
@click.option("--fault", multiple=True)
@click.option("--variant", multiple=True)
@click.option("--fixed-ids", is_flag=True)
def main(
    contract: str, port: int, db: Path | None, fault: Sequence[str], variant: Sequence[str], *, fixed_ids: bool
) -> None:
    """Serve until terminated."""
    # Requests that are none are what some tools send on purpose.
    logging.disable(logging.WARNING)
    if fixed_ids:
        _fix_ids()
    vendor = server.package(contract)
    create = vendor.create_app
    vendor.create_app = lambda *given: _counting(create(*given))  # type: ignore[attr-defined]
    server.serve(contract, port=port, database=db, faults=fault, variants=variant)


if __name__ == "__main__":
    main()
