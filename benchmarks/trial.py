"""One trial: one tool against one reference server that has a fault, or a variant, or neither."""

import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from benchmarks.measures import pathless
from benchmarks.rivals import peers, schemathesis_runs
from benchmarks.running import flags, run
from benchmarks.serving import Server

__all__ = ["PEERS", "TOOLS", "Kind", "Trial", "attempt"]

Kind: TypeAlias = Literal["fault", "variant", "correct"]


@dataclass(frozen=True)
class Trial:
    """What to try; `name` is the fault's or the variant's, empty for the correct server."""

    tool: str
    contract: str
    kind: Kind
    name: str = ""


def attempt(trial: Trial) -> dict[str, Any]:
    """Start the server and let the tool at it.

    The outcome has `failures` (what the tool reported, by names that stay the same from run to run), `seconds` (wall
    time of the tool's whole process), `requests` and `set_ups` (as the server counted them), and `error`, the reason
    where the tool did not run to its end.
    """
    wrong = (trial.name,) if trial.kind == "fault" else ()
    lawful = (trial.name,) if trial.kind == "variant" else ()
    outcome: dict[str, Any] = {**asdict(trial), "failures": [], "seconds": 0.0, "error": ""}
    with tempfile.TemporaryDirectory() as folder, Server(trial.contract, faults=wrong, variants=lawful) as server:
        try:
            outcome |= TOOLS[trial.tool](trial.contract, server, Path(folder))
        except subprocess.TimeoutExpired as problem:
            outcome["error"] = f"no end after {problem.timeout:.0f} s"
        except (OSError, subprocess.SubprocessError, peers.NotThereError) as problem:
            outcome["error"] = f"{type(problem).__name__}: {problem}"
        counts = server.counts()
    outcome["error"] = pathless(outcome["error"])[:300]
    return {**outcome, "requests": counts.target, "set_ups": counts.state}


def _suite(contract: str, server: Server, folder: Path, *more: str) -> dict[str, Any]:
    """The real command; a failure is a requirement whose verdict is fail or warn.

    A whole run must verify every MUST; one that is told to end early leaves some untested.
    """
    given = flags(contract, server.url, folder, state_url=server.state_url)
    ran = run([*given, *more], server.api_key, contract, folder)
    if ran.results is None or ran.code not in ({0, 1, 10} if more else {0, 1}):
        return {"seconds": ran.seconds, "error": f"exit code {ran.code}: {ran.said[-300:]}"}
    failures = sorted(line.requirement for line in ran.results.of("fail", "warn"))
    return {"seconds": ran.seconds, "failures": failures, "code": ran.code}


TOOLS: dict[str, Callable[[str, Server, Path], dict[str, Any]]] = {
    "this suite": _suite,
    "this suite, first finding": lambda *given: _suite(*given, "-x", "--strict"),
    "Schemathesis, stock": schemathesis_runs.stock,
    "Schemathesis, expert": schemathesis_runs.expert,
    "Schemathesis, expert, first failure": schemathesis_runs.stop_at_first,
    "Specmatic": peers.specmatic,
    "Dredd": peers.dredd,
    "Portman": peers.portman,
}
"""What can be tried: each is given a contract, a server and a folder of its own, and tells what it reported."""
PEERS = ("Specmatic", "Dredd", "Portman")
