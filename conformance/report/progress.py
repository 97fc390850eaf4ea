"""What a run says while it goes: one line a requirement, plain where nobody looks at a terminal."""

import time
from typing import Any, TextIO

import pytest

__all__ = ["Progress"]

_WORDS = {
    "pass": "ok",
    "fail": "BROKEN",
    "warn": "broken (SHOULD)",
    "observed": "observed",
    "untestable": "not tested",
    "not-applicable": "left out",
    "error": "ERROR",
}


class Progress:
    """A pytest plugin in the place of pytest's own terminal reporter."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._live = out.isatty()
        self._done = 0
        self._total = 0
        self._began = time.monotonic()
        self.suite: Any = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Learn how much there is to do."""
        self._total = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """The same from a worker: where there are any, nothing is collected in this process."""
        self._total = len(ids)

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Say what is checked against what."""
        self.suite = session.config.pluginmanager.getplugin("conformance-suite")
        for run in self.suite.runs.values() if self.suite else []:
            where = f"{run.target.name or 'the target'} at {run.scrub.text(run.target.url)}"
            self._say(f"{run.contract.title} against {where}, seed {run.seed}")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Show on a terminal what is under way."""
        if self._live:
            self._out.write(f"\r\033[K{_name(nodeid)} ... [{self._done}/{self._total or '?'}]")
            self._out.flush()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A line for each requirement as it ends."""
        verdict = dict(report.user_properties).get("verdict")
        if report.when == "call" or (report.when == "setup" and not report.passed):
            self._done += 1
            words = _WORDS.get(str(verdict), "ERROR")
            clock = f"{time.monotonic() - self._began:6.1f} s"
            self._say(f"{clock}  {words:<16}{_name(report.nodeid)}")
            if report.when == "setup" and report.failed and verdict is None:
                self._say(f"internal error:\n{report.longreprtext}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A rule that can't even be loaded must not go unseen."""
        if report.failed:
            self._say(f"internal error while loading the rules:\n{report.longreprtext}")

    def pytest_internalerror(self, excrepr: Any) -> None:
        """Say what broke inside the suite."""
        self._say(f"internal error:\n{excrepr}")

    def pytest_keyboard_interrupt(self) -> None:
        """Say that the run was interrupted."""
        self._say("interrupted: what was found so far follows")

    def _say(self, line: str) -> None:
        self._out.write(("\r\033[K" if self._live else "") + line + "\n")
        self._out.flush()


def _name(nodeid: str) -> str:
    return nodeid.rpartition("[")[2].rstrip("]")
