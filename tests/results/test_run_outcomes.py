"""What the requirements of a run came to: findings are kept once, scrubbed, and go to whom they belong."""

from collections.abc import Sequence

import pytest

from conformance.http.exchange import Exchange, Request
from conformance.results.findings import Evidence, Shown, Violation, fingerprint
from conformance.results.run_outcomes import Outcomes
from conformance.results.scrub import Scrubber
from tests.results.made import finding, outcome, requirement

SECRET = "sk_sentinel_0123456789abcdef"
MUST, SHOULD, MAY = requirement("MUST", "v.must"), requirement("SHOULD", "v.should"), requirement("MAY", "v.may")
ANSWER = Exchange(Request("GET", "http://h/1", {"x": SECRET}), 200, (), b"{}", 1.0, 0.1)
OTHER = Exchange(Request("GET", "http://h/2"), 200, (), b"{}", 2.0, 0.1)


def outcomes(waived: object = None) -> Outcomes:
    scrub = Scrubber(everything_own=True)
    scrub.secret(SECRET)
    return Outcomes((MUST, SHOULD, MAY), scrub, waived)  # type: ignore[arg-type] # waivers are only looked up


def gather(about: Sequence[Exchange]) -> Evidence:
    return Evidence({"states": [], "steps": []}, ["curl"], [ANSWER, *(e for e in about if e is not ANSWER)])


def violation(observed: str | Shown = "seen", where: str = "") -> Violation:
    return Violation("code", f"message {SECRET}", "expected", observed, where, about=(OTHER,))


def test_a_violation_is_kept_scrubbed_with_the_offending_exchange_marked() -> None:
    kept = outcomes()
    kept.keep(MUST, violation(Shown([1], " and more")), gather, reproduced=True)
    (one,) = kept.of(MUST).findings.values()
    assert SECRET not in repr(one)
    assert (one.code, one.observed, one.reproduced, one.unless) == ("code", "[1] and more", True, None)
    assert one.fingerprint == fingerprint(MUST.id, violation())
    assert [(e.url, e.offending) for e in one.exchanges] == [("http://h/1", None), ("http://h/2", True)]


def test_long_words_are_cut_after_they_were_scrubbed() -> None:
    kept = outcomes()
    kept.keep(MUST, violation("x" * 299 + SECRET), gather, reproduced=True)
    (one,) = kept.of(MUST).findings.values()
    assert "sk_" not in one.observed


def test_the_first_of_a_kind_stays_until_the_smallest_comes() -> None:
    kept = outcomes()
    kept.keep(MUST, violation("first"), gather, reproduced=True)
    kept.keep(MUST, violation("second"), lambda _: pytest.fail("nothing is gathered in vain"), reproduced=True)
    assert [f.observed for f in kept.of(MUST).findings.values()] == ["first"]
    kept.keep(MUST, violation("small"), gather, reproduced=False, smallest=True)
    assert [(f.observed, f.reproduced) for f in kept.of(MUST).findings.values()] == [("small", False)]
    kept.keep(MUST, violation("elsewhere", "w"), gather, reproduced=True)
    assert len(kept.of(MUST).findings) == 2


def test_what_is_open_is_what_nobody_waived() -> None:
    mark = fingerprint(MUST.id, violation())
    kept = outcomes({MUST.id: {mark: object()}})
    assert not kept.all_waived(MUST)
    for one in (MUST, SHOULD, MAY):
        kept.keep(one, violation(), gather, reproduced=True)
    assert kept.open_findings(strict=False) == set()
    assert kept.open_findings(strict=True) == {SHOULD.id}
    assert kept.all_waived(MUST)
    assert not kept.all_waived(SHOULD)
    kept.keep(MUST, violation(where="w"), gather, reproduced=True)
    assert kept.open_findings(strict=False) == {MUST.id}
    assert not kept.all_waived(MUST)


def test_a_proof_is_kept_part_by_part_without_secrets() -> None:
    kept = outcomes()
    kept.prove(MUST, [("before", ANSWER), ("after", OTHER)])
    assert [(p.part, p.exchange.url) for p in kept.of(MUST).proof] == [
        ("before", "http://h/1"),
        ("after", "http://h/2"),
    ]
    assert SECRET not in repr(kept.of(MUST).proof)


def test_what_workers_saw_adds_up_and_can_be_looked_at_before_they_end() -> None:
    kept = outcomes()
    kept.of(MUST).examples = 2
    seen = [outcome(findings={"m": finding()}).as_json()]
    seen[0]["requirement"] = MUST.id
    both = kept.together_with(seen)
    assert (both.of(MUST).examples, list(both.of(MUST).findings)) == (7, ["m"])
    assert (kept.of(MUST).examples, kept.of(MUST).findings) == (2, {})
    kept.take_in(seen)
    assert (kept.of(MUST).examples, list(kept.of(MUST).findings)) == (7, ["m"])
    assert kept.get("v.unknown") is None
    assert [one.requirement for one in kept.all()] == [MUST.id]
