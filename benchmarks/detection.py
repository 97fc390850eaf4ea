"""Detection: which faults of the references each tool catches, and which correct servers it flags.

A fault is caught where a tool reports something that it does not report on the correct server, tried `BASELINES` times
with the same seed. A correct server (the reference as it is, and each of its variants) is flagged where a tool reports
anything at all. Two trials run side by side, each with a server of its own, in an order shuffled by a fixed seed; every
tool runs at its own default depth. Requests are counted by the server.

Where a tool reports nothing on the correct server, whatever it reports on a faulty one is a catch: it is told to end
there, which leaves the outcome as it is and is the time to the first finding.
"""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from benchmarks.measures import SCRATCH, SEED, Bound, Options, Raw, Say, median, prose, table
from benchmarks.rivals.peers import VERSIONS
from benchmarks.trial import PEERS, Trial, attempt
from conformance.reference.server import package

TITLE = "Detection"

SUITE, STOCK, EXPERT = "this suite", "Schemathesis, stock", "Schemathesis, expert"
FIRST = {SUITE: "this suite, first finding", EXPERT: "Schemathesis, expert, first failure"}
"""The tools that can be told to end at the first thing that they report, and the trial that does so."""
BASELINES = 3
"""Runs of a tool on the correct server, whose reports are held against those on a faulty one."""
SIDE_BY_SIDE = 2
_PEER_FAULTS, _PEER_VARIANTS = 12, 4
_LEAST_CAUGHT = 0.95


def measure(options: Options, say: Say) -> Raw:
    """Carry every trial out, those on the correct server first."""
    file = SCRATCH / "trials-detection.jsonl"
    raw: Raw = {
        "faults": {c: len(package(c).FAULTS) for c in options.contracts},
        "earlier": len(_kept(file)) if options.resume else 0,
    }
    tools = [SUITE, EXPERT, STOCK, *(PEERS if options.peers else ())]
    plan = [trial for c in options.contracts for tool in tools for trial in _correct(tool, c)]
    raw["trials"] = carry_out(plan, say, file=file, resume=options.resume)
    for contract in options.contracts:
        faults, variants = _drawn(contract, options.sample)
        for tool in tools:
            few = tool in PEERS
            name = FIRST.get(tool, tool) if not alarms(raw, tool, contract) else tool
            plan += (Trial(name, contract, "fault", fault) for fault in faults[: _PEER_FAULTS if few else None])
            plan += (Trial(tool, contract, "variant", one) for one in variants[: _PEER_VARIANTS if few else None])
    raw["trials"] = carry_out(plan, say, file=file, resume=True)
    return {**raw, "versions": VERSIONS if options.peers else {}}


def _correct(tool: str, contract: str) -> list[Trial]:
    return [Trial(tool, contract, "correct")] * (1 if tool == SUITE else BASELINES)


def _drawn(contract: str, sample: int | None) -> list[list[str]]:
    """Names of faults and of variants, in an order drawn by the seed, no more of each than the sample has."""
    chance = random.Random(f"{SEED}:{contract}")  # noqa: S311 - no secret
    switches = [sorted(names) for names in (package(contract).FAULTS, package(contract).VARIANTS)]
    return [chance.sample(names, len(names))[:sample] for names in switches]


def carry_out(plan: Sequence[Trial], say: Say, *, file: Path, resume: bool) -> list[Raw]:
    """Carry trials out side by side, keep each in the file as it ends, and say now and then how far it is.

    With `resume`, those that the file has already, and that did run, are not carried out again.
    """
    wanted, kept = Counter(plan), []
    for one in _kept(file) if resume else []:
        trial = Trial(**{name: one[name] for name in ("tool", "contract", "kind", "name")})
        if wanted[trial]:
            wanted[trial] -= 1
            kept.append(one)
    left = list(wanted.elements())
    random.Random(SEED).shuffle(left)  # noqa: S311 - no secret
    file.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with file.open("a" if resume else "w", encoding="utf-8") as out, ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        running = [pool.submit(attempt, trial) for trial in left]
        for number, future in enumerate(as_completed(running), 1):
            kept.append(future.result())
            print(json.dumps(kept[-1]), file=out, flush=True)
            if number % 20 == 0 or number == len(left):
                minutes = (time.monotonic() - began) / number * (len(left) - number) / 60
                say(f"{number} of {len(left)} trials, about {minutes:.0f} minutes left")
    return kept


def _kept(file: Path) -> list[Raw]:
    lines = file.read_text("utf-8").splitlines() if file.exists() else []
    return [trial for trial in map(json.loads, lines) if not trial["error"]]


def of(raw: Raw, tool: str, contract: str, *kinds: str) -> list[Raw]:
    """A tool's trials, those that ended at the first finding too."""
    names = {tool, FIRST.get(tool)}
    return [t for t in raw["trials"] if t["tool"] in names and t["contract"] == contract and t["kind"] in kinds]


