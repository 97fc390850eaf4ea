"""However a run ends: results are written, accounts torn down, servers gone, and the exit code says what it was."""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from conformance.reference.server import Reference
from conformance.results.files import ResultsError, read
from tests.commanding import Ended, command, own_pytest
from tests.safety.breaking import on_a_full_disk
from tests.safety.careless import KEY, Careless, careless
from tests.safety.processes import descendants, running, until
from tests.support import Answer, Asked, conformance, environment, flags, serving

RUN = ("run", "--contract", "cartesia", "--report", "r")
SOME = flags("--select", ["redact.marked", "auth.other-account", "delete.idempotent"])
LONG = ("--examples", "400")
SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


def accounts(server: Careless) -> Counter[str]:
    """How often the account of each key was torn down, and of all keys that were made."""
    told = [json.loads(asked.body) for asked in server.asked if asked.path == "/_state"]
    torn = Counter(one["params"]["api_key"] for one in told if one["action"] == "teardown")
    made = sum(one["state"] == "a fresh account exists" and one["action"] == "setup" for one in told)
    return torn + Counter({"made": made})


def config(folder: Path, server: Careless) -> tuple[str, ...]:
    text = (
        f'[targets.s]\nurl = "{server.url}"\nstate_url = "{server.state_url}"\napi_key = "{KEY}"\nmax_calls = 99999\n'
    )
    (folder / "c.toml").write_text(text + "max_accounts = 9999\n")
    return ("--target", "s", "--config", "c.toml")


# What a signal does is the same for all three (conformance/engine/interrupts.py), and only then are there workers.
@pytest.mark.parametrize(
    ("number", "workers"),
    [*((number, 1) for number in SIGNALS), (signal.SIGTERM, 2)],
    ids=lambda value: value.name if isinstance(value, signal.Signals) else f"of {value}",
)
def test_a_signal_leaves_results_and_no_account(number: signal.Signals, workers: int, tmp_path: Path) -> None:
    # Slow, so that few accounts are made in the seconds that workers are given to finish what they are about.
    with careless(pause=0.05) as server:
        words = (*RUN, *config(tmp_path, server), "--select", "auth.other-account", *LONG, "-n", str(workers))
        with running(*words, cwd=tmp_path) as run:
            made = lambda: accounts(server)["made"] >= 2  # noqa: E731
            assert until(made, 30), run.said
            run.under_way(1)
            run.tell(number)
            assert run.ended(20) == 2, run.said
            assert run.nothing_left()
        results = read(tmp_path / "r/cartesia")
        assert results.end.exit_code == 2
        assert "Traceback" not in run.said
        assert "\nConformant" not in run.said
        counted = accounts(server)
        torn = {key: times for key, times in counted.items() if key != "made"}
        assert len(torn) == counted["made"]
        assert set(torn.values()) == {1}


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_a_signal_leaves_no_embedded_server(number: signal.Signals, tmp_path: Path) -> None:
    with running(*RUN, cwd=tmp_path) as run:
        run.under_way(2)
        assert len(run.servers()) == 1
        run.tell(number)
        assert run.ended(20) == 2, run.said
        assert run.nothing_left(), run.seen
    assert read(tmp_path / "r/cartesia").end.exit_code == 2


def test_a_signal_while_the_workers_start_leaves_results_and_no_embedded_server_too(tmp_path: Path) -> None:
    with running(*RUN, *SOME, *LONG, "-n", "2", cwd=tmp_path) as run:
        assert until(lambda: bool(run.workers()), 20), run.said
        run.seen = descendants(run.pid)
        assert len(run.servers()) == 1
        run.tell(signal.SIGTERM)
        assert run.ended(20) == 2, run.said
        assert run.nothing_left(), run.seen
    assert read(tmp_path / "r/cartesia").end.exit_code == 2


def test_a_signal_during_the_first_look_leaves_results_too(tmp_path: Path) -> None:
    came = threading.Event()

    def answer(_: Asked) -> Answer:
        came.set()
        time.sleep(3)
        return 404, {}, b""

    with serving(answer) as server:
        words = (*RUN, "--target", server.url, *SOME)
        with running(*words, cwd=tmp_path, CONFORMANCE_API_KEY=KEY) as run:
            assert came.wait(20)
            run.tell(signal.SIGTERM)
            assert run.ended(20) == 2, run.said
    assert read(tmp_path / "r/cartesia").end.exit_code == 2
    assert "Traceback" not in run.said


def test_a_killed_run_leaves_no_server_and_what_it_had_without_an_end(tmp_path: Path) -> None:
    folder = tmp_path / "r/cartesia"
    with running(*RUN, "--examples", "60", cwd=tmp_path) as run:
        run.under_way(3)
        assert until(lambda: bool(list(folder.glob("results.*.partial"))), 20), run.said
        run.under_way(3)
        run.tell(signal.SIGKILL)
        assert run.ended(5) == -signal.SIGKILL
        assert len(run.servers()) == 1
        assert run.nothing_left(5), "the embedded server lives on"
    assert not (folder / "results.jsonl").exists()
    (partial,) = folder.glob("results.*.partial")
    kinds = [json.loads(line)["kind"] for line in partial.read_text().splitlines()]
    assert kinds[0] == "run"
    assert set(kinds[1:]) == {"result"}
    with pytest.raises(ResultsError):
        read(partial)
    assert conformance("report", partial, "--markdown", "r.md", cwd=tmp_path).code == 4


