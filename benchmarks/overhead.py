"""Overhead: a default run over the same requests sent one after the other by the bare HTTP client.

A run is recorded once: every request, set-ups too. Then, repetition by repetition, a fresh reference is given the
run by the real command, and another fresh reference the recorded requests by one urllib3 pool that keeps its
connections, reads each answer whole and does nothing with it. The references issue the same ids each time (see
`serving`), so that the requests mean the same and are answered alike; the share of answers whose status is the
recorded one is measured too, for without it the comparison would be unfair.

The breakdown is of one more run, sampled (see `watched_run`), its shares taken of that run's own wall time.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import urllib3

from benchmarks.measures import SEED, Bound, Options, Raw, Say, median, prose, table, timed
from benchmarks.running import environment, flags, run
from benchmarks.serving import Server

TITLE = "Overhead of a run"

LIMIT = 3.0
GOAL = 2.0
_ALIKE = 0.99
"""Least share of the re-sent requests that must be answered with the recorded status."""


def measure(options: Options, say: Say) -> Raw:
    """Each contract's runs, its re-sent requests, and where a run's time goes."""
    return {contract: _contract(contract, options, say) for contract in options.contracts}


def _contract(contract: str, options: Options, say: Say) -> Raw:
    runs, bare, alike = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        say(f"{contract}: recording a run")
        with Server(contract, fixed_ids=True) as server:
            port = server.port
            _watched("record", folder / "requests", contract, server, folder)
        lines = (folder / "requests").read_text("utf-8").splitlines()
        requests = sorted((json.loads(line) for line in lines), key=lambda request: request[-1])
        for number in range(1, options.repeat + 1):
            with Server(contract, fixed_ids=True, port=port) as server:
                given = flags(contract, server.url, folder, state_url=server.state_url)
                ran = run(given, server.api_key, contract, folder).checked()
                sent = server.counts()
            runs.append(ran.seconds)
            with Server(contract, fixed_ids=True, port=port), timed() as clock:
                same = _sent_again(requests)
            bare.append(clock.seconds)
            alike.append(same / len(requests))
            left = (options.repeat - number) * (runs[-1] + bare[-1])
            say(f"{contract}: {number} of {options.repeat}, {runs[-1]:.1f} s and {bare[-1]:.1f} s; {left:.0f} s left")
        with Server(contract, fixed_ids=True, port=port) as server:
            shares = _watched("sample", folder / "shares", contract, server, folder)
    return {
        "runs": runs,
        "bare": bare,
        "alike": alike,
        "resent": len(requests),
        "sent": sent.target + sent.state,
        "shares": shares,
    }


def _watched(how: str, out: Path, contract: str, server: Server, folder: Path) -> Any:
    given = flags(contract, server.url, folder, state_url=server.state_url)
    command = [sys.executable, "-m", "benchmarks.watched_run", how, str(out), "--", *given]
    subprocess.run(command, check=True, capture_output=True, env=environment(server.api_key))
    return json.loads(out.read_text("utf-8")) if how == "sample" else None


def _sent_again(requests: list[list[Any]]) -> int:
    """Send the requests one after the other; how many were answered with the recorded status."""
    pool = urllib3.PoolManager(maxsize=16, retries=False)
    same = 0
    for method, url, headers, body, status, _ in requests:
        content = None if body is None else body.encode("latin-1")
        answer = pool.urlopen(method, url, body=content, headers=headers, redirect=False)
        same += answer.status == status
    pool.clear()
    return same


def bounds(raw: Raw) -> Iterator[Bound]:
    """At most three times the bare client, and the answers must have been the same ones."""
    for contract, figures in _figures(raw).items():
        yield Bound(f"{contract}: run / bare client", LIMIT, median(figures["runs"]) / median(figures["bare"]))
        yield Bound(f"{contract}: re-sent requests answered alike", _ALIKE, min(figures["alike"]), least=True)


def _figures(raw: Raw) -> dict[str, Raw]:
    return {name: value for name, value in raw.items() if isinstance(value, dict) and "runs" in value}


def page(raw: Raw) -> Iterator[str]:
    """Ratio, breakdown, and what would have to go for the goal."""
    figures = _figures(raw)
    yield prose(
        "Wall time of `conformance run` (defaults, one process, the reference in another) over that of the same",
        "requests, set-ups too, sent again one after the other by a bare urllib3 pool to a fresh reference that",
        "issues the same ids. Requests that must be cut off or sent at the same moment are cut off and threaded in",
        "the run only.",
    )
    yield ""
    yield from table(
        ["contract", "repetitions", "run / bare client", "run", "bare client", "requests in the run, re-sent", "alike"],
        [
            (
                contract,
                len(seen["runs"]),
                f"{median(seen['runs']) / median(seen['bare']):.2f}",
                f"{median(seen['runs']):.1f} s",
                f"{median(seen['bare']):.1f} s",
                f"{seen['sent']}, {seen['resent']}",
                f"{min(seen['alike']):.2%}",
            )
            for contract, seen in figures.items()
        ],
    )
    yield f"Where a run's wall time goes, by samples of it, 1,000 a second; seed {SEED}:"
    yield ""
    places = sorted({place for seen in figures.values() for place in seen["shares"]})
    yield from table(
        ["share of the run", *figures], [(p, *(f"{_share(s, p):.0%}" for s in figures.values())) for p in places]
    )
    for contract, seen in figures.items():
        yield _to_the_goal(contract, seen)
    yield ""


def _share(seen: Raw, place: str) -> float:
    return float(seen["shares"].get(place, 0) / sum(seen["shares"].values()))


def _to_the_goal(contract: str, seen: Raw) -> str:
    """How much of the run's own time would have to go for the goal, and where most of it lies."""
    ratio = median(seen["runs"]) / median(seen["bare"])
    if ratio <= GOAL:
        return f"- {contract} is at {ratio:.2f} already, {GOAL:g} or better."
    excess = (ratio - GOAL) / ratio
    own = sorted((p for p in seen["shares"] if not p.startswith("HTTP")), key=lambda place: -seen["shares"][place])
    largest = ", ".join(f"{place} {_share(seen, place):.0%}" for place in own[:3])
    return f"- {contract}: for {GOAL:g}, {excess:.0%} of the run's time would have to go; the largest parts: {largest}."