def alarms(raw: Raw, tool: str, contract: str) -> set[str]:
    """What a tool reports on the correct server."""
    return {failure for trial in of(raw, tool, contract, "correct") for failure in trial["failures"]}


def caught(raw: Raw, tool: str, contract: str) -> set[str]:
    """The faults that a tool catches."""
    false = alarms(raw, tool, contract)
    return {trial["name"] for trial in of(raw, tool, contract, "fault") if set(trial["failures"]) - false}


def _contracts(raw: Raw) -> list[str]:
    return list(raw["faults"])


def bounds(raw: Raw) -> Iterator[Bound]:
    """Most faults caught, no correct server flagged, and more caught than by any other tool on the same faults."""
    for contract in _contracts(raw):
        tried = of(raw, SUITE, contract, "fault")
        mine = caught(raw, SUITE, contract)
        lawful = of(raw, SUITE, contract, "variant", "correct")
        flagged = sum(bool(trial["failures"] or trial["error"]) for trial in lawful)
        yield Bound(f"{contract}: share of faults caught", _LEAST_CAUGHT, len(mine) / len(tried), least=True)
        yield Bound(f"{contract}: correct servers flagged", 0, flagged)
        best = len(caught(raw, EXPERT, contract))
        ratio = len(mine) / best if best else None
        why = "expert Schemathesis caught none"
        yield Bound(f"{contract}: faults caught / by expert Schemathesis", 1.0, ratio, least=True, why=why)


def page(raw: Raw) -> Iterator[str]:
    """A table for each contract, and what each of the two best tools missed."""
    yield prose(
        "Each reference server with one deliberate fault at a time, with each lawful variant, and as it is. A",
        f"fault is caught where a tool reports what it does not report on the correct server ({BASELINES} runs,",
        "same seed); a correct server is flagged where it reports anything. Faults that are missed and correct",
        f"servers that are flagged make it bad. Every tool ran at its default depth with seed {SEED} where it takes",
        "one, two trials side by side; requests as the server counted them, those to its state URL apart. This",
        "suite and expert Schemathesis, where silent on the correct server, ended at their first finding on a",
        "faulty one (`-x --strict`, `--max-failures 1`). Expert Schemathesis: document corrected and extended, real",
        "calls, wrong checks off, a check of some twenty lines (`benchmarks/rivals/`). The faults are the suite's",
        "own: they are what its authors thought of.",
    )
    yield ""
    for contract in _contracts(raw):
        tools = {t["tool"] for t in raw["trials"] if t["contract"] == contract} - {*FIRST.values()}
        tried = len(of(raw, SUITE, contract, "fault"))
        yield f"**{contract}**: {tried} of {raw['faults'][contract]} faults" + (
            ", drawn by a fixed seed." if tried < raw["faults"][contract] else "."
        )
        yield ""
        head = [
            "tool",
            "faults caught",
            "correct servers flagged",
            "requests, set-ups on a fault",
            "seconds on a fault",
            "did not run",
        ]
        yield from table(head, [_cells(raw, tool, contract) for tool in sorted(tools, key=_order)])
        yield from _missed(raw, contract)


def _order(tool: str) -> int:
    return [SUITE, EXPERT, STOCK, *PEERS].index(tool)


def _cells(raw: Raw, tool: str, contract: str) -> list[str]:
    faulty, lawful = of(raw, tool, contract, "fault"), of(raw, tool, contract, "variant", "correct")
    ran = [trial for trial in faulty if not trial["error"]]
    broken = [trial for trial in (*faulty, *lawful) if trial["error"]]
    if not ran:
        return [tool, *["did not run"] * 4, broken[0]["error"][:120]]
    servers = {trial["name"]: bool(trial["failures"]) for trial in lawful if not trial["error"]}
    return [
        tool,
        f"{len(caught(raw, tool, contract))} of {len(ran)}",
        f"{sum(servers.values())} of {len(servers)}",
        f"{_median(ran, 'requests'):.0f}, {_median(ran, 'set_ups'):.0f}",
        f"{_median(ran, 'seconds'):.1f}",
        f"{len(broken)}: {broken[0]['error'][:80]!r}" if broken else "0",
    ]


def _median(trials: Sequence[Raw], what: str) -> float:
    return median(float(trial[what]) for trial in trials)


def _missed(raw: Raw, contract: str) -> Iterator[str]:
    mine, theirs = caught(raw, SUITE, contract), caught(raw, EXPERT, contract)
    tried = {trial["name"] for trial in of(raw, SUITE, contract, "fault")}
    flagged: list[Any] = [t for t in of(raw, SUITE, contract, "variant", "correct") if t["failures"] or t["error"]]
    yield prose(
        f"Missed by this suite: {_names(tried - mine)}. Of these, caught by expert Schemathesis:",
        f"{_names(theirs - mine)}.",
    )
    told = "; ".join(f"`{t['name'] or 'as it is'}` ({', '.join(t['failures']) or t['error'][:80]})" for t in flagged)
    yield f"Flagged by this suite: {told or 'none'}."
    yield ""


def _names(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names)) or "none"
