"""A run on a server that is not the suite's own keeps within its bounds, says so beforehand, and leaves nothing out."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3

from conformance.reference.server import STATE_PATH, Reference
from conformance.results.files import RunResults, read
from conformance.results.lines import ResultLine
from tests.commanding import Ended
from tests.support import Answer, Asked, Scripted, conformance, serving

HOP = {"connection", "content-length", "transfer-encoding", "host", "date"}
MADE = {"a call exists": "calls", "live calls exist": "calls", "deleted calls exist": "tombstones"}
MADE["a fresh account exists"] = "accounts"


@dataclass
class Watched:
    """A reference server behind one that remembers what it was asked."""

    script: Scripted
    reference: Reference

    @property
    def made(self) -> dict[str, int]:
        """What was set up, by its kind."""
        made = dict.fromkeys(MADE.values(), 0)
        for asked in self.script.asked:
            if asked.path == STATE_PATH:
                told = json.loads(asked.body)
                if told["action"] == "setup" and told["state"] in MADE:
                    made[MADE[told["state"]]] += len(told["params"].get("calls", [None]))
        return made

    @property
    def wrong_credentials(self) -> list[Asked]:
        """Requests with a credential that nobody was given."""
        return [a for a in self.script.asked if a.path != STATE_PATH and self._key(a) not in {*self.keys, ""}]

    @property
    def keys(self) -> set[str]:
        return {self.reference.api_key, *self.fresh}

    @staticmethod
    def _key(asked: Asked) -> str:
        return asked.headers.get("authorization", "").removeprefix("Bearer").strip() or asked.headers.get(
            "x-api-key", ""
        )

    fresh: set[str]


@contextmanager
def watched(contract: str) -> Iterator[Watched]:
    http = urllib3.PoolManager(maxsize=8, retries=False)
    fresh: set[str] = set()
    with Reference(contract) as reference:

        def answer(asked: Asked) -> Answer:
            headers = {k: v for k, v in asked.headers.items() if k not in HOP}
            got = http.request(
                asked.method, reference.url + asked.path, body=asked.body or None, headers=headers, redirect=False
            )
            if b'"api_key"' in got.data:
                fresh.add(json.loads(got.data)["api_key"])
            return got.status, {k.lower(): v for k, v in got.headers.items() if k.lower() not in HOP}, got.data

        with serving(answer) as script:
            yield Watched(script, reference, fresh)


def ran(server: Watched, contract: str, folder: Path, bounds: str, *words: str) -> tuple[Ended, RunResults]:
    file = folder / "c.toml"
    file.write_text(
        f'[targets.s]\nurl = "{server.script.url}"\nstate_url = "{server.script.url}{STATE_PATH}"\n{bounds}'
    )
    command = ("run", "--contract", contract, "--target", "s", "--config", file, "--report", folder / "r")
    ended = conformance(*command, *words, cwd=folder, CONFORMANCE_API_KEY=server.reference.api_key, within=120)
    return ended, read(folder / "r" / contract)


def unreached(results: RunResults) -> list[ResultLine]:
    return [r for r in results.results if r.verdict == "untestable" or r.examples == r.vacuous > 0]


@pytest.mark.long
@pytest.mark.parametrize("contract", ["cartesia", "ultravox"])
def test_a_run_by_default_keeps_its_bounds_and_reaches_every_requirement(contract: str, tmp_path: Path) -> None:
    with watched(contract) as server:
        ended, results = ran(server, contract, tmp_path, "", "--examples", "12" if contract == "cartesia" else "4")
        assert ended.code == 0, ended.said
        assert server.made["calls"] <= 600
        assert server.made["tombstones"] <= 15_000
        assert server.made["accounts"] <= 60
        assert len(server.wrong_credentials) <= 150
        assert [(r.requirement, r.reason) for r in unreached(results)] == []


@pytest.mark.parametrize(("contract", "workers"), [("cartesia", 1), ("ultravox", 1), ("ultravox", 2)])
def test_small_bounds_are_kept_too(contract: str, workers: int, tmp_path: Path) -> None:
    bounds = "max_calls = 30\nmax_accounts = 3\nmax_tombstones = 200\nwrong_credentials_per_minute = 5\n"
    rules = ("tombstone.faithful", "page.size", "auth.required", "page.complete") if workers > 1 else ()
    quick = [word for name in rules for word in ("--select", name)]
    with watched(contract) as server:
        ended, results = ran(server, contract, tmp_path, bounds, "--examples", "4", "-n", str(workers), *quick)
        made = server.made
        assert made["calls"] <= 30, made
        assert made["tombstones"] <= 200, made
        assert made["accounts"] <= 3, made
        assert len(server.wrong_credentials) <= 6
        assert ended.code in {0, 10}, ended.said
        for one in unreached(results):
            assert one.reason, one.requirement
        if ended.code == 10:
            assert "max_" in ended.out or "wrong_credentials_per_minute" in ended.out, ended.out


@pytest.mark.parametrize("contract", ["cartesia", "ultravox"])
def test_doctor_tells_the_bounds_beforehand(contract: str, tmp_path: Path) -> None:
    bounds = "max_calls = 31\nmax_accounts = 7\nmax_tombstones = 211\nmax_native_calls = 13\n"
    bounds += "max_wrong_credentials = 17\nwrong_credentials_per_minute = 5\n"
    with watched(contract) as server:
        (tmp_path / "c.toml").write_text(
            f'[targets.s]\nurl = "{server.script.url}"\nstate_url = "{server.script.url}{STATE_PATH}"\n{bounds}'
        )
        words = ("doctor", "--contract", contract, "--target", "s", "--config", "c.toml")
        ended = conformance(*words, cwd=tmp_path, CONFORMANCE_API_KEY=server.reference.api_key)
    numbers = ("31", "7", "17", "5") if contract == "cartesia" else ("211", "7", "13", "17", "5")
    assert ended.code == 0, ended.said
    assert [n for n in numbers if n not in ended.out.replace(",", "").split()] == [], ended.out
    assert "request" in ended.out
