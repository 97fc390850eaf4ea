"""What networks do by themselves is no broken promise; what a server does each time is."""

import time
from pathlib import Path

import pytest

from conformance.reference.server import STATE_PATH, Reference
from conformance.results.files import RunResults, read
from tests.commanding import Ended
from tests.safety.processes import running, until
from tests.safety.wire import QUIRKS, Wire, wire
from tests.support import conformance

# Every quirk of a network against runs of a dozen rules.
pytestmark = pytest.mark.long

RULES = {
    "cartesia": (
        "delete.succeeds", "delete.active-untouched", "delete.idempotent", "delete.concurrent", "delete.only-this-call",
        "delete.retry-after-500", "delete.lost-reply", "delete.lifecycle", "delete.after-cancel", "redact.omits",
        "redact.marked", "redact.list", "redact.no-trace", "redact.audio-gone", "delete.permanent",
    ),
    "ultravox": (
        "page.complete", "page.size", "page.previous", "page.total", "page.repeatable", "page.stable-under-writes",
        "filter.agents", "filter.from", "filter.partition", "tombstone.exactly-deleted", "tombstone.faithful",
    ),
}  # fmt: skip
BROKEN = {"fail", "warn", "error"}


@pytest.fixture(params=list(RULES))
def reference(request: pytest.FixtureRequest) -> tuple[str, Reference]:
    return request.param, request.getfixturevalue(request.param)


def ran(contract: str, way: Wire, key: str, folder: Path, *more: str) -> tuple[Ended, RunResults]:
    words = ("run", "--contract", contract, "--target", way.url, "--state-url", way.url + STATE_PATH)
    ended = conformance(*words, "--report", "r", *more, cwd=folder, CONFORMANCE_API_KEY=key, within=100)
    return ended, read(folder / "r" / contract)


@pytest.mark.parametrize("quirk", QUIRKS)
def test_a_correct_server_is_not_accused_of_its_network(
    reference: tuple[str, Reference], quirk: str, tmp_path: Path
) -> None:
    contract, server = reference
    rules = RULES[contract][:4] if quirk in {"late", "503 retry 1"} else RULES[contract]
    selected = [word for name in rules for word in ("--select", name)]
    with wire(server.url, quirk) as way:
        ended, results = ran(contract, way, server.api_key, tmp_path, "--examples", "2", *selected)
        assert way.happened[quirk] or quirk in {"late", "closes", "503 retry 1"}, way.happened
    accused = {r.requirement: [f.message for f in r.findings] for r in results.results if r.verdict in BROKEN}
    assert accused == {}, ended.said
    assert ended.code in {0, 10}, ended.said
    assert "internal error" not in ended.said
    for one in results.results:
        if one.verdict == "untestable" and one.level == "MUST":
            assert "disturbed" in (one.reason or ""), one


def test_a_server_that_drops_the_first_delete_of_every_call_is_found(cartesia: Reference, tmp_path: Path) -> None:
    with wire(cartesia.url, "drops each first DELETE") as way:
        ended, results = ran(
            "cartesia", way, cartesia.api_key, tmp_path, "--examples", "3", "--select", "delete.succeeds"
        )
    assert ended.code == 1, ended.said
    assert {f.code for r in results.results for f in r.findings} == {"no-answer"}


def test_a_server_that_never_answers_a_delete_is_found(cartesia: Reference, tmp_path: Path) -> None:
    with wire(cartesia.url, "never deletes") as way:
        began = time.monotonic()
        selected = ("--select", "delete.succeeds", "--select", "redact.omits", "--select", "delete.unknown")
        ended, results = ran("cartesia", way, cartesia.api_key, tmp_path, "--examples", "3", *selected)
        assert time.monotonic() - began < 45
    assert ended.code == 1, ended.said
    assert "no-answer" in {f.code for r in results.results for f in r.findings}


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_target_that_dies_in_the_middle_ends_the_run_with_11_soon(
    cartesia: Reference, workers: str, tmp_path: Path
) -> None:
    with wire(cartesia.url, "") as way:
        words = (
            "run",
            "--contract",
            "cartesia",
            "--target",
            way.url,
            "--state-url",
            way.url + STATE_PATH,
            "-n",
            workers,
        )
        with running(*words, "--report", "r", cwd=tmp_path, CONFORMANCE_API_KEY=cartesia.api_key) as run:
            assert until(lambda: len(way.requests) > 150, 30), run.said
            way.stop()
            assert run.ended(20) == 11, run.said
    results = read(tmp_path / "r/cartesia")
    assert results.end.exit_code == 11
    assert "target unreachable" in run.said
    assert "internal error" not in run.said
    assert [r.requirement for r in results.results if r.findings] == []
