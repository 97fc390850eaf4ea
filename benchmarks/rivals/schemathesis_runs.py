"""Schemathesis: as it comes, and as an expert would set it up.

*stock*: the published document, base URL and credential, nothing else.

*expert*: the document corrected and extended by the contract's overlay, every operation given the statuses that HTTP
itself has for bad requests; real calls through the state URL, and a check of about twenty lines, both in a hooks file
(`expert_cartesia.py`, `expert_ultravox.py`); the checks that are wrong for these contracts off: use-after-free (a
redacting DELETE leaves the record), positive data acceptance (a cursor that was drawn is none of the server's),
unsupported method and Allow, and, for Cartesia's DELETE, whose 500 is documented, not-a-server-error.

What it reports is read from its NDJSON report: operation, kind of failure and the first line of its message, without
numbers and quoted values.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measures import SEED, timed
from benchmarks.serving import Server, bearer
from conformance.contracts.contract import specs_folder
from conformance.contracts.loading import load

__all__ = ["expert", "failures", "stock", "stop_at_first"]

_OFF = ("use_after_free", "positive_data_acceptance", "unsupported_method", "allow_header_conformance")
_LAWFUL = ("400", "401", "403", "404", "405", "406", "411", "413", "414", "415", "422", "431")
_PATIENCE = 300.0
_HERE = Path(__file__).parent


def stock(contract: str, server: Server, folder: Path) -> dict[str, Any]:
    """A run as it comes."""
    document = specs_folder() / contract / "openapi.yaml"
    return _run([], ["run", str(document), *_common(contract, server, folder)], server, folder)


def expert(contract: str, server: Server, folder: Path) -> dict[str, Any]:
    """A run at its best."""
    return _run(*_expertly(contract, server, folder), server, folder)


def stop_at_first(contract: str, server: Server, folder: Path) -> dict[str, Any]:
    """A run at its best that ends at the first failure."""
    before, arguments = _expertly(contract, server, folder)
    arguments.remove("--continue-on-failure")
    return _run(before, [*arguments, "--max-failures", "1"], server, folder)


def _common(contract: str, server: Server, folder: Path) -> list[str]:
    name, value = bearer(contract, server.api_key)
    given = ["-u", server.url, "-H", f"{name}: {value}", "--seed", str(SEED), "--generation-database", "none"]
    return [
        *given,
        "--continue-on-failure",
        "--report",
        "ndjson",
        "--report-ndjson-path",
        str(folder / "events.ndjson"),
    ]


def _expertly(contract: str, server: Server, folder: Path) -> tuple[list[str], list[str]]:
    document, config = folder / "openapi.json", folder / "schemathesis.toml"
    document.write_text(json.dumps(_document(contract)), encoding="utf-8")
    config.write_text(_config(contract), encoding="utf-8")
    return ["--config-file", str(config)], ["run", str(document), *_common(contract, server, folder)]


def _document(contract: str) -> Any:
    """The corrected document, every operation with the statuses that HTTP has for a bad request."""
    root = json.loads(json.dumps(load(contract).document.root))
    for path, item in root["paths"].items():
        for operation in (item[method] for method in item if method in {"get", "post", "delete"}):
            lawful = [status for status in _LAWFUL if status != "404" or "{" in path]
            for status in lawful:
                operation["responses"].setdefault(status, {"description": "As HTTP has it."})
    return root


def _config(contract: str) -> str:
    off = "".join(f"[checks.{name}]\nenabled = false\n" for name in _OFF)
    if contract == "cartesia":
        off += '[[operations]]\ninclude-name = "DELETE /agents/calls/{call_id}"\n'
        off += '[operations.checks.not_a_server_error]\nexpected-statuses = ["2xx", "4xx", 500]\n'
    return f'hooks = "{_HERE / f"expert_{contract}.py"}"\n{off}'


def _run(before: list[str], arguments: list[str], server: Server, folder: Path) -> dict[str, Any]:
    """Run it; what it reported, and the wall seconds of the whole process."""
    environment = {"RIVAL_URL": server.url, "RIVAL_STATE_URL": server.state_url, "RIVAL_KEY": server.api_key}
    with timed() as clock:
        ended = subprocess.run(
            [sys.executable, "-m", "schemathesis.cli", *before, *arguments],
            capture_output=True,
            text=True,
            cwd=folder,
            timeout=_PATIENCE,
            env={**os.environ, **environment},
            check=False,
        )
    events = folder / "events.ndjson"
    if ended.returncode not in {0, 1} or not events.exists():
        return {"error": (ended.stdout + ended.stderr)[-500:], "seconds": clock.seconds, "failures": []}
    lines = [json.loads(line) for line in events.read_text("utf-8").splitlines()]
    told = sorted({*failures(lines), *_errors(lines)})
    broke = next((f"it broke off: {line['FatalError']}" for line in lines if "FatalError" in line), "")
    return {"seconds": clock.seconds, "failures": told, "error": broke, "code": ended.returncode}


def failures(lines: list[dict[str, Any]]) -> Iterator[str]:
    """Each failed check as operation, kind, and its message without what changes from run to run."""
    scenarios = (line["ScenarioFinished"]["recorder"] for line in lines if "ScenarioFinished" in line)
    for checks in (checks for recorder in scenarios for checks in recorder.get("checks", {}).values()):
        for check in checks:
            if check["status"] == "failure":
                failure = check["failure_info"]["failure"]
                yield f"{failure['operation']}: {failure['title']}: {_plain(failure['message'])}"


def _errors(lines: list[dict[str, Any]]) -> Iterator[str]:
    """Answers that a check could not even read: the run fails with them too, so they count as reports."""
    for error in (line["NonFatalError"] for line in lines if "NonFatalError" in line):
        yield f"{error['label']}: {error['value']['type']}: {_plain(error['value']['message'])}"


def _plain(message: str) -> str:
    first = message.strip().split("\n", maxsplit=1)[0]
    if first.startswith("Received: "):
        return first
    # A server may name its methods in another order each time it is started.
    first = re.sub(r"(?<=Allow: )[A-Z, ]+", lambda names: ", ".join(sorted(names[0].split(", "))), first)
    return re.sub(r"'[^']*'|\"[^\"]*\"", "...", re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "#", first))[:160]
