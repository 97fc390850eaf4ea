"""Progress: one line a requirement, one live line that never wraps, nothing of it where output is piped."""

import io
import re
import time
from types import SimpleNamespace
from typing import Any

import pytest

from conformance.report import progress
from conformance.report.progress import Progress
from conformance.results.outcomes import Outcome


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def suite(**outcomes: Outcome) -> Any:
    requirements = [SimpleNamespace(id="v.a", level="MUST"), SimpleNamespace(id="v.c", level="SHOULD")]
    run = SimpleNamespace(
        outcomes={o.requirement: o for o in outcomes.values()},
        tally=SimpleNamespace(requests=1234),
        shared={},
        contract=SimpleNamespace(requirements=requirements),
    )
    return SimpleNamespace(runs={"v": run})


def ended(name: str, verdict: str = "pass", **told: Any) -> Any:
    properties = [("verdict", verdict), *told.items()]
    return SimpleNamespace(
        when="call", passed=True, failed=False, nodeid=f"f.py::t[{name}]", user_properties=properties
    )


def shown(out: io.StringIO, **outcomes: Outcome) -> Progress:
    one = Progress(out)
    one.suite = suite(**outcomes)
    return one


def test_piped_output_has_plain_lines_only() -> None:
    out = io.StringIO()
    one = shown(out, a=Outcome("v.a", examples=30, requests=1200, seconds=2.0))
    one.pytest_runtest_logstart("f.py::t[v.a]")
    one.pytest_runtest_logreport(ended("v.a", cases=[30, 30]))
    one.pytest_runtest_logreport(ended("v.b", "fail"))
    assert re.fullmatch(
        r" +0\.\d s  ok              v\.a +30 examples, 1,200 requests, 600/s\n +0\.\d s  FAILED          v\.b\n",
        out.getvalue(),
    )


def test_a_line_says_how_many_cases_counted() -> None:
    out = io.StringIO()
    one = shown(out, a=Outcome("v.a", examples=30, requests=1200, seconds=2.0))
    one.pytest_runtest_logreport(ended("v.a", cases=[30, 7]))
    assert "30 examples, 7 of them counted, 1,200 requests" in out.getvalue()


def test_what_turns_out_broken_after_its_line_is_said_once() -> None:
    out = io.StringIO()
    one = shown(out)
    one.pytest_runtest_logreport(ended("v.a"))
    one.pytest_runtest_logreport(ended("v.b", broken=["v.a", "v.c"]))
    one.pytest_runtest_logreport(ended("v.d", broken=["v.a", "v.c"]))
    lines = [line.split("s  ")[1] for line in out.getvalue().splitlines() if "seen by the way" in line]
    assert [line.split()[0] for line in lines] == ["FAILED", "failed"]
    assert ["v.a" in lines[0], "v.c" in lines[1]] == [True, True]


@pytest.mark.parametrize("columns", [20, 50, 200])
def test_the_live_line_is_shorter_than_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    out = Terminal()
    one = shown(out, a=Outcome("v." + "a" * 90, examples=7))
    one.pytest_runtest_logstart(f"f.py::t[v.{'a' * 90}]")
    lines = out.getvalue().split("\r\x1b[K")
    assert all(len(line) < columns for line in lines)
    assert "\n" not in out.getvalue()


def test_the_live_line_tells_requirement_examples_requests_and_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    out = Terminal()
    one = shown(out, a=Outcome("v.a", examples=7))
    one.pytest_runtest_logstart("f.py::t[v.a]")
    assert re.search(r"\[0/\?\] v\.a  7 examples, 1,234 requests, 0/s$", out.getvalue())
    time.sleep(0.05)
    one.suite.runs["v"].tally.requests += 50
    one.pytest_runtest_logstart("f.py::t[v.a]")
    rate = re.findall(r"1,284 requests, (\d+)/s", out.getvalue())
    assert rate
    assert 100 < int(rate[0]) <= 1000


def test_a_line_for_good_wipes_the_live_one_and_leaves_figures_out_where_there_is_no_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    out = Terminal()
    one = shown(out, a=Outcome("v.a", examples=7, requests=9, seconds=1))
    one.pytest_runtest_logreport(ended("v.a"))
    assert re.fullmatch(r"\r\x1b\[K +0\.\d s  ok              v\.a\n", out.getvalue())


def test_a_long_silence_is_broken_where_nobody_watches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_HEARTBEAT", 0.01)
    monkeypatch.setattr(progress, "_TICK", 0.01)
    out = io.StringIO()
    one = Progress(out)
    config = SimpleNamespace(pluginmanager=SimpleNamespace(getplugin=lambda _: None))
    one.pytest_sessionstart(SimpleNamespace(config=config))  # type: ignore[arg-type]
    one.pytest_runtest_logstart("f.py::t[v.a]")
    until = time.monotonic() + 5
    while "v.a ..." not in out.getvalue() and time.monotonic() < until:
        time.sleep(0.01)
    one.pytest_sessionfinish()
    assert "v.a ..." in out.getvalue()


def test_what_the_output_can_not_encode_is_spelled_out() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    one = Progress(out)
    one._say("naïve")
    assert raw.getvalue() == b"na\\xefve\n"
