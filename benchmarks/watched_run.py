"""A run of the suite in this process that is watched: `python -m benchmarks.watched_run HOW OUT -- OPTIONS...`.

HOW is `record`: every request goes to the file OUT as JSON lines, in the order of sending, with the status of its
answer; or `sample`: a timer interrupts the run every millisecond of wall time and counts what it is at, by the
innermost function that `PLACES` knows; OUT then holds the counts. The timer's signal is handled in the main thread
between two of its own instructions, also while it waits for an answer, so no place is seen more often for letting
other threads in, as a sampling thread's would be. What a function of C does is counted to its caller.
"""

import json
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Any

__all__ = ["PLACES", "TICK"]

TICK = 0.001
"""Seconds between two samples."""

PLACES: list[tuple[str, str, str]] = [
    ("HTTP: waiting", "/socket.py", "readinto"),
    ("HTTP: waiting", "conformance/engine/context.py", "at_once"),
    ("HTTP: the client's code", "conformance/http/deadlines.py", "getresponse"),
    ("HTTP: the client's code", "conformance/http/session.py", "_bounded"),
    ("HTTP: the client's code", "conformance/http/session.py", "_exchange"),
    ("HTTP: the client's code", "conformance/http/session.py", "hang_up"),
    ("waiting on purpose", "conformance/engine/context.py", "wait"),
    ("session around the HTTP client", "conformance/http/session.py", ""),
    ("session around the HTTP client", "conformance/http/deadlines.py", ""),
    ("judging", "conformance/deletion/oracles.py", ""),
    ("judging", "conformance/deletion/judging.py", ""),
    ("judging", "conformance/listing/oracles.py", ""),
    ("judging", "conformance/protocol/oracles.py", ""),
    ("judging", "conformance/http/strict_json.py", ""),
    ("judging", "conformance/engine/run.py", "_observe"),
    ("recording and scrubbing", "conformance/engine/example.py", ""),
    ("recording and scrubbing", "conformance/results/scrub.py", ""),
    ("recording and scrubbing", "conformance/engine/recording.py", ""),
    ("recording and scrubbing", "conformance/results/results.py", ""),
    ("recording and scrubbing", "conformance/report/", ""),
    ("drawing", "conformance/engine/drawing.py", ""),
    ("drawing", "conformance/protocol/generated.py", ""),
    ("drawing", "conformance/deletion/records.py", ""),
    ("drawing", "conformance/listing/population.py", "_fact"),
    ("drawing: Hypothesis itself", "/hypothesis/", ""),
    ("the rules' own code", "conformance/engine/exploring.py", "example"),
]
"""What a sample counts for, by file and function ("": any), tried from the innermost frame outwards."""
_STATES = ("conformance/targets/states.py", "_post")
_ELSE = "start-up, pytest and ending"


class _Sampler:
    """Counts where the main thread is."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()
        self._known: dict[Any, str | None] = {}

    def start(self) -> None:
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, TICK, TICK)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        place = None
        while frame is not None:
            here = self._place(frame)
            if place is None:
                place = here
            if here == "states":
                place = f"{place}, set-ups" if place and place.startswith("HTTP") else place
            frame = frame.f_back
        self.seen[_ELSE if place in {None, "states"} else str(place)] += 1

    def _place(self, frame: FrameType) -> str | None:
        code = frame.f_code
        if code not in self._known:
            self._known[code] = _of(code.co_filename, code.co_name)
        return self._known[code]


def _of(file: str, function: str) -> str | None:
    if _STATES[0] in file and function == _STATES[1]:
        return "states"
    return next((what for what, where, name in PLACES if where in file and name in {"", function}), None)


def _record(out: Path) -> None:
    """Let every exchange of the run be written down."""
    from urllib3 import PoolManager

    from conformance.http.exchange import Exchange, Request
    from conformance.http.session import Session

    file, lock = out.open("w", encoding="utf-8"), threading.Lock()
    once = Session._once  # noqa: SLF001 - the one place that every request passes, retries and set-ups too

    def recorded(self: Session, request: Request, pool: PoolManager) -> Exchange:
        exchange = once(self, request, pool)
        body = None if request.body is None else request.body.decode("latin-1")
        line = [request.method, request.url, dict(request.headers), body, exchange.status, exchange.began]
        with lock:
            file.write(json.dumps(line) + "\n")
        return exchange

    Session._once = recorded  # type: ignore[method-assign] # noqa: SLF001 - as above


def main() -> None:
    """Run `conformance run` with the options after `--`."""
    how, out, _, *options = sys.argv[1:]
    sampler = _Sampler()
    if how == "sample":
        sampler.start()
    else:
        _record(Path(out))
    from conformance.cli import cli

    try:
        cli(["run", *options], standalone_mode=False)
    except SystemExit as leaving:
        code = leaving.code
    sampler.stop()
    if how == "sample":
        Path(out).write_text(json.dumps(sampler.seen), encoding="utf-8")
    sys.exit(code)


if __name__ == "__main__":
    main()
