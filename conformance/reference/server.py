"""Start a reference server: in this process for `conformance serve`, or as a child for a run.

Every vendor's package exports the same four names: `create_app(database, knobs, api_key)`, a
Starlette application; `FAULTS` and `VARIANTS`, tables by name; and `API_KEY_PREFIX`.
"""

import importlib
import pkgutil
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Self

from conformance.reference.knobs import Knobs

__all__ = ["STATE_PATH", "Reference", "available", "package", "serve"]

STATE_PATH = "/_conformance/state"
"""Path of the provider-state URL on every embedded server."""

_START_SECONDS = 20.0


def available() -> list[str]:
    """Names of the contracts that have an embedded reference server."""
    import conformance.reference as root

    return sorted(m.name for m in pkgutil.iter_modules(root.__path__) if m.ispkg)


def package(contract: str) -> ModuleType:
    """Import the reference package of a contract.

    Raises:
        LookupError: there is no embedded reference for it.
    """
    if contract not in available():
        raise LookupError(f"no embedded reference server for {contract!r}: there is {available()}")
    return importlib.import_module(f"conformance.reference.{contract}")


def serve(
    contract: str,
    *,
    port: int = 0,
    database: Path | None = None,
    faults: Sequence[str] = (),
    variants: Sequence[str] = (),
) -> None:
    """Serve until interrupted; first print the target URL, the state URL and an API key.

    Without `database`, the SQLite file lies in a temporary folder that goes with the server.

    Raises:
        LookupError: no such reference.
        UnknownKnobError: no such fault or variant.
    """
    import uvicorn

    vendor = package(contract)
    knobs = Knobs.named(faults, variants, vendor.FAULTS, vendor.VARIANTS)
    api_key = f"{vendor.API_KEY_PREFIX}{secrets.token_hex(16)}"
    # uvicorn passes the signal on once it has shut down, which would end the process before the folder is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    # The protocol must be named: only then does asyncio switch off Nagle's algorithm, which costs 40 ms an answer.
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder, tcp as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()  # before the URL is told, or who reads it at once is refused
        app = vendor.create_app(database or Path(folder) / f"{contract}.sqlite", knobs, api_key)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        print(f"target {url}\nstate-url {url}{STATE_PATH}\napi-key {api_key}", flush=True)  # noqa: T201 - the command's own output
        config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off", server_header=False)
        uvicorn.Server(config).run(sockets=[listener])


class Reference:
    """A reference server in a child process, stopped on leaving the `with` block."""

    def __init__(self, contract: str, *, faults: Sequence[str] = (), variants: Sequence[str] = ()) -> None:
        self._command = [sys.executable, "-m", "conformance", "serve", contract]
        for flag, names in (("--fault", faults), ("--variant", variants)):
            self._command += [word for name in names for word in (flag, name)]
        self.url = self.state_url = self.api_key = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert self._process.stdout is not None  # noqa: S101 - asked for above; tells the type checker
        said = dict(self._process.stdout.readline().split(maxsplit=1) for _ in range(3))
        self.url, self.state_url, self.api_key = (said[k].strip() for k in ("target", "state-url", "api-key"))
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=_START_SECONDS)
            if self._process.stdout is not None:
                self._process.stdout.close()
