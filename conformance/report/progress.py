"""What a run says while it goes: one line a requirement, plain where nobody looks at a terminal."""

import shutil
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any, TextIO

import pytest

from conformance.report.text import plural
from conformance.results.internal import describe, keep
from conformance.results.printable import one_line

__all__ = ["Progress"]

_WORDS = {
    "pass": "ok",
    "fail": "FAILED",
    "warn": "failed (SHOULD)",
    "observed": "observed",
    "untestable": "not tested",
    "not-applicable": "left out",
    "error": "ERROR",
    "waived": "waived",
    "stale": "STALE WAIVER",
}
"""What stands before each requirement, by verdict or by what its waivers make of it."""
_TICK = 0.2
"""Seconds between two looks at how far the run is."""
_HEARTBEAT = 30.0
"""Seconds after which a run that nobody watches says that it is still at it."""
_WINDOW = 3.0
"""Seconds over which the rate is taken."""


class Progress:
    """A pytest plugin in the place of pytest's own terminal reporter."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._done = 0
        self._total = 0
        self._began = self._last_said = time.monotonic()
        self._current = ""
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._ticker: threading.Thread | None = None
        self._rates: deque[tuple[float, int]] = deque()
        self._told_failed: set[str] = set()
        self.suite: Any = None
        if hasattr(out, "reconfigure"):
            # Better a character spelled out than a run that ends in an encoding error.
            out.reconfigure(errors="backslashreplace")

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn how much there is to do."""
        self._total = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """The same from a worker: where there are any, nothing is collected in this process."""
        self._total = len(ids)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Say what is checked against what."""
        self.suite = session.config.pluginmanager.getplugin("conformance-suite")
        for run in self._runs():
            where = f"{run.target.name or 'the target'} at {run.scrub.text(run.target.url)}"
            self._say(one_line(f"{run.contract.title} against {where}, seed {run.seed}"))
            for note in self.suite.notes.get(run.contract.vendor, ()):
                self._say(one_line(f"  {note}"))
        self._ticker = threading.Thread(target=self._tick, name="conformance-progress", daemon=True)
        self._ticker.start()

    def pytest_sessionfinish(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._ticker is not None:
            self._ticker.join()
        self._clear()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Show on a terminal what is under way."""
        self._current = _name(nodeid)
        self._show()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A line for each requirement as it ends, and for each that turns out broken after it had ended."""
        told = dict(report.user_properties)
        if told.get("verdict") == "error" and self._stopped(report.nodeid):
            return
        if report.when == "call" or (report.when == "setup" and not report.passed):
            self._done += 1
            name = _name(report.nodeid)
            words = _WORDS.get(str(told.get("verdict")), "ERROR")
            self._say(self._roomy(f"{self._clock()}  {words:<16}{name}", self._figures(name, told)))
            if told.get("verdict") == "error":
                self._say(f"          {one_line(report.longreprtext)}")
            elif report.when == "setup" and report.failed:
                self._say("          internal error: a process of the suite crashed")
            later = {str(other) for other in _listed(told.get("broken"))} - self._told_failed - {name}
            self._told_failed |= later | ({name} if told.get("verdict") in {"fail", "warn"} else set())
            for other in sorted(later):
                word = _WORDS["fail" if self._is_must(other) else "warn"]
                self._say(f"{self._clock()}  {word:<16}{other}  seen by the way; its own line may have said ok")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A rule that can't even be loaded must not go unseen."""
        if report.failed:
            self._say(f"internal error while loading the rules: {one_line(report.longreprtext.rpartition(chr(10))[2])}")

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> bool:
        """Say what broke inside the suite by type and place: its words and frames may hold a credential."""
        keep(excinfo.value)
        self._say(describe(excinfo.value))
        return True

    def pytest_keyboard_interrupt(self) -> None:
        """Say that the run was interrupted."""
        self._say("interrupted: what was found so far follows")

    # How far it is

    def _runs(self) -> list[Any]:
        return list(self.suite.runs.values()) if self.suite else []

    def _outcome(self, name: str) -> Any:
        """What the requirement of this id came to so far; None where this process did nothing about it."""
        return next((one for run in self._runs() if (one := run.outcomes.get(name))), None)

    def _requests(self) -> int:
        return sum(run.tally.requests for run in self._runs())

    def _is_must(self, name: str) -> bool:
        return any(r.id == name and r.level == "MUST" for run in self._runs() for r in run.contract.requirements)

    def _stopped(self, nodeid: str) -> bool:
        """Whether the run of this item was stopped before its first requirement: the end says why, once."""
        name = _name(nodeid)
        return any(run.stopped and any(r.id == name for r in run.contract.requirements) for run in self._runs())

    def _figures(self, name: str, told: Mapping[str, Any]) -> str:
        """How many of a requirement's cases counted, and what they took; of a worker's, the cases alone."""
        tried, counted = told.get("cases") or (0, 0)
        cases = plural(tried, "example") + (f", {counted} of them counted" if counted < tried else "")
        outcome = self._outcome(name)
        if not tried or outcome is None or not outcome.examples:
            return cases if tried else ""
        rate = f", {outcome.requests / outcome.seconds:.0f}/s" if outcome.seconds and outcome.requests else ""
        return f"{cases}, {plural(outcome.requests, 'request')}{rate}"

    def _now(self) -> str:
        """What is under way, in a line: the requirement, its examples, and the requests of the run and their rate."""
        outcome = self._outcome(self._current)
        parts = [plural(outcome.examples, "example")] if outcome is not None else []
        requests = self._requests()
        if requests:
            parts += [plural(requests, "request"), f"{self._rate(requests):.0f}/s"]
        about = f"  {', '.join(parts)}" if parts else ""
        return f"{self._clock()}  [{self._done}/{self._total or '?'}] {self._current}{about}"

    def _rate(self, requests: int) -> float:
        """Requests a second, lately."""
        now = time.monotonic()
        self._rates.append((now, requests))
        while len(self._rates) > 1 and now - self._rates[0][0] > _WINDOW:
            self._rates.popleft()
        then, before = self._rates[0]
        return (requests - before) / (now - then) if now > then else 0.0

    def _clock(self) -> str:
        return f"{time.monotonic() - self._began:6.1f} s"

    # Writing

    def _tick(self) -> None:
        while not self._stop.wait(_TICK):
            if self._live:
                self._show()
            elif time.monotonic() - self._last_said > _HEARTBEAT and self._current:
                self._say(f"{self._now()} ...")

    def _show(self) -> None:
        with self._lock:
            if self._live and not self._stop.is_set():
                # One column stays free: a full line would wrap, and the next would not overwrite it.
                self._out.write(f"\r\033[K{self._now()[: _columns() - 1]}")
                self._out.flush()

    def _roomy(self, line: str, more: str) -> str:
        """The line with what else there is to say, if a terminal has the room for both."""
        whole = f"{line:<72}  {more}".rstrip()
        return line if self._live and len(whole) >= _columns() else whole

    def _say(self, line: str) -> None:
        with self._lock:
            self._clear()
            self._out.write(f"{line}\n")
            self._out.flush()
            self._last_said = time.monotonic()

    def _clear(self) -> None:
        if self._live:
            self._out.write("\r\033[K")
            self._out.flush()


def _columns() -> int:
    return max(20, shutil.get_terminal_size().columns)


def _name(nodeid: str) -> str:
    return nodeid.rpartition("[")[2].rstrip("]")


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
