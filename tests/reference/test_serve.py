"""`conformance serve`: its database is its owner's alone, its keys are nowhere to read, and it ends when it should."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from conformance.reference.server import Reference
from tests.support import conformance, environment, heeding_signals

PATHS = {"cartesia": "/agents/calls?agent_id=a", "ultravox": "/api/deleted_calls"}


class Served:
    def __init__(self, contract: str, said: dict[str, str], process: "subprocess.Popen[str]") -> None:
        self.contract, self.url, self.state_url, self.key = contract, said["target"], said["state-url"], said["api-key"]
        self.process = process

    def opens(self, key: str) -> bool:
        headers = {"authorization": f"Bearer {key}", "x-api-key": key, "cartesia-version": "2026-03-01"}
        request = urllib.request.Request(self.url + PATHS[self.contract], headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as refused:
            return refused.code != 401

    def state(self, action: str, state: str, **params: Any) -> dict[str, Any]:
        body = json.dumps({"action": action, "state": state, "params": params}).encode()
        request = urllib.request.Request(self.state_url, body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: dict[str, Any] = json.load(answer)
            return found


@contextmanager
def served(contract: str, *words: str) -> Iterator[Served]:
    """The command as a user starts it, with an input that ended at once."""
    command = [sys.executable, "-m", "conformance", "serve", contract, *words]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
        preexec_fn=heeding_signals,  # noqa: PLW1509 - nothing else in the child
    ) as process:
        assert process.stdout is not None
        try:
            said = dict(process.stdout.readline().split(maxsplit=1) for _ in range(3))
            yield Served(contract, {name: value.strip() for name, value in said.items()}, process)
        finally:
            process.terminate()
            process.wait(10)


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


@pytest.mark.parametrize("contract", PATHS)
def test_a_database_keeps_its_keys_and_shows_them_to_nobody(contract: str, tmp_path: Path) -> None:
    file = tmp_path / "calls.sqlite"
    keys = []
    for _ in range(2):
        with served(contract, "--db", str(file)) as server:
            fresh = server.state("setup", "a fresh account exists")["api_key"]
            keys += [server.key, fresh]
            assert [key for key in keys if not server.opens(key)] == []
            assert not server.opens(server.key[:-1])
            written = {one.name: one.read_bytes() for one in tmp_path.iterdir()}
            assert [name for name, text in written.items() for key in keys if key.encode() in text] == []
            assert {mode(one) for one in tmp_path.iterdir()} == {0o600}
    assert len(set(keys)) == 4
    with served(contract, "--db", str(file)) as server:
        server.state("teardown", "a fresh account exists", api_key=keys[1])
        assert server.opens(keys[0])
        assert server.opens(keys[3])
        assert server.opens(keys[1]) is (contract == "ultravox"), "there only the account's calls go"


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    file = tmp_path / "calls.sqlite"
    with served("cartesia", "--db", str(file)):
        pass
    file.chmod(0o644)
    with served("cartesia", "--db", str(file)):
        assert {mode(one) for one in tmp_path.iterdir()} == {0o600}


def test_what_is_no_database_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database" * 100)
    for file in (tmp_path / "text", tmp_path / "none" / "x"):
        ended = conformance("serve", "cartesia", "--db", file, cwd=tmp_path)
        assert ended.code == 4, ended.said
        assert "Traceback" not in ended.said


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_cleanly(how: signal.Signals, tmp_path: Path) -> None:
    with served("cartesia") as server:
        assert server.opens(server.key)
        server.process.send_signal(how)
        assert server.process.wait(10) == 0


def gone(pid: int, within: float = 10) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
            if (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() or ["Z"])[0] == "Z":
                return True
        except (ProcessLookupError, FileNotFoundError):
            return True
        time.sleep(0.05)
    return False


PARENT = """
import os, time
from conformance.reference.server import Reference
with Reference("cartesia") as server:
    print(server._process.pid, flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_an_embedded_server_ends_with_whoever_started_it(how: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(),
        preexec_fn=heeding_signals,  # noqa: PLW1509 - nothing else in the child
    ) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(child, 0)
        parent.send_signal(how)
        parent.wait(10)
    assert gone(child)


def test_one_that_does_not_start_says_why() -> None:
    with pytest.raises(RuntimeError, match=r"nobody.*did not start.*no embedded reference server"):
        Reference("nobody").__enter__()
    with pytest.raises(RuntimeError, match=r"did not start.*no-such-fault"):
        Reference("cartesia", faults=["no-such-fault"]).__enter__()


def test_one_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.reference.server._START_SECONDS", 0.5)
    silent = Reference("cartesia")
    silent._command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with pytest.raises(RuntimeError, match="it said nothing"):
        silent.__enter__()


def test_one_that_is_stopped_leaves_no_process() -> None:
    with Reference("ultravox") as server:
        assert server._process is not None
        pid = server._process.pid
    assert gone(pid, 0.5)
    server.__exit__()
