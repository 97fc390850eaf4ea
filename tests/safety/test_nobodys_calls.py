"""Calls that the suite was never told of stay whole, however carelessly a server finds calls by their ids."""

import json
import string
import urllib.parse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conformance.engine.exploring import explore, final_sweep
from conformance.engine.plan import make_plan
from conformance.engine.preflight import preflight
from conformance.engine.recording import record
from conformance.engine.rule import attach_monitors
from conformance.engine.run import Run
from conformance.protocol import generated
from conformance.report import summary
from conformance.results.ending import Ending
from conformance.results.files import RunResults, write
from conformance.targets.config import Options
from tests.safety.careless import KEY, SENTINELS, Careless, careless
from tests.support import Asked, conformance

SAFE = {"GET", "HEAD", "OPTIONS"}
ODD = {"", "%", "*", "_", "0", "null", "-1", "'", '"', ";", "{}", "$where", "<b>"}
NARROW = ("delete.unknown", "delete.succeeds", "auth.required", "header.version", "redact.list")
"""What sends ids that are none, beside `input.no-5xx`, which takes as long as all of these."""
DEEP = ("delete.unknown", "input.no-5xx")
"""Where every odd id, and every batch of malformed requests, must have its turn."""
ACCOUNTS_AND_IDS = [
    *((matching, "random") for matching in ("like", "prefix", "suffix", "truncating", "no case", "glob", "regex")),
    *((matching, "random") for matching in ("injection", "number", "accounts ignored")),
    *((matching, "sequential") for matching in ("like", "prefix", "truncating", "injection", "number")),
    *((matching, "uuid") for matching in ("like", "no case", "regex")),
    *((matching, "objectid") for matching in ("prefix", "glob", "injection")),
]


@pytest.fixture(scope="module", autouse=True)
def drawn_once() -> Iterator[None]:
    """What Schemathesis draws depends on the seed alone, one for all runs here; what is sent of it, on each run."""
    known: dict[str, list[Any]] = {}
    draw = generated._drawn

    def drawn(strategy: Any, seed: str) -> list[Any]:
        return known[seed] if seed in known else known.setdefault(seed, draw(strategy, seed))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(generated, "_drawn", drawn)
        yield


@dataclass
class Mode:
    """What the suite is told of a target."""

    name: str
    profile: str = "full"
    states: bool = False
    given: bool = False

    def lines(self, server: Careless, *more: str) -> str:
        stated = [f'[targets.s]\nurl = "{server.url}"\napi_key = "{KEY}"', *more]
        if self.states:
            stated.append(f'state_url = "{server.state_url}"')
        if self.given:
            ids = [
                server.add("main", {"agent_id": "agent_given", "status": "completed"}, b"RIFF", ["x"]) for _ in "123"
            ]
            stated.append(f"[targets.s.preloaded]\ncompleted = {json.dumps(ids)}")
        return "\n".join(stated) + "\n"


FULL = Mode("full", states=True)
MODES = {
    one.name: one
    for one in (
        FULL,
        Mode("without states"),
        Mode("stateless", "stateless"),
        Mode("stateless with a state URL", "stateless", states=True),
        Mode("read-only", "read-only", states=True),
        Mode("preloaded", given=True),
    )
}


@dataclass
class Tried:
    """A run in this process: what it came to, and all that it would write."""

    run: Run
    results: RunResults
    written: str


def tried(
    server: Careless, mode: Mode, folder: Path, *more: str, select: Sequence[str] = NARROW, depth: int = 16
) -> Tried:
    config = folder / "c.toml"
    config.write_text(mode.lines(server, *more))
    asked = Options(
        contracts=["cartesia"], target="s", config=str(config), profile=mode.profile, seed=3, examples=depth
    )
    plan = make_plan(asked)
    assert plan.target is not None
    run = Run(
        plan.contracts[0], plan.target, seed=plan.seed, depth=depth, profile=mode.profile, shrink=False, stop=True
    )
    attach_monitors(run)
    notes = preflight(run)
    chosen = [r for r in run.contract.requirements if not select or r.rule in select]
    for requirement in chosen:
        rule = plan.rules[requirement.rule]
        if not run.needs.left_out(rule.needs, read_only=rule.read_only):
            run.depth = depth if rule.id in DEEP else 2
            explore(run, requirement, rule)
            if rule.sweep:
                final_sweep(run, requirement, rule)
    run.set_ups.tear_down()
    names = {r.id for r in chosen}
    results = record(run, plan, names, ending=Ending(0), started="2026-01-01T00:00:00Z", notes=notes)
    write(folder / "results.jsonl", results)
    return Tried(run, results, (folder / "results.jsonl").read_text() + summary.render(results) + "".join(notes))


