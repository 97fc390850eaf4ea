"""A target that is far away: a run with eight workers over a run one by one, every answer 50 ms late.

Target and state URL are behind the proxy of `slow_proxy`, which lives in this otherwise idle process. Runs one by one
are asleep nearly all the time, so their repetitions run side by side, each with a reference and a proxy of its own;
runs with `-n 8` run alone. That side by side costs the runs one by one nothing is measured too: the share of a core
that they used together stands in the page.
"""

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.measures import Bound, Options, Raw, Say, median, pathless, prose, table
from benchmarks.running import flags, run
from benchmarks.serving import Server
from benchmarks.slow_proxy import DELAY, delayed

TITLE = "A target that is far away"

WORKERS = 8
LIMIT = 0.2


def measure(options: Options, say: Say) -> Raw:
    """Runs one by one, of all contracts side by side; then runs with `-n 8`, alone."""
    planned = [contract for contract in options.contracts for _ in range(options.repeat)]
    say(f"{len(planned)} runs one by one, side by side; about 15 minutes")
    before = os.times()
    with ThreadPoolExecutor(len(planned)) as pool:
        alone = list(zip(planned, pool.map(lambda contract: _run(contract, 1), planned), strict=True))
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    cores = round(used / (after.elapsed - before.elapsed), 2)
    figures: Raw = {"cores": cores}
    for contract in options.contracts:
        eight = []
        for number in range(1, options.repeat + 1):
            eight.append(_run(contract, WORKERS))
            say(f"{contract}: {number} of {options.repeat} with -n {WORKERS}, {eight[-1]['seconds']:.0f} s")
        figures[contract] = {"one": [run for name, run in alone if name == contract], "eight": eight}
    return figures


def _run(contract: str, workers: int) -> Raw:
    """A run at the fixed seed: wall seconds, requests as the server counted them, and each requirement's verdict."""
    with tempfile.TemporaryDirectory() as name, Server(contract) as server, delayed(server.port) as url:
        folder = Path(name)
        given = flags(contract, url, folder, state_url=server.state_url.replace(server.url, url))
        ran = run([*given, "-n", str(workers)], server.api_key, contract, folder)
        counts = server.counts()
    results = ran.results.results if ran.results else []
    return {
        "seconds": ran.seconds,
        "requests": counts.target + counts.state,
        "verdicts": {line.requirement: line.verdict for line in results},
        "said": "" if results else pathless(ran.said),
    }


def bounds(raw: Raw) -> Iterator[Bound]:
    """A fifth of the time, and not one verdict otherwise."""
    for contract, seen in _figures(raw).items():
        yield Bound(f"{contract}: -n {WORKERS} / one by one, {DELAY * 1000:.0f} ms", LIMIT, _ratio(seen))
        yield Bound(f"{contract}: verdicts that differ with -n {WORKERS}", 0, _different(seen), why="no results")


def _figures(raw: Raw) -> dict[str, Raw]:
    return {name: value for name, value in raw.items() if isinstance(value, dict) and "eight" in value}


def _ratio(seen: Raw) -> float:
    return median(one["seconds"] for one in seen["eight"]) / median(one["seconds"] for one in seen["one"])


def _different(seen: Raw) -> int | None:
    """Requirements whose verdict is not the same in every run; None where a run has no results."""
    verdicts = [one["verdicts"] for one in (*seen["one"], *seen["eight"])]
    if not all(verdicts):
        return None
    return sum(len({one.get(name) for one in verdicts}) > 1 for name in set().union(*verdicts))


def page(raw: Raw) -> Iterator[str]:
    """A row for each contract."""
    figures = _figures(raw)
    yield prose(
        f"A default run, all of it (state URL too) through a proxy that hands every answer on {DELAY * 1000:.0f} ms",
        "late. The runs one by one ran side by side, being asleep most of the time: they and their servers used",
        f"{raw['cores']:.2f} cores together. Those with `-n {WORKERS}` ran alone. One requirement that takes long",
        "makes it bad: it is not shared out.",
    )
    yield ""
    counts = ["requests one by one", f"with -n {WORKERS}", "verdicts that differ"]
    head = ["contract", "repetitions", "ratio", "one by one", f"-n {WORKERS}", *counts]
    yield from table(head, [(contract, *_cells(seen)) for contract, seen in figures.items()])
    for said in {one["said"] for seen in figures.values() for one in (*seen["one"], *seen["eight"])} - {""}:
        yield from ("A run has no results:", "", f"    {said[-300:]!r}", "")


def _cells(seen: Raw) -> list[str]:
    different = _different(seen)
    return [
        str(len(seen["eight"])),
        f"{_ratio(seen):.2f}",
        f"{median(one['seconds'] for one in seen['one']):.0f} s",
        f"{median(one['seconds'] for one in seen['eight']):.0f} s",
        *(f"{median(one['requests'] for one in seen[way]):.0f}" for way in ("one", "eight")),
        "no results" if different is None else str(different),
    ]
