"""One walk over a list, in a process of its own: `python -m benchmarks.long_walk HOW URL KEY CALLS SIZE OUT`.

HOW is `bare`: fetch each page with a urllib3 pool and parse it with `json.loads`; or `suite`: the suite's own walk,
judged page by page as the `page.*` rules judge it, then the whole, given the ids of all calls (the file CALLS, one a
line). OUT gets JSON: the seconds of the walk and of the judging after it, those of the median page in the first and in
the last tenth, and by how many bytes the process' resident memory grew at its peak, the ids known beforehand left out.
"""

import json
import resource
import statistics
import sys
import time
from array import array
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3

from benchmarks.serving import bearer

__all__ = ["CONTRACT"]

CONTRACT = "ultravox"
_PATH = "/api/deleted_calls?pageSize="


def _bare(url: str, header: tuple[str, str], size: int) -> Iterator[None]:
    """Fetch and parse every page, and look at nothing but the link to the next."""
    pool = urllib3.PoolManager(maxsize=16, retries=False)
    path = f"{_PATH}{size}"
    while path:
        answer = json.loads(pool.urlopen("GET", url + path, headers=dict([header])).data)
        following = answer["next"]
        path = "" if following is None else "{0.path}?{0.query}".format(urlsplit(following))
        yield


def _timed_pages(pages: Iterator[None]) -> "array[float]":
    ends = array("d", [time.perf_counter()])
    for _ in pages:
        ends.append(time.perf_counter())
    return ends


class _Suite:
    """The suite's walk, judged as it goes."""

    def __init__(self, url: str, key: str, calls: list[str]) -> None:
        from conformance.contracts.loading import load
        from conformance.engine.context import Context
        from conformance.engine.drawing import Replay
        from conformance.engine.run import Run
        from conformance.listing.population import Population
        from conformance.targets.target import Target

        contract = load(CONTRACT)
        self.ends: array[float] = array("d")
        run = Run(contract, Target(url=url, api_key=key), seed=1, depth=1)
        observe = run.connection.session._observe  # noqa: SLF001 - to see each page come

        def timed(exchange: Any) -> None:
            observe(exchange)
            self.ends.append(time.perf_counter())

        run.connection.session._observe = timed  # noqa: SLF001 - as above
        [requirement] = contract.bound("page.complete")
        self.context = Context(run, requirement, Replay({}), 1)
        self.people = Population([], key)
        self.ids = frozenset(calls)

    def walk(self, size: int) -> None:
        """Follow the list to its end, and let each page be judged."""
        from conformance.listing.judging import WalkJudge
        from conformance.listing.walking import Course, pages

        self.judge = WalkJudge(self.context, self.ids, size, "a walk")
        self.course = Course()
        self.ends.append(time.perf_counter())
        for page in pages(self.context, self.people, (), self.course, size=size, expected=len(self.ids)):
            self.judge.see(page)

    def violations(self) -> list[str]:
        """Judge the whole as the rules do; what it broke, which must be nothing."""
        return [violation.message for violation in self.judge.told(self.course)]


def _tenths(ends: "array[float]") -> tuple[float, float]:
    """Seconds of the median page in the first and in the last tenth; without the first page, which counts the list."""
    seconds = [after - before for before, after in pairwise(ends[1:])]
    tenth = max(1, len(seconds) // 10)
    return statistics.median(seconds[:tenth]), statistics.median(seconds[-tenth:])


def _resident() -> int:
    """Bytes of resident memory now."""
    return int(Path("/proc/self/statm").read_text("utf-8").split()[1]) * resource.getpagesize()


def _peak() -> int:
    """Bytes of resident memory at the most so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Walk, tell what it took so far, judge, and tell again."""
    how, url, key, calls, size, out = sys.argv[1:]
    ids = Path(calls).read_text("utf-8").split() if how == "suite" else []
    suite = _Suite(url, key, ids) if how == "suite" else None
    header = bearer(CONTRACT, key)
    before, began = _resident(), time.perf_counter()
    if suite is not None:
        suite.walk(int(size))
    ends = suite.ends if suite else _timed_pages(_bare(url, header, int(size)))
    first, last = _tenths(ends)
    told = {"walk": time.perf_counter() - began, "first": first, "last": last, "pages": len(ends) - 1}
    told["grew"] = max(0, _peak() - before)
    Path(out).write_text(json.dumps(told), encoding="utf-8")
    if suite is not None:
        then = time.perf_counter()
        told["violations"] = len(suite.violations())
        told["judge"] = time.perf_counter() - then
        told["grew"] = max(0, _peak() - before)
        Path(out).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
