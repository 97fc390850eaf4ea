"""Side by side: the verdicts of a run with several workers against those of a run one by one, on faulty servers.

A sample of faults, drawn by a fixed seed, and the correct server: each is run once one by one and once with
`-n WORKERS`, at full depth and with the same seed, each time on a fresh server. Compared are the verdicts of all
requirements, and whether the run ends the same way; what a finding looks like may differ.
"""

import random
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.measures import SEED, Bound, Options, Raw, Say, prose, table
from benchmarks.running import flags, run
from benchmarks.serving import Server
from conformance.reference.server import package

TITLE = "Side by side"

WORKERS = 4
_FAULTS = 10


def measure(options: Options, say: Say) -> Raw:
    """Both ways for every server of the sample."""
    return {"servers": [_server(contract, fault, say) for contract in options.contracts for fault in _sample(contract)]}


def _sample(contract: str) -> list[str]:
    """Faults by name; the empty name is the correct server."""
    chance = random.Random(f"side by side:{SEED}:{contract}")  # noqa: S311 - no secret
    return ["", *chance.sample(sorted(package(contract).FAULTS), _FAULTS)]


def _server(contract: str, fault: str, say: Say) -> Raw:
    with ThreadPoolExecutor(2) as pool:
        one, several = pool.map(lambda workers: _verdicts(contract, fault, workers), (1, WORKERS))
    names = one.keys() | several.keys()
    differ = [
        f"{name}: {one.get(name)}, {several.get(name)}" for name in sorted(names) if one.get(name) != several.get(name)
    ]
    say(f"{contract}, {fault or 'correct'}: {'; '.join(differ) or 'the same'}")
    broken = sum(verdict in {"fail", "warn"} for verdict in one.values())
    return {"contract": contract, "fault": fault, "requirements": len(one), "broken": broken, "differ": differ}


def _verdicts(contract: str, fault: str, workers: int) -> dict[str, str]:
    with tempfile.TemporaryDirectory() as name, Server(contract, faults=[fault] if fault else []) as server:
        given = flags(contract, server.url, Path(name), state_url=server.state_url)
        results = run([*given, "-n", str(workers)], server.api_key, contract, Path(name)).checked().results
    return {line.requirement: line.verdict for line in results.results} if results else {}


def bounds(raw: Raw) -> Iterator[Bound]:
    """Not one verdict differs, and the faults were seen at all."""
    faulty = [seen for seen in raw["servers"] if seen["fault"]]
    yield Bound(f"verdicts that differ with -n {WORKERS}", 0, sum(len(seen["differ"]) for seen in raw["servers"]))
    caught = sum(seen["broken"] > 0 for seen in faulty)
    yield Bound("side by side: share of the sampled faults that were seen", 0.95, caught / len(faulty), least=True)


def page(raw: Raw) -> Iterator[str]:
    """A row for each contract, and every verdict that differs."""
    yield prose(
        f"The correct server and {_FAULTS} faults of each contract, drawn by a fixed seed: the verdict of every",
        f"requirement with `-n {WORKERS}` against that of a run one by one, same seed, full depth, fresh servers. A",
        "requirement that sees another's calls, or needs what another did, makes it bad.",
    )
    yield ""
    rows = []
    for contract in dict.fromkeys(seen["contract"] for seen in raw["servers"]):
        of = [seen for seen in raw["servers"] if seen["contract"] == contract]
        verdicts, differ = sum(s["requirements"] for s in of), sum(len(s["differ"]) for s in of)
        rows.append([contract, str(len(of)), f"{verdicts:,}", str(sum(s["broken"] for s in of)), str(differ)])
    yield from table(["contract", "servers", "verdicts", "broken promises", "verdicts that differ"], rows)
    for seen in raw["servers"]:
        yield from (f"- {seen['contract']} `{seen['fault']}`: {one}" for one in seen["differ"])
    yield ""
