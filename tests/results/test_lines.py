"""Lines of results in types: what is named is typed, what is not is kept, what says nothing is not written."""

from typing import Any

import pytest
from msgspec import ValidationError

from conformance.results.lines import EndLine, Example, ResultLine, RunLine
from tests.report.reports import exchange, finding, result, run, telling, waived

EXAMPLE: dict[str, Any] = {
    "case": {"suite": "0", "requirement": "v.a", "seed": 10**30, "number": 1, "choices": {"x": None}, "later": 1},
    "states": [{"state": "a call exists", "params": {"call": {"more": [1]}}, "after_step": 2}],
    "steps": [{"method": "GET", "path": "/x", "headers": {}, "account": "{account_1}", "odd": []}, {"wait": 0.5}],
    "more": {"a": 1},
}


def test_what_a_later_version_adds_is_kept_wherever_it_stands() -> None:
    assert Example.of(EXAMPLE).as_json() == EXAMPLE
    stated = result("a", "fail", findings=[finding(exchanges=[exchange()], waived=waived())]).as_json()
    stated["findings"][0]["exchanges"][0]["\ud800"] = stated["findings"][0]["waived"]["later"] = {"x": []}
    assert ResultLine.of(stated).as_json() == stated


def test_what_need_not_be_there_and_says_nothing_is_not_written() -> None:
    whole = run("conformant", result("a", "pass"))
    unwritten = {"stopped", "notes", "more"}, {"line", "reason", "observed", "proof", "witness", "replays"}
    assert not unwritten[0] & whole.run.as_json().keys()
    assert not unwritten[1] & whole.results[0].as_json().keys()
    assert not {"crashed", "gate", "leftover_reason"} & whole.end.as_json().keys()


def test_what_a_run_always_states_is_written_though_it_is_zero_false_or_empty() -> None:
    whole = run("conformant", result("a", "pass"))
    assert {"strict": False, "selected": None, "nonce": ""}.items() <= whole.run.as_json().items()
    assert {"vacuous": 0, "disturbed": 0, "findings": []}.items() <= whole.results[0].as_json().items()
    assert {"counts": {}, "traffic": [], "cut_short": 0}.items() <= whole.end.as_json().items()


@pytest.mark.parametrize("line", list(telling().lines()), ids=lambda line: line.kind)
def test_a_line_survives_the_way_through_json(line: RunLine | ResultLine | EndLine) -> None:
    assert type(line).of(line.as_json()) == line


@pytest.mark.parametrize(("field", "value"), [("nonce", 1), ("notes", "one"), ("notes", [1]), ("stopped", {})])
def test_a_field_that_the_schema_does_not_speak_of_still_has_its_type(field: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=field):
        RunLine.of({**telling().run.as_json(), field: value})


def test_the_terms_of_a_waiver_are_one_line() -> None:
    assert waived().words == "being mended (ticket T-1, owner Ada, until 2030-01-31)"
    assert waived(ticket=None, owner=None, expires=None).words == "being mended"
