"""Start a reference server: in this process for `conformance serve`, or as a child for a run.

Every vendor's package exports the same four names: `create_app(database, switches, api_key)`, a
Starlette application; `FAULTS` and `VARIANTS`, tables by name; and `API_KEY_PREFIX`.
"""

import importlib
import logging
import os
import pkgutil
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Self

from conformance.reference.switches import Switches

__all__ = ["STATE_PATH", "Reference", "available", "package", "serve"]

STATE_PATH = "/_conformance/state"
"""Path of the provider-state URL on every embedded server."""

_START_SECONDS = 20.0
_STOP_SECONDS = 5.0

_TIED = "CONFORMANCE_SERVE_WHILE_INPUT_IS_OPEN"
"""Environment variable by which a run ties a server to itself: when the run ends, however it ends, its pipe closes."""


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

    Without `database`, the SQLite file lies in a temporary folder that goes with the server. A file that is
    there keeps its accounts, and their keys go on working; only its owner can read it.

    Raises:
        LookupError: no such reference.
        UnknownSwitchError: no such fault or variant.
        OSError: the port is taken, or the file is not one's own.
        sqlite3.Error: the file is no database of this reference.
    """
    import uvicorn

    vendor = package(contract)
    # Clients that hang up are what the suite does on purpose.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    switches = Switches.named(faults, variants, vendor.FAULTS, vendor.VARIANTS)
    api_key = f"{vendor.API_KEY_PREFIX}{secrets.token_hex(16)}"
    # uvicorn passes the signal on once it has shut down, which would end the process before the folder is removed.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    if os.environ.get(_TIED):
        threading.Thread(target=_end_with_the_input, daemon=True).start()
    # The protocol must be named: only then does asyncio switch off Nagle's algorithm, which costs 40 ms an answer.
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with tempfile.TemporaryDirectory(prefix="conformance-") as folder, tcp as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()  # before the URL is told, or who reads it at once is refused
        if database is not None:
            _keep_to_its_owner(database)
        app = vendor.create_app(database or Path(folder) / f"{contract}.sqlite", switches, api_key)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        print(f"target {url}\nstate-url {url}{STATE_PATH}\napi-key {api_key}", flush=True)  # noqa: T201 - the command's own output
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=int(_STOP_SECONDS) - 2,
        )
        uvicorn.Server(config).run(sockets=[listener])


def _keep_to_its_owner(database: Path) -> None:
    """Let nobody else read a database, nor the files that SQLite lays beside it: they get its permissions."""
    os.close(os.open(database, os.O_RDWR | os.O_CREAT, 0o600))
    for file in (database, *(database.with_name(database.name + end) for end in ("-wal", "-shm", "-journal"))):
        if file.exists():
            file.chmod(0o600)


def _end_with_the_input() -> None:
    """Wait until whoever started this process is gone, then end it."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_STOP_SECONDS)
    os._exit(1)


class Reference:
    """A reference server in a child process, stopped on leaving the `with` block, and when this process is gone."""

    def __init__(self, contract: str, *, faults: Sequence[str] = (), variants: Sequence[str] = ()) -> None:
        self._contract = contract
        self._command = [sys.executable, "-m", "conformance", "serve", contract]
        for flag, names in (("--fault", faults), ("--variant", variants)):
            self._command += [word for name in names for word in (flag, name)]
        self.url = self.state_url = self.api_key = ""
        self._process: subprocess.Popen[str] | None = None
        self._complaints: list[str] = []
        self._listener: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Start the server.

        Raises:
            RuntimeError: it did not start; the words are its own.
        """
        self._process = process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
            env={**os.environ, _TIED: "1"},
        )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        impatient = threading.Timer(_START_SECONDS, process.kill)
        impatient.start()
        assert process.stdout is not None  # noqa: S101 - asked for above; tells the type checker
        said = [process.stdout.readline().partition(" ") for _ in range(3)]
        impatient.cancel()
        if [name for name, _, _ in said] != ["target", "state-url", "api-key"]:
            self.__exit__()
            words = " ".join("".join(self._complaints).split()) or "it said nothing"
            raise RuntimeError(f"the embedded server of {self._contract} did not start: {words}")
        self.url, self.state_url, self.api_key = (value.strip() for _, _, value in said)
        return self

    def _listen(self) -> None:
        """Pass on what the server complains of; before it runs, keep it."""
        assert self._process is not None  # noqa: S101 - started before this thread
        assert self._process.stderr is not None  # noqa: S101 - asked for; tells the type checker
        for line in self._process.stderr:
            if self.url:
                sys.stderr.write(line)
            else:
                self._complaints.append(line)

    def __exit__(self, *_: object) -> None:
        process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(timeout=_START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._listener is not None:
            self._listener.join(_STOP_SECONDS)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()
