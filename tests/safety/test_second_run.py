"""Names are never used twice: a run beside, after, or after the death of another accuses nobody."""

import json
import signal
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.reference.server import Reference
from conformance.results.files import read
from tests import given
from tests.commanding import Ended
from tests.safety.careless import KEY, Careless, careless
from tests.safety.processes import running, until
from tests.support import Asked, conformance

# Runs one after the other on the same server.
pytestmark = pytest.mark.long

RULES = ("redact.no-trace", "redact.list", "redact.marked", "delete.only-this-call", "delete.permanent")
SELECTED = [word for name in RULES for word in ("--select", name)]


def words(folder: Path, server: Careless, report: str, *more: str) -> Sequence[str]:
    (folder / "c.toml").write_text(
        f'[targets.s]\nurl = "{server.url}"\nstate_url = "{server.state_url}"\napi_key = "{KEY}"\n'
    )
    run = ("run", "--contract", "cartesia", "--target", "s", "--config", "c.toml", "--seed", "5")
    return (*run, "--examples", "3", *SELECTED, "--report", report, *more)


def owners(asked: Sequence[Asked]) -> list[str]:
    """The agents of all calls that were set up, in order."""
    told = [json.loads(one.body) for one in asked if one.path == "/_state"]
    return [one["params"]["call"]["agent_id"] for one in told if one.get("state") == "a call exists"]


def test_the_same_seed_twice_uses_other_names_and_is_conformant_twice(tmp_path: Path) -> None:
    with careless() as server:
        first = conformance(*words(tmp_path, server, "r1"), cwd=tmp_path)
        between = len(server.asked)
        second = conformance(*words(tmp_path, server, "r2"), cwd=tmp_path)
        once, again = owners(server.asked[:between]), owners(server.asked[between:])
    assert (first.code, second.code) == (0, 0), first.said + second.said
    assert set(once)
    assert set(once).isdisjoint(again)
    assert [len(name) for name in once] == [len(name) for name in again]


def test_the_same_nonce_uses_the_same_names(tmp_path: Path) -> None:
    asked = []
    for number in range(2):
        with careless() as server:
            ended = conformance(*words(tmp_path, server, f"r{number}", "--nonce", "X"), cwd=tmp_path)
            assert ended.code == 0, ended.said
            asked.append(owners(server.asked))
    assert asked[0] == asked[1]


def test_a_run_after_a_killed_one_with_the_same_seed_is_conformant(tmp_path: Path) -> None:
    with careless() as server:
        with running(*words(tmp_path, server, "r1"), cwd=tmp_path) as run:
            assert until(lambda: len(owners(server.asked)) > 6, 30), run.said
            run.tell(signal.SIGKILL)
            run.ended(5)
        between = len(server.asked)
        second = conformance(*words(tmp_path, server, "r2"), cwd=tmp_path)
        once, again = set(owners(server.asked[:between])), set(owners(server.asked[between:]))
    assert second.code == 0, second.said
    assert once.isdisjoint(again)


@pytest.mark.parametrize("contract", ["cartesia", "ultravox"])
def test_two_runs_at_the_same_moment_with_the_same_seed_are_conformant(
    contract: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    ended: dict[int, Ended] = {}
    server: Reference = request.getfixturevalue(contract)

    def go(number: int) -> None:
        run = ("run", "--contract", contract, "--target", server.url, "--state-url", server.state_url, "--seed", "5")
        rules = SELECTED if contract == "cartesia" else ("--select", "page.complete", "--select", "filter.agents")
        more = ("--examples", "4", *rules, "--report", f"r{number}")
        ended[number] = conformance(*run, *more, cwd=tmp_path, CONFORMANCE_API_KEY=server.api_key)

    threads = [threading.Thread(target=go, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.code for one in ended.values()] == [0, 0], "".join(one.said for one in ended.values())


def test_three_runs_of_ci_on_one_server_are_conformant(tmp_path: Path) -> None:
    """What is left in the main account by one run must stand in no later one's way."""
    with Reference("cartesia") as server:
        for number in range(3):
            run = ("run", "--contract", "cartesia", "--target", server.url, "--state-url", server.state_url)
            more = (*SELECTED, "--examples", "3", "--report", f"r{number}")
            ended = conformance(*run, *more, cwd=tmp_path, CONFORMANCE_API_KEY=server.api_key)
            assert ended.code == 0, ended.said


def test_preloaded_ids_that_are_spent_are_told_and_accuse_nobody(tmp_path: Path) -> None:
    with Reference("cartesia") as server:
        given.config(tmp_path / "c.toml", server, given.preloaded(server))
        run = ("run", "--contract", "cartesia", "--target", "staging", "--config", "c.toml", "--examples", "2")
        # The last cannot be tested with given ids alone.
        rules = (*SELECTED, "--select", "delete.succeeds", "--select", "delete.lifecycle")
        first = conformance(*run, *rules, "--report", "r1", cwd=tmp_path, CONFORMANCE_API_KEY=server.api_key)
        second = conformance(*run, *rules, "--report", "r2", cwd=tmp_path, CONFORMANCE_API_KEY=server.api_key)
    assert first.code == 10, first.said
    assert second.code == 10, second.said
    results = read(tmp_path / "r2/cartesia")
    assert [r.requirement for r in results.results if r.findings] == []
    assert any("deleted already" in note and "left out" in note for note in results.run.notes), results.run
    assert "deleted already" in second.out
