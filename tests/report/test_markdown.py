"""Markdown: the worst first, cut to fit, and nothing that a target sent is markup."""

import json

import pytest

from conformance.report import badge, markdown
from conformance.results.lines import ResultLine
from tests.conftest import FinishedRun
from tests.report.reports import NASTY, accepted, finding, result, run, telling, waived


def test_verdict_broken_untested_then_the_rest() -> None:
    text = markdown.render([telling()])
    assert text.startswith("## Not conformant to Vendor Delete: 1 MUST failed")
    places = [text.index(h) for h in ("### What failed", "### What was not tested", "### Requirements", "### Observed")]
    assert places == sorted(places)
    assert "```sh\ncurl -sS one\n```" in text
    assert "can't prove" in text


def test_what_is_waived_comes_after_what_is_broken_with_its_terms() -> None:
    text = markdown.render([accepted(), run("non-conformant", result("other", "fail"))])
    heading = text.index("### Waived: Vendor Delete")
    assert text.index("#### ✗ MUST `v.other`") < heading < text.index("### Requirements")
    broken, known = text[:heading], text[heading:].partition("### Requirements")[0]
    assert "v.w.must" not in broken
    assert "its summary too" not in broken
    terms = "being mended | T-1 | Ada | 2030-01-31 |"
    assert f"| MUST `v.w.must` | `dddddddddddddddd` | a known one | {terms}" in known
    assert f"| MUST `v.b.part` | `eeeeeeeeeeeeeeee` | its summary too | {terms}" in known
    assert "| a soft one | later |  |  |  |" in known


def test_what_the_gate_decided_stands_under_the_verdict() -> None:
    lines = [line for line in markdown.render([accepted()]).splitlines() if line]
    assert lines[1:4] == ["**Gate: closed, exit code 1**", "- closed by: failed: v.b.part", "- note: waived: 3"]
    assert "Gate" not in markdown.render([telling()])


def test_the_terms_of_a_waiver_are_never_markup() -> None:
    nasty = waived(reason=f"{NASTY}\n| x | y |", ticket="[t](http://x)", owner="@all")
    text = markdown.render([run("non-conformant", result("w", "fail", findings=[finding(waived=nasty)]))])
    text.encode()
    assert "@all" not in text
    assert "[t](" not in text
    assert not any(line.startswith("| x") for line in text.splitlines())


def test_of_several_runs_every_broken_promise_comes_before_any_detail() -> None:
    text = markdown.render([run("conformant", result("fine", "pass")), telling()])
    assert text.index("v.b.fail") < text.index("v.fine")


@pytest.mark.parametrize("largest", [1500, 4000, markdown.LARGEST])
def test_it_is_cut_at_whole_parts_and_says_so(largest: int) -> None:
    many = [result(f"r{n}", "fail", says="w" * 900) for n in range(2000)]
    text = markdown.render([run("non-conformant", *many)], largest)
    assert len(text.encode()) <= largest
    assert text.count("```") % 2 == 0
    assert "Cut to fit" in text
    assert text.startswith("## Not conformant")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("<img src=x>", "&lt;img src=x&gt;"),
        ("[a](b) ![c](d)", r"\[a\](b) !\[c\](d)"),
        ("*a* _b_ `c` ~d~ |e|", r"\*a\* \_b\_ \`c\` \~d\~ \|e\|"),
        ("@someone https://x www.x", "&#64;someone https&#58;//x www&#46;x"),
        ("two\nlines \x1b[0m", r"two lines \\x1b\[0m"),
        ("a & b; $c$", r"a &amp; b; \$c\$"),
    ],
)
def test_words_are_never_markup(given: str, shown: str) -> None:
    assert markdown.inline(given) == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [("plain", "`plain`"), ("a`b", "``a`b``"), ("``", "``` `` ```"), ("a|b", "`a\\|b`"), ("", ""), ("a\nb", "`a b`")],
)
def test_a_code_span_can_not_be_ended_by_what_is_in_it(given: str, shown: str) -> None:
    assert markdown.code(given) == shown


def test_a_code_block_can_not_be_ended_by_what_is_in_it() -> None:
    assert markdown.fence("```\nx", "sh") == "````sh\n```\nx\n````"


def test_hostile_texts_stay_inside_their_cells() -> None:
    nasty = f"{NASTY}\n| a | b |\n</details><script>`"
    seen = finding(message=nasty, observed=nasty, expected=nasty)
    text = markdown.render([run("non-conformant", result("x", "fail", says=nasty, findings=[seen]))])
    text.encode()
    outside = "\n".join(text.split("```")[::2])
    assert "<script>" not in outside.replace("`` ", "").replace("``", "") or "&lt;script&gt;" in outside
    rows = [line for line in outside.splitlines() if line.startswith("|")]
    assert not any(line.startswith("| a | b |") for line in rows)


def test_a_real_run_is_told_with_its_key_scrubbed(faulty_run: FinishedRun) -> None:
    text = markdown.render([faulty_run.results])
    assert "cartesia.redact.omits" in text
    assert faulty_run.api_key not in text


@pytest.mark.parametrize(
    ("overall", "results", "message", "colour"),
    [
        ("conformant", [result("a", "pass")], "1 of 1 MUST verified", "brightgreen"),
        (
            "conformant-with-warnings",
            [result("a", "pass"), result("b", "warn", "SHOULD")],
            "1 of 1 MUST verified, 1 SHOULD failed",
            "green",
        ),
        ("non-conformant", [result("a", "fail")], "not conformant: 1 MUST failed", "red"),
        (
            "not-fully-verified",
            [result("a", "untestable", reason="r")],
            "not fully verified: 1 MUST not tested",
            "yellow",
        ),
        ("error", [result("a", "error", reason="r")], "no verdict: the run ended in an error", "lightgrey"),
        ("conformant-quick", [result("a", "pass")], "1 of 1 MUST verified (quick)", "yellow"),
    ],
)
def test_a_badge_names_level_and_document_and_no_percentage(
    overall: str,
    results: list[ResultLine],
    message: str,
    colour: str,
) -> None:
    made = json.loads(badge.render(run(overall, *results)))
    assert made["schemaVersion"] == 1
    assert made["label"] == "Vendor Delete 1 (00000000)"
    assert (made["message"], made["color"]) == (message, colour)
    assert "%" not in json.dumps(made)


def test_a_badge_says_what_was_not_asked_for() -> None:
    made = json.loads(badge.render(run("conformant", result("a", "pass"), profile="read-only", selected=["a"])))
    assert made["message"] == "1 of 1 MUST verified (profile read-only) (a selection)"