@pytest.mark.parametrize("faults", [(), ("transcript-kept-in-get",)], ids=["a good server", "a broken MUST"])
def test_a_worker_that_is_killed_is_an_error_of_the_run(faults: tuple[str, ...], tmp_path: Path) -> None:
    rules = flags("--select", ["redact.omits", "redact.keeps", "delete.idempotent", "redact.list"])
    with Reference("cartesia", faults=faults) as server:
        where = ("--target", server.url, "--state-url", server.state_url)
        words = (*RUN, *where, *rules, "--examples", "14", "-n", "2")
        with running(*words, cwd=tmp_path, CONFORMANCE_API_KEY=server.api_key) as run:
            if faults:
                assert until(lambda: "FAILED" in run.said, 30), run.said
            run.under_way(2)
            assert len(run.workers()) == 2, run.seen
            os.kill(run.workers()[0], signal.SIGKILL)
            assert run.ended(60) == (1 if faults else 3), run.said
    results = read(tmp_path / "r/cartesia")
    assert results.end.crashed is True
    assert "\nConformant" not in run.said
    assert "crashed" in run.said, run.said
    if faults:
        assert results.end.overall == "non-conformant"
        assert "Not conformant" in run.said


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "by workers"])
def test_a_users_own_failing_test_beside_ours_is_1(
    cartesia: Reference, workers: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "test_x.py").write_text("def test_mine():\n    assert 1 == 2\n\n\ndef test_good():\n    pass\n")
    done = command(
        *("-p", "no:cacheprovider", "test_x.py", "--pyargs", "conformance", *workers),
        *("--conformance-contract", "cartesia", "--conformance-select", "redact.marked"),
        *("--conformance-examples", "1", "--conformance-target", cartesia.url),
        *("--conformance-state-url", cartesia.state_url),
        main=own_pytest,
        cwd=tmp_path,
        env=environment(CONFORMANCE_API_KEY=cartesia.api_key),
        within=60,
    )
    assert done.code == 1, done.out
    assert "1 failed, 2 passed" in done.out
    assert read(tmp_path / "reports/runs/cartesia").end.overall == "conformant"


BRIEF = "run --contract cartesia --select redact.marked --examples 2 --report r"


def shell(line: str, folder: Path, server: Reference) -> Ended:
    """A whole interpreter, as the shell starts it: what it does at its own end is part of the fact."""
    ours = f"{sys.executable} -m conformance {BRIEF} --target {server.url} --state-url {server.state_url}"
    done = subprocess.run(
        ["/bin/bash", "-c", line.replace("conformance", ours, 1)],
        cwd=folder,
        env=environment(CONFORMANCE_API_KEY=server.api_key),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("conformance | head -1; exit ${PIPESTATUS[0]}", 0),
        ("conformance -n 2 | true; exit ${PIPESTATUS[0]}", 0),
        ("conformance > /dev/full", 3),
        ("conformance >&-", 0),
    ],
)
def test_an_output_that_nobody_reads_does_not_break_a_run(
    cartesia: Reference, line: str, code: int, tmp_path: Path
) -> None:
    ended = shell(line, tmp_path, cartesia)
    assert ended.code == code, ended.said
    assert "Traceback" not in ended.said
    assert "Error in" not in ended.err
    assert read(tmp_path / "r/cartesia").end.overall == "conformant"


def test_a_disk_that_fills_up_during_a_run_is_told_in_a_line(cartesia: Reference, tmp_path: Path) -> None:
    where = ("--target", cartesia.url, "--state-url", cartesia.state_url)
    env = environment(CONFORMANCE_API_KEY=cartesia.api_key)
    done = command(*BRIEF.split(), *where, main=on_a_full_disk, cwd=tmp_path, env=env, within=60)
    assert done.code == 4, done.said
    assert "Traceback" not in done.said
    assert "INTERNALERROR" not in done.said
    assert os.strerror(errno.ENOSPC) in done.said
    assert "\nConformant" not in done.said


def test_a_full_file_system_ends_a_run_without_a_traceback(tmp_path: Path) -> None:
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounted = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        more = ("--select", "redact.omits", "--select", "redact.keeps", "--select", "delete.idempotent")
        ended = conformance(*BRIEF.replace("--report r", "--report tiny").split(), *more, cwd=tmp_path)
        left = [file.name for file in folder.rglob("*") if file.is_file()]
    finally:
        subprocess.run(["/bin/umount", folder], check=True)
    assert ended.code == 4, ended.said
    assert "Traceback" not in ended.said
    assert "INTERNALERROR" not in ended.said
    assert "results.jsonl" not in left
