"""The fingerprint of a violation."""

import pytest

from conformance.results.findings import Violation, fingerprint


def test_a_fingerprint_does_not_hang_on_ids_or_words() -> None:
    one = Violation("kept", "ac_1 still shows it", "absent", "hello", "/transcript in get")
    other = Violation("kept", "ac_2 still shows it", "nothing", "goodbye", "/transcript in get")
    assert fingerprint("v.a.b", one) == fingerprint("v.a.b", other)
    assert len(fingerprint("v.a.b", one)) == 16


@pytest.mark.parametrize(
    ("name", "code", "where"), [("v.a.c", "kept", "w"), ("v.a.b", "lost", "w"), ("v.a.b", "kept", "x")]
)
def test_a_fingerprint_tells_requirement_code_and_place_apart(name: str, code: str, where: str) -> None:
    known = fingerprint("v.a.b", Violation("kept", "", "", "", "w"))
    assert fingerprint(name, Violation(code, "", "", "", where)) != known