def unsafe(server: Careless) -> list[tuple[Asked, str]]:
    """Every request that could change something, with the id that it names."""
    found = []
    for asked in server.asked:
        path = asked.path.partition("?")[0]
        if asked.method not in SAFE and path != "/_state":
            found.append((asked, urllib.parse.unquote(path.removeprefix("/agents/calls/").split("/")[0])))
    return found


def given_out(server: Careless) -> set[str]:
    return set(server.given)


def assert_whole(server: Careless, written: str) -> None:
    changed = [i for i, seen in server.whole().items() if seen != server.untouched[i]]
    assert changed == [], f"strangers' calls were touched; unsafe ids sent: {sorted({i for _, i in unsafe(server)})}"
    assert len(server.whole()) == len(server.strangers)
    assert [name for name, content in SENTINELS.items() if content in written] == []
    assert [i for i in server.strangers if len(i) > 8 and i in written] == []


def touched(results: RunResults) -> list[str]:
    found = [(r.rule, f.code) for r in results.results for f in r.findings]
    return [rule for rule, code in found if code == "touched"]


@pytest.mark.parametrize(("matching", "ids"), ACCOUNTS_AND_IDS, ids=str)
def test_strangers_calls_stay_whole_in_a_full_run(matching: str, ids: str, tmp_path: Path) -> None:
    with careless(matching, ids, shows_all=True) as server:
        done = tried(server, FULL, tmp_path)
        assert_whole(server, done.written)
        for _, call_id in unsafe(server):
            assert call_id not in ODD or touched(done.results) == [], call_id


@pytest.mark.parametrize("mode", [m for m in MODES.values() if m is not FULL], ids=lambda mode: mode.name)
@pytest.mark.parametrize(("matching", "ids"), [("like", "random"), ("truncating", "sequential"), ("regex", "objectid")])
def test_strangers_calls_stay_whole_in_every_mode(matching: str, ids: str, mode: Mode, tmp_path: Path) -> None:
    with careless(matching, ids, shows_all=True) as server:
        done = tried(server, mode, tmp_path)
        assert_whole(server, done.written)
        ours = given_out(server)
        for asked, call_id in unsafe(server):
            assert call_id in ours or len(call_id) >= 20, (asked.method, call_id)
            assert call_id not in ODD


@pytest.mark.parametrize("matching", ["like", "prefix", "glob", "regex", "injection", "truncating", "accounts ignored"])
def test_a_careless_match_is_found_on_our_own_call_and_nothing_broader_is_sent(matching: str, tmp_path: Path) -> None:
    with careless(matching) as server:
        done = tried(server, FULL, tmp_path, select=["delete.unknown"])
        assert "delete.unknown" in touched(done.results), done.written
        assert_whole(server, done.written)
        assert ODD.isdisjoint(call_id for _, call_id in unsafe(server))


def test_odd_ids_are_sent_where_nothing_matters(tmp_path: Path) -> None:
    with careless() as server:
        done = tried(server, FULL, tmp_path, "disposable = true", select=["delete.unknown"])
        assert {"%", "*", "0", "null"} <= {call_id for _, call_id in unsafe(server)}
        assert done.results.end.overall == "conformant", done.written


def test_odd_ids_are_sent_where_the_staged_probe_held(tmp_path: Path) -> None:
    with careless() as server:
        done = tried(server, FULL, tmp_path, select=["delete.unknown"])
        assert {"%", "*"} <= {call_id for _, call_id in unsafe(server)}
        assert touched(done.results) == []
        assert_whole(server, done.written)


