"""The terminal summary: the verdict as a sentence, findings in four lines, reasons told once."""

import pytest

from conformance.report.summary import render, sentence
from conformance.report.view import View
from conformance.results.lines import ResultLine
from tests.report.reports import NASTY, accepted, ended, finding, result, run, waived

ALL = [
    result("a.pass", "pass"),
    result("b.pass", "pass"),
    result("c.left", "not-applicable", reason="left out by the profile stateless"),
]


@pytest.mark.parametrize(
    ("overall", "results", "said"),
    [
        ("conformant", [], "Conformant to Vendor Delete: 2 of 2 MUST verified."),
        (
            "conformant-with-warnings",
            [result("d.warn", "warn", "SHOULD")],
            "Conformant to Vendor Delete: 2 of 2 MUST verified, 1 SHOULD failed.",
        ),
        (
            "not-fully-verified",
            [result("d.not", "untestable", reason="r")],
            "Not fully verified against Vendor Delete: 2 of 3 MUST verified, 1 MUST not tested.",
        ),
        (
            "error",
            [result("d.err", "error", reason="r"), result("e.err", "error", "SHOULD", reason="r")],
            "No verdict on Vendor Delete: 2 requirements ended in an error, 2 of 3 MUST verified.",
        ),
        (
            "non-conformant",
            [result("d.fail", "fail"), result("e.not", "untestable", reason="r"), result("f.warn", "warn", "SHOULD")],
            "Not conformant to Vendor Delete: 1 MUST failed, 2 of 4 MUST verified, 1 MUST not tested, 1 SHOULD failed.",
        ),
    ],
)
def test_the_verdict_is_a_sentence_with_what_it_rests_on(overall: str, results: list[ResultLine], said: str) -> None:
    whole = run(overall, *ALL, *results)
    assert sentence(View(whole)) == said
    assert render(whole).splitlines()[0] == said


def test_the_sentence_says_what_was_not_asked_for() -> None:
    assert "Vendor Delete (profile stateless):" in sentence(View(run("conformant", *ALL, profile="stateless")))
    assert "Vendor Delete (only a.pass):" in sentence(View(run("conformant", *ALL, selected=["a.pass"])))


def test_the_summary_says_what_was_done_to_the_target() -> None:
    assert "Sent 12 requests in 1.2 s; calls created 3, deleted 2; accounts left over 1." in render(
        run("conformant", *ALL)
    )


def test_a_finding_is_four_lines_under_its_requirement() -> None:
    lines = render(run("non-conformant", result("d.fail", "fail"))).splitlines()
    start = lines.index("  MUST v.d.fail  [0123456789abcdef]")
    assert lines[start + 1 : start + 5] == [
        "    failed:    the transcript is still there",
        "    required:  words of the document  (source.md:7)",
        "    expected:  absent",
        "    actual:    1 turn",
    ]


def test_what_was_seen_once_and_not_again_says_so() -> None:
    text = render(run("non-conformant", result("d.fail", "fail", findings=[finding(reproduced=False)])))
    assert "[0123456789abcdef]   (seen once, not again)" in text


def test_requirements_with_one_reason_are_told_together() -> None:
    why = "needs a state URL (--state-url)"
    untested = [result(name, "untestable", reason=why) for name in ("a.one", "b.two")]
    errors = [result("c.err", "error", reason="target unreachable")]
    lines = render(run("error", *untested, *errors)).splitlines()
    at = lines.index("Not tested")
    assert lines[at + 1 : at + 3] == [f"  {why}", "    v.a.one (MUST), v.b.two (MUST)"]
    assert lines[lines.index("Errors") + 1] == "  target unreachable"


def test_what_was_left_out_is_counted_by_reason() -> None:
    left = [result(f"l.{n}", "not-applicable", reason="left out by the profile read-only") for n in range(3)]
    assert "3 left out: left out by the profile read-only" in render(run("conformant", *left))


def test_what_is_waived_stands_apart_with_its_terms() -> None:
    text = render(accepted())
    broken, known = text.split("\nWaived\n")
    assert "v.w.must" not in broken.partition("Failed requirements")[2]
    assert "its summary too" not in broken
    assert known.split("\n\n")[1].splitlines() == [
        "  MUST v.w.must  [dddddddddddddddd]",
        "    failed:    a known one",
        "    reason:    being mended",
        "    ticket:    T-1",
        "    owner:     Ada",
        "    expires:   2030-01-31",
    ]
    assert "SHOULD v.w.should" in known
    assert text.count("an odd one") == 1


def test_the_sentence_says_how_much_of_it_is_waived() -> None:
    said = sentence(View(accepted()))
    assert "2 MUST failed (1 of them waived)" in said
    assert "1 SHOULD failed (1 of them waived)" in said
    assert "Failed requirements" not in render(
        run("non-conformant", result("w", "fail", findings=[finding(waived=waived())]))
    )


def test_what_the_gate_decided_stands_at_the_top() -> None:
    assert render(accepted()).splitlines()[1:4] == [
        "Gate: closed, exit code 1",
        "  closed by: failed: v.b.part",
        "  note: waived: 3",
    ]
    whole = run("conformant", *ALL)
    assert "Gate" not in render(whole)
    gate = {"passed": True, "exit_code": 0, "closed_by": [], "notes": [f"n{n}\n" for n in range(40)]}
    lines = render(ended(whole, gate=gate)).splitlines()
    assert lines[1:3] == ["Gate: open", "  note: n0"]
    assert lines[14] == "  note: 28 more, in results.jsonl"


def test_what_was_observed_is_shown_as_data() -> None:
    seen = result("o.seen", "observed", "MAY", observed={"status": 200, "again": "kept"})
    text = render(run("conformant", seen, result("o.nothing", "observed", "MAY")))
    assert "  v.o.seen\n    again: kept\n    status: 200" in text
    assert "o.nothing" not in text


def test_the_limits_of_any_api_check_are_always_told() -> None:
    assert "can't prove erasure from storage, backups or logs" in render(run("conformant", *ALL))


def test_what_a_target_sent_can_not_steer_the_terminal() -> None:
    broken = result("d.fail", "fail", findings=[finding(observed=NASTY, message=NASTY)], says=NASTY)
    seen = result("o.seen", "observed", "MAY", observed={NASTY: NASTY})
    text = render(run("non-conformant", broken, result("e.err", "error", reason=NASTY), seen))
    assert [c for c in text if (ord(c) < 32 and c != "\n") or "\x7f" <= c <= "\x9f"] == []
    text.encode()
