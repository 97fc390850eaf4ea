"""Growth: what a run costs against its depth, and against what lies on the server already.

Depth: default runs but for `--examples`. Population: the main account of a fresh server is filled by the state URL with
calls (Cartesia, one a set-up) or tombstones (Ultravox) a minute apart, then a run of few examples is timed; the list's
contract is run once with its state URL, once without any set-up (`--profile read-only`, the list as it is found). The
exponent is the slope between the medians of the two largest sizes on log-log scales: 1 is linear, 0 is no growth.
"""

import json
import math
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import urllib3

from benchmarks.measures import Bound, Options, Raw, Say, median, prose, table
from benchmarks.running import flags, run
from benchmarks.serving import Server

TITLE = "Growth"

DEPTHS = (10, 20, 40)
POPULATIONS = {"cartesia": (100, 1_000, 10_000), "ultravox": (1_000, 10_000, 100_000)}
_FEW = 8
"""Examples of the runs against a filled server."""
LIMIT = 1.1
_BATCH = 100


def measure(options: Options, say: Say) -> Raw:
    """Both ways to grow, for each contract; the sizes in turn, repetition by repetition."""
    series = []
    for contract in options.contracts:
        series.append({"contract": contract, "what": "examples", **_by_depth(contract, options.repeat, say)})
        series.append(
            {"contract": contract, "what": "calls on the server", **_by_population(contract, options.repeat, say)}
        )
        if contract == "ultravox":
            found = _by_population(contract, options.repeat, say, "--profile", "read-only")
            series.append({"contract": contract, "what": "items of the list as found", **found})
    return {"series": series}


def _by_depth(contract: str, repeat: int, say: Say) -> Raw:
    points: dict[int, list[Raw]] = {depth: [] for depth in DEPTHS}
    for number in range(1, repeat + 1):
        for depth in DEPTHS:
            with Server(contract) as server:
                points[depth].append(_run(contract, server, "--examples", str(depth)))
        took = sum(runs[-1]["seconds"] for runs in points.values())
        say(f"{contract}, {DEPTHS} examples: {number} of {repeat}, {took:.0f} s; {took * (repeat - number):.0f} s left")
    return _series(points)


def _by_population(contract: str, repeat: int, say: Say, *more: str) -> Raw:
    points: dict[int, list[Raw]] = {size: [] for size in POPULATIONS[contract]}
    for size in points:
        with Server(contract) as server:
            _fill(contract, server, size)
            points[size] = [_run(contract, server, "--examples", str(_FEW), *more) for _ in range(repeat)]
        last = points[size][-1]["seconds"]
        say(f"{contract}, {size:,} calls on the server {' '.join(more)}: {repeat} runs, the last in {last:.1f} s")
    return _series(points)


def _series(points: dict[int, list[Raw]]) -> Raw:
    return {"sizes": list(points), "runs": list(points.values())}


def _fill(contract: str, server: Server, size: int) -> None:
    """Set calls up in the main account, a minute apart."""
    pool, then = urllib3.PoolManager(retries=False), datetime(2020, 1, 1, tzinfo=UTC)

    def state(name: str, **params: object) -> None:
        body = json.dumps({"action": "setup", "state": name, "params": params})
        pool.request("POST", server.state_url, body=body, headers={"content-type": "application/json"})

    if contract == "cartesia":
        for _ in range(size):
            state("a call exists", call={"status": "completed"})
        return
    for start in range(0, size, _BATCH):
        moments = [then + timedelta(minutes=start + number) for number in range(_BATCH)]
        state("deleted calls exist", calls=[{"created": moment.isoformat()} for moment in moments])


def _run(contract: str, server: Server, *more: str) -> Raw:
    """Wall seconds of a run, and its requests, set-ups included, as the server counted them."""
    before = server.counts()
    with tempfile.TemporaryDirectory() as name:
        url = None if "read-only" in more else server.state_url
        given = flags(contract, server.url, Path(name), state_url=url)
        ran = run([*given, *more], server.api_key, contract, Path(name)).checked()
    after = server.counts()
    sent = after.target + after.state - before.target - before.state
    return {"seconds": ran.seconds, "requests": sent, "code": ran.code}


def _exponent(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """The slope between the two largest sizes on log-log scales: what is fixed hides growth among small ones."""
    return math.log(costs[-1] / costs[-2]) / math.log(sizes[-1] / sizes[-2])


def _medians(one: Raw, what: str) -> list[float]:
    return [median(run[what] for run in runs) for runs in one["runs"]]


def bounds(raw: Raw) -> Iterator[Bound]:
    """No worse than linear."""
    for one in raw["series"]:
        for what in ("seconds", "requests"):
            exponent = _exponent(one["sizes"], _medians(one, what))
            yield Bound(f"{one['contract']}: exponent of {what} by {one['what']}", LIMIT, exponent)


def page(raw: Raw) -> Iterator[str]:
    """A row for each series: cost at each size over that at the smallest, and the exponent."""
    yield prose(
        f"Whole runs, by median: against `--examples`; against calls on the server before the run (then with {_FEW}",
        "examples). Costs are over those at the smallest size. The exponent is the slope between the two largest sizes",
        "on log-log scales; a cost that grows faster than its cause makes it bad: comparing every item with every",
        "other, walking all that is there. The server's own share is in it.",
    )
    yield ""
    head = [
        "contract",
        "against",
        "sizes",
        "seconds, ratio",
        "exponent",
        "requests, ratio",
        "exponent",
        "at the smallest",
        "repetitions",
    ]
    yield from table(head, [_cells(one) for one in raw["series"]])


def _cells(one: Raw) -> list[str]:
    seconds, requests = _medians(one, "seconds"), _medians(one, "requests")
    shown = [one["contract"], one["what"], ", ".join(f"{size:,}" for size in one["sizes"])]
    for costs in (seconds, requests):
        ratios = ", ".join(f"{cost / costs[0]:.2f}" for cost in costs)
        shown += [ratios, f"{_exponent(one['sizes'], costs):.2f}"]
    return [*shown, f"{seconds[0]:.1f} s, {requests[0]:.0f} requests", str(len(one["runs"][0]))]
