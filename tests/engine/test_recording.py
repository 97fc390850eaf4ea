"""What recording adds for the tools that read results: where a requirement stands, in a file and at a line."""

from typing import Any

import jsonschema
import pytest

from conformance.results.files import schema
from tests.conftest import FinishedRun
from tests.support import SPECS


def test_every_result_of_a_real_run_has_its_line_in_the_published_file(good_run: FinishedRun) -> None:
    assert good_run.results.run.contract.file == "specs/cartesia/openapi.yaml"
    text = (SPECS / "cartesia" / "openapi.yaml").read_text("utf-8").splitlines()
    for result in good_run.results.results:
        stated = text[(result.line or 0) - 1].strip().partition(":")[0].strip("'\"")
        last = result.at.rpartition("/")[2].replace("~1", "/")
        assert stated == (last if result.at.startswith("/") else "delete"), result.requirement


@pytest.mark.parametrize(
    "change",
    [
        {"line": 0},
        {"line": "11"},
        {"findings": [{"waived": {}}]},
        {"findings": [{"waived": {"reason": ""}}]},
        {"file": "/home/someone/specs/openapi.yaml"},
        {"gate": {"passed": True}},
        {"gate": {"passed": "yes", "exit_code": 0, "closed_by": [], "notes": []}},
    ],
    ids=str,
)
def test_the_schema_refuses_what_does_not_fit(change: dict[str, Any], faulty_run: FinishedRun) -> None:
    fits = jsonschema.Draft202012Validator(schema()).is_valid
    whole = faulty_run.results
    run, end, broken = (line.as_json() for line in (whole.run, whole.end, whole.of("fail")[0]))
    finding = broken["findings"][0]
    match change:
        case {"file": file}:
            good, bad = run, {**run, "contract": {**run["contract"], "file": file}}
        case {"gate": gate}:
            good = {**end, "gate": {"passed": True, "exit_code": 0, "closed_by": [], "notes": []}}
            bad = {**end, "gate": gate}
        case {"findings": [more]}:
            good = {**broken, "findings": [{**finding, "waived": {"reason": "r", "expires": "2030-01-31"}}]}
            bad = {**broken, "findings": [{**finding, **more}]}
        case _:
            good, bad = broken, {**broken, **change}
    assert fits(good)
    assert not fits(bad)
