"""The benchmark's arithmetic: no figure without data, and a bad one shows."""

from pathlib import Path

import pytest

from benchmarks import detection, first_finding, growth, latency, long_list, overhead, report
from benchmarks.command import PARTS
from benchmarks.measures import Bound, Raw, table


def test_a_bound_is_held_or_missed_by_its_figure() -> None:
    assert Bound("x", 3.0, 2.9).cells() == ["x", "<= 3", "2.9", "held"]
    assert Bound("x", 3.0, 3.1).cells() == ["x", "<= 3", "3.1", "**missed**"]
    assert Bound("x", 0.9, 0.95, least=True).held


def test_without_a_figure_a_bound_is_missed_and_says_why() -> None:
    assert Bound("x", 3.0, None, why="given up").cells() == ["x", "<= 3", "given up", "**missed**"]


def test_a_table_has_a_cell_for_each_column() -> None:
    assert list(table(["a", "b"], [(1, "x|y")])) == ["| a | b |", "|---|---|", "| 1 | x/y |", ""]


def _trial(tool: str, kind: str, name: str, *failures: str, error: str = "") -> Raw:
    took = {"seconds": 2.0, "requests": 10, "set_ups": 1}
    return {"tool": tool, "contract": "c", "kind": kind, "name": name, "failures": [*failures], "error": error, **took}


@pytest.fixture
def trials() -> Raw:
    """Two faults: the suite catches both, the expert one, with a false alarm beside it; Dredd never ran."""
    return {
        "faults": {"c": 2},
        "trials": [
            _trial("this suite, first finding", "fault", "one", "c.a"),
            _trial("this suite, first finding", "fault", "two", "c.b"),
            _trial("this suite", "correct", ""),
            _trial("Schemathesis, expert", "fault", "one", "false alarm", "leak"),
            _trial("Schemathesis, expert", "fault", "two", "false alarm"),
            _trial("Schemathesis, expert", "correct", "", "false alarm"),
            _trial("Dredd", "fault", "one", error="NotThereError: npm is not there"),
        ],
    }


def test_what_is_reported_on_the_correct_server_catches_no_fault(trials: Raw) -> None:
    assert detection.caught(trials, "Schemathesis, expert", "c") == {"one"}
    assert detection.caught(trials, detection.SUITE, "c") == {"one", "two"}


def test_a_tool_that_did_not_run_is_no_zero(trials: Raw) -> None:
    page = "\n".join(detection.page(trials))
    assert "| Dredd | did not run | did not run | did not run | did not run | NotThereError: npm is not there |" in page
    assert "| Schemathesis, expert | 1 of 2 | 1 of 1 |" in page


def test_a_flagged_correct_server_misses_its_bound(trials: Raw) -> None:
    assert all(bound.held for bound in detection.bounds(trials))
    trials["trials"].append(_trial("this suite", "variant", "slow", "c.a"))
    assert [bound.what for bound in detection.bounds(trials) if not bound.held] == ["c: correct servers flagged"]


def test_first_findings_are_compared_where_both_found_one() -> None:
    both = {"fault": "one", "suite": {"requests": 10, "seconds": 4.0}, "expert": {"requests": 40, "seconds": 2.0}}
    mine = {"fault": "two", "suite": {"requests": 10, "seconds": 90.0}, "expert": None}
    [bound] = first_finding.bounds({"pairs": {"c": [both, mine]}})
    assert bound.measured == 2.0


@pytest.mark.parametrize(("power", "held"), [(0.0, True), (1.0, True), (1.5, False)])
def test_growth_is_held_to_be_linear(power: float, held: bool) -> None:
    runs = [[{"seconds": 3.0 * size**power, "requests": 5}] for size in (10, 100, 1000)]
    one = {"contract": "c", "what": "examples", "sizes": [10, 100, 1000], "runs": runs}
    seconds, requests = growth.bounds({"series": [one]})
    assert seconds.measured == pytest.approx(power, abs=0.01)
    assert (seconds.held, requests.held) == (held, True)


def test_a_walk_that_was_given_up_misses_its_bound() -> None:
    walk = {"walk": 2.0, "first": 0.002, "last": 0.002, "pages": 10, "grew": 1000}
    seen = {"items": 1000, "bare": [walk], "suite": [walk], "given_up_seconds": 20.0}
    time, memory, along = long_list.bounds({"lists": [seen]})
    assert (time.held, time.cells()[2], memory.measured, along.measured) == (False, "given up after 20 s", 1.0, 1.0)


def test_walks_are_compared_judging_included() -> None:
    walk = {"walk": 2.0, "first": 0.002, "last": 0.004, "pages": 10, "grew": 1000}
    judged = {**walk, "judge": 1.0, "violations": 0}
    seen = {"items": 1000, "bare": [walk], "suite": [judged], "given_up_seconds": 0.0}
    assert [bound.measured for bound in long_list.bounds({"lists": [seen]})] == [1.5, 1.0, 2.0]
    seen["suite"] = [{**judged, "violations": 1}]
    assert next(iter(long_list.bounds({"lists": [seen]}))).measured is None


def test_overhead_is_over_the_same_answers() -> None:
    seen = {"runs": [6.0], "bare": [2.0], "alike": [0.5], "resent": 9, "sent": 9, "shares": {"judging": 3, "HTTP": 1}}
    ratio, alike = overhead.bounds({"c": seen, "repeat": 1})
    assert (ratio.measured, ratio.held, alike.held) == (3.0, True, False)
    assert "33% of the run's time would have to go" in "\n".join(overhead.page({"c": seen}))


def test_another_verdict_with_workers_is_counted() -> None:
    one = {"seconds": 100.0, "verdicts": {"a": "pass", "b": "pass"}}
    eight = {"seconds": 15.0, "verdicts": {"a": "pass", "b": "fail"}}
    ratio, different = latency.bounds({"c": {"one": [one], "eight": [eight], "cores": 0.1}})
    assert (ratio.held, different.measured, different.held) == (True, 1, False)


def test_a_part_without_figures_misses_its_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "REPORTS", tmp_path)
    broken = {"error": "OSError: no", "machine": {"cores": "2"}, "took_seconds": 1.0}
    page = report.write({"growth": (growth, None), "latency": (latency, broken)}).read_text("utf-8")
    assert "Did not run: `python -m benchmarks growth` runs it." in page
    assert "Did not run: OSError: no" in page
    assert page.count("**missed**") == 2
    assert list(PARTS)[-1] == "growth"
