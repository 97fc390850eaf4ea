"""A long list: all that the rules judge of one walk, over fetching and parsing its pages and judging nothing.

The reference's main account and accounts of a thousandth, a hundredth and a tenth of the length are filled by the state
URL. Each is walked at page size 100 by the bare client and by the suite in turn, each walk in a process of its own
(see `long_walk`). A walk that is not judged after `PATIENCE` times the bare client's time is given up: then its
requirement is missed, and the page says how far it came.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import urllib3

from benchmarks.long_walk import CONTRACT
from benchmarks.measures import Bound, Options, Raw, Say, median, prose, table
from benchmarks.serving import Server

TITLE = "A long list"

PAGE = 100
PATIENCE = 3.0
_LEAST_PATIENCE = 20.0
"""Seconds that every walk is given."""
_SHARES = (1000, 100, 10, 1)
"""The lists' lengths, as parts of the whole."""
_SHORTEST = 10 * PAGE
_TIMES, _BYTES, _GROWTH = 1.3, 64.0, 1.2


@dataclass(frozen=True)
class _List:
    """A filled account: its key, and a file with the ids of its calls."""

    items: int
    key: str
    calls: Path


def measure(options: Options, say: Say) -> Raw:
    """Fill the lists, then walk each `repeat` times both ways."""
    with tempfile.TemporaryDirectory() as name, Server(CONTRACT) as server:
        lengths = [options.items // share for share in _SHARES if options.items >= share * _SHORTEST]
        lists = [_filled(server, length, Path(name), say) for length in lengths]
        return {"lists": [_walks(server, one, options.repeat, Path(name), say) for one in lists]}


def _filled(server: Server, items: int, folder: Path, say: Say) -> _List:
    """An account of its own with so many deleted calls, set up a hundred at a time."""
    pool = urllib3.PoolManager(retries=False)

    def state(name: str, **params: object) -> Raw:
        body = json.dumps({"action": "setup", "state": name, "params": params})
        headers = {"content-type": "application/json"}
        answer: Raw = json.loads(pool.urlopen("POST", server.state_url, body=body, headers=headers).data)
        return answer

    key = str(state("a fresh account exists")["api_key"])
    file = folder / f"calls-{items}"
    with file.open("w", encoding="utf-8") as out:
        for done in range(0, items, PAGE):
            ids = state("deleted calls exist", api_key=key, calls=[{}] * min(PAGE, items - done))["call_ids"]
            out.writelines(f"{call}\n" for call in ids)
            if done and done % 200_000 == 0:
                say(f"{done:,} of {items:,} calls set up")
    say(f"a list of {items:,} is set up")
    return _List(items, key, file)


def _walks(server: Server, one: _List, repeat: int, folder: Path, say: Say) -> Raw:
    """Both walks in turn; once one of the suite's was given up, no further one is tried."""
    bare, suite, given_up = [], [], 0.0
    for number in range(repeat):
        bare.append(_walk("bare", server, one, folder, None))
        patience = max(_LEAST_PATIENCE, PATIENCE * bare[-1]["walk"])
        if not given_up:
            suite.append(_walk("suite", server, one, folder, patience))
            given_up = 0.0 if "judge" in suite[-1] else patience
        say(f"{one.items:,} items, {number + 1} of {repeat}: {_told(bare[-1])} bare, {_told(suite[-1])} by the suite")
    return {"items": one.items, "bare": bare, "suite": suite, "given_up_seconds": given_up}


def _told(walk: Raw) -> str:
    if "judge" in walk:
        return f"{walk['walk']:.1f} s and {walk['judge']:.1f} s to judge"
    return f"{walk['walk']:.1f} s" if "walk" in walk else "given up"


def _walk(how: str, server: Server, one: _List, folder: Path, patience: float | None) -> Raw:
    """What a walk told; of one that took too long, what it told before it was given up, which may be nothing."""
    out = folder / "told"
    out.unlink(missing_ok=True)
    given = [how, server.url, one.key, str(one.calls), str(PAGE), str(out)]
    try:
        subprocess.run([sys.executable, "-m", "benchmarks.long_walk", *given], check=True, timeout=patience)
    except subprocess.TimeoutExpired:
        if not out.exists():
            return {}
    told: Raw = json.loads(out.read_text("utf-8"))
    return told


def _ratio(seen: Raw) -> float | None:
    """The suite's time over the bare client's; None where a walk was given up, or its judges were wrong."""
    if seen["given_up_seconds"] or any(walk["violations"] for walk in seen["suite"]):
        return None
    return median(w["walk"] + w["judge"] for w in seen["suite"]) / median(w["walk"] for w in seen["bare"])


def _bytes(seen: Raw) -> float | None:
    """Bytes an item by which memory grew, at the most; None where the walk itself was given up."""
    grew = [walk["grew"] / seen["items"] for walk in seen["suite"] if "grew" in walk]
    return median(grew) if grew else None


def _along(seen: Raw, who: str) -> float | None:
    """The median page of the last tenth over that of the first."""
    ratios = [walk["last"] / walk["first"] for walk in seen[who] if "first" in walk]
    return median(ratios) if ratios else None


def bounds(raw: Raw) -> Iterator[Bound]:
    """Time, memory, and that a page costs the same everywhere, of the longest list."""
    seen = max(raw["lists"], key=lambda one: one["items"])
    name = f"{seen['items']:,} items"
    why = f"given up after {seen['given_up_seconds']:.0f} s" if seen["given_up_seconds"] else "found wrong"
    yield Bound(f"{name}: walk and judge / fetch and parse", _TIMES, _ratio(seen), why=why)
    yield Bound(f"{name}: bytes an item at the peak", _BYTES, _bytes(seen), why=why)
    yield Bound(f"{name}: a page of the last tenth / of the first", _GROWTH, _along(seen, "suite"), why=why)


def page(raw: Raw) -> Iterator[str]:
    """A row for each length."""
    yield prose(
        f"The Ultravox reference, page size {PAGE}: the suite's walk and everything that its `page.*` rules judge",
        "of it, over following `next` with urllib3 and parsing with `json.loads`; in turn, each in its own",
        "process, by median. Memory is the peak resident size over that before the walk, the ids to expect left",
        "out. Judges that compare item by item, or keep the pages, make it bad; such a walk is given up after",
        f"{PATIENCE:g} times the bare one's time.",
    )
    yield ""
    head = [
        "items",
        "repetitions",
        "suite / bare",
        "bare",
        "suite's walk",
        "judging",
        "bytes an item",
        "last / first tenth",
        "the bare walk's",
    ]
    yield from table(head, [_cells(seen) for seen in raw["lists"]])


def _cells(seen: Raw) -> list[str]:
    ratio, grew, along, plain = _ratio(seen), _bytes(seen), _along(seen, "suite"), _along(seen, "bare")
    walked = [walk["walk"] for walk in seen["suite"] if "walk" in walk]
    judged = [walk["judge"] for walk in seen["suite"] if "judge" in walk]
    gone = f"given up after {seen['given_up_seconds']:.0f} s"
    return [
        f"{seen['items']:,}",
        f"{len(seen['bare'])}, {len(seen['suite'])}",
        f"{ratio:.2f}" if ratio else gone,
        f"{median(walk['walk'] for walk in seen['bare']):.2f} s",
        f"{median(walked):.2f} s" if walked else gone,
        f"{median(judged):.2f} s" if judged else gone,
        f"{grew:,.0f}" if grew is not None else gone,
        f"{along:.2f}" if along else gone,
        f"{plain:.2f}" if plain else "",
    ]