@pytest.mark.parametrize("mode", MODES.values(), ids=lambda mode: mode.name)
def test_generated_input_names_nobodys_call_either(mode: Mode, tmp_path: Path) -> None:
    """DELETE, cancel, PUT and PATCH of Schemathesis' making, all fifteen batches."""
    with careless("like", shows_all=True) as server:
        done = tried(server, mode, tmp_path, select=["input.no-5xx", "schema.response", "status.documented"])
        assert_whole(server, done.written)
        ours = given_out(server)
        assert [i for _, i in unsafe(server) if i not in ours and (len(i) < 20 or i.strip("%_*") == "")] == []
        methods = {asked.method for asked, _ in unsafe(server)}
        if mode.profile == "read-only":
            assert methods == set()
        else:
            assert {"DELETE", "POST", "PUT", "PATCH"} <= methods


def test_a_run_that_may_only_read_sends_nothing_else(tmp_path: Path) -> None:
    with careless("like") as server:
        tried(server, MODES["read-only"], tmp_path, select=(), depth=3)
        assert {asked.method for asked in server.asked} <= SAFE


def test_a_made_up_id_is_no_strangers_where_the_server_reads_no_further_than_it_knows(tmp_path: Path) -> None:
    """Ids are counted up, every number of three digits is a stranger's, and a made-up id begins with one."""
    with careless("truncating", "sequential") as server:
        server.more_strangers(str(number) for number in range(200, 1000))
        done = tried(server, FULL, tmp_path)
        assert_whole(server, done.written)


@pytest.mark.parametrize("matching", ["suffix", "substring"])
def test_one_character_of_an_id_is_not_sent_where_it_can_match_a_strangers(matching: str, tmp_path: Path) -> None:
    with careless(matching) as server:
        server.more_strangers(f"ac_{'x' * 21}{last}" for last in string.ascii_letters + string.digits)
        done = tried(server, FULL, tmp_path, select=["delete.unknown"])
        assert_whole(server, done.written)


def test_the_same_server_is_conformant_where_it_matches_exactly(tmp_path: Path) -> None:
    with careless() as server:
        (tmp_path / "c.toml").write_text(FULL.lines(server))
        words = ("run", "--contract", "cartesia", "--target", "s", "--config", "c.toml", "--examples", "3")
        rules = (
            "delete.lifecycle",
            "delete.retry-after-500",
            "redact.no-trace",
            "redact.zero-retention",
            "auth.required",
        )
        ended = conformance(*words, *(word for name in rules for word in ("--select", name)), cwd=tmp_path)
        assert ended.code == 0, ended.said


@pytest.mark.parametrize("mode", [FULL, MODES["preloaded"]], ids=lambda mode: mode.name)
def test_nothing_of_a_strangers_call_is_written_by_the_command(mode: Mode, tmp_path: Path) -> None:
    """Reports, terminal, and what Hypothesis and the suite remember where no CI is set."""
    with careless("regex", shows_all=True) as server:
        (tmp_path / "c.toml").write_text(mode.lines(server))
        rules = [word for name in ("delete.unknown", "redact.list", "delete.succeeds") for word in ("--select", name)]
        words = ("run", "--contract", "cartesia", "--target", "s", "--config", "c.toml", *rules, "--examples", "4")
        ended = conformance(*words, cwd=tmp_path, CI="")
        reports = ("--html", "r.html", "--markdown", "r.md", "--junit", "r.xml")
        made = conformance("report", "reports/runs/cartesia", *reports, cwd=tmp_path)
        assert made.code == 0, made.said
        files = [file for file in tmp_path.rglob("*") if file.is_file()]
        written = "".join(file.read_bytes().decode("utf-8", "replace") for file in files if file.name != "c.toml")
        assert_whole(server, ended.said + made.said + written)
    if mode is FULL:
        assert ended.code == 1, ended.said
        assert (tmp_path / ".hypothesis").exists()
