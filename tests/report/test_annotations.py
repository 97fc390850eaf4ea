"""Annotations: the worst first, never more than ten, and nothing that a target sent is a command."""

import pytest

from conformance.report.annotations import MOST, render
from conformance.results.files import RunResults
from tests.conftest import FinishedRun
from tests.report.reports import NASTY, ended, finding, of_contract, result, run, waived

HOSTILE = [
    "x\n::error::taken",
    "x\r\n::set-env name=PATH::/taken",
    "x%0A::error::taken",
    "::stop-commands::taken",
    "::error file=taken,line=1::taken",
    "##[error]taken",
    "x\u2028::error::taken",
    "\x1b[2K\x1b[1G::error::taken",
    NASTY,
]


def read(text: str) -> list[tuple[str, dict[str, str], str]]:
    """The commands, as the platform's runner reads them: kind, properties, data."""
    found = []
    for line in text.splitlines():
        command, _, data = line.removeprefix("::").partition("::")
        kind, _, properties = command.partition(" ")
        pairs = dict(pair.split("=", 1) for pair in properties.split(",") if pair)
        found.append((kind, {key: unescaped(value) for key, value in pairs.items()}, unescaped(data)))
    return found


def unescaped(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def titles(*runs: RunResults) -> list[tuple[str, str]]:
    return [(kind, properties["title"]) for kind, properties, _ in read(render(runs))]


def test_a_broken_promise_is_told_at_its_line() -> None:
    whole = run("non-conformant", result("b", "fail", findings=[finding(), finding(), finding()], line=11))
    whole = of_contract(whole, file="specs/a,b/openapi.yaml")
    assert render([whole]).startswith("::error file=specs/a%2Cb/openapi.yaml,line=11,title=MUST v.b::the transcript")
    assert read(render([whole])) == [
        (
            "error",
            {"file": "specs/a,b/openapi.yaml", "line": "11", "title": "MUST v.b"},
            "the transcript is still there\nExpected: absent\nActual: 1 turn\nand 2 more findings of it",
        )
    ]


def test_the_worst_come_first_and_levels_are_kinds() -> None:
    whole = run(
        "non-conformant",
        result("g", "observed", "MAY", findings=[finding()]),
        result("c", "warn", "SHOULD"),
        result("w", "fail", findings=[finding(waived=waived()), finding(waived=waived())]),
        result("d", "untestable", reason="no state"),
        result("s", "untestable", "SHOULD", reason="no state"),
        result("e", "error", reason="gone"),
        result("b", "fail"),
        result("a", "pass"),
    )
    whole = ended(whole, gate={"passed": False, "exit_code": 1, "closed_by": ["failed: v.b"], "notes": []})
    assert titles(whole) == [
        ("error", "Gate: closed, exit code 1"),
        ("error", "MUST v.b"),
        ("error", "No verdict: 1 requirement"),
        ("error", "Not tested: 1 MUST"),
        ("warning", "SHOULD v.c"),
        ("notice", "MAY v.g"),
        ("notice", "Waived: MUST v.w"),
    ]
    assert read(render([whole]))[-1][2].splitlines() == [
        "the transcript is still there",
        "Waived: being mended (ticket T-1, owner Ada, until 2030-01-31)",
        "and 1 more finding of it",
    ]


def test_a_conformant_run_needs_no_annotation() -> None:
    assert render([run("conformant", result("a", "pass"))]) == ""


def test_requirements_with_one_reason_are_told_together_and_softer_where_the_gate_let_them_through() -> None:
    whole = run("not-fully-verified", *(result(n, "untestable", reason="no state") for n in ("a", "b")))
    assert read(render([whole])) == [("error", {"title": "Not tested: 2 MUST"}, "no state\nv.a, v.b")]
    whole = ended(whole, gate={"passed": True, "exit_code": 0, "closed_by": [], "notes": ["not tested: v.a"]})
    assert titles(whole) == [("warning", "Not tested: 2 MUST")]


def test_a_run_that_tested_nothing_says_so() -> None:
    whole = run("not-fully-verified", result("a", "not-applicable", reason="left out"))
    assert titles(whole) == [("error", "Not verified")]


def test_ten_are_told_of_all_runs_and_one_line_counts_the_rest() -> None:
    broken = [result(f"b{n}", "fail") for n in range(8)]
    softer = [result(f"c{n}", "warn", "SHOULD") for n in range(3)]
    known = result("w", "fail", findings=[finding(waived=waived())])
    lines = read(render([run("non-conformant", *softer, known), run("non-conformant", *broken)]))
    assert [kind for kind, _, _ in lines] == ["error"] * 8 + ["warning"] * 2 + ["notice"]
    assert len(lines) == MOST + 1
    assert lines[-1][1] == {"title": "2 more"}
    assert lines[-1][2].startswith("Not shown here: 1 warning, 1 notice. The step summary")
    assert len(read(render([run("non-conformant", *broken, *softer[:2])]))) == MOST


def test_of_notices_alone_there_are_ten_with_the_line_that_counts_the_rest() -> None:
    known = [result(f"w{n}", "fail", findings=[finding(waived=waived())]) for n in range(12)]
    lines = read(render([run("non-conformant", *known)]))
    assert [kind for kind, _, _ in lines] == ["notice"] * 10
    assert lines[-1][1] == {"title": "3 more"}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_targets_words_are_never_a_command(text: str) -> None:
    whole = run(
        "non-conformant",
        result("b", "fail", findings=[finding(message=text, expected=text, observed=text)]),
        result("w", "fail", findings=[finding(message=text, waived=waived(reason=text))]),
        result("e", "error", reason=text),
        result("d", "untestable", reason=text),
        result(text, "warn", "SHOULD"),
    )
    whole = ended(whole, gate={"passed": False, "exit_code": 1, "closed_by": [text], "notes": [text]})
    made = render([whole])
    lines = made.split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(made.splitlines()) == 6
    for line in lines:
        assert line.isprintable()
        assert line.split(" ", 1)[0] in {"::error", "::warning", "::notice"}
        assert set(read(line)[0][1]) == {"title"}
        line.encode()
    if text.isprintable():
        assert text in read(lines[1])[0][2]


def test_percent_signs_come_back_as_they_were() -> None:
    seen = finding(message="100%0A 50% ::x::")
    assert read(render([run("non-conformant", result("b", "fail", findings=[seen]))]))[0][2].startswith(
        "100%0A 50% ::x::\n"
    )


def test_every_message_is_bounded() -> None:
    long = "x" * 100_000
    seen = finding(message=long, expected=long, observed=long, waived=waived(reason=long))
    whole = run(
        "error",
        result("n" * 5000, "fail", findings=[finding(message=long, expected=long, observed=long)]),
        result("w", "fail", findings=[seen]),
        *(result(f"e{n}" * 50, "error", reason=long) for n in range(200)),
    )
    whole = ended(whole, gate={"passed": False, "exit_code": 1, "closed_by": [long] * 500, "notes": [long] * 500})
    assert max(map(len, render([whole]).splitlines())) < 1200


def test_a_real_run_is_told_with_its_key_scrubbed(faulty_run: FinishedRun) -> None:
    text = render([faulty_run.results])
    assert "::error file=specs/cartesia/openapi.yaml,line=11,title=MUST cartesia.redact.omits::" in text
    assert faulty_run.api_key not in text
