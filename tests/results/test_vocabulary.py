"""The words by which a text is known to be nobody's content."""

import json
from typing import Any

import pytest

from conformance.contracts.loading import bundled, load
from conformance.results.scrub import Scrubber
from conformance.results.vocabulary import Own, bare, declared, is_phrase, spoken, stated

SENTINEL = "Zq xylophone 4711"
DOCUMENT: dict[str, Any] = {
    "info": {"title": "The API key of Acme", "version": "v1 of 2026"},
    "parameters": [{"name": "pageSize", "in": "query", "schema": {"type": "integer", "default": "fifty"}}],
    "schema": {
        "properties": {
            "status": {"enum": ["done", None, 5]},
            "enum": {"const": "fixed"},
            "name": {"items": {"properties": {"inner": {}, False: {}}}},
        }
    },
}


def test_enums_constants_defaults_and_parameters_are_stated() -> None:
    assert stated([DOCUMENT]) == {"done", "fixed", "fifty", "pageSize"}


def test_names_are_declared_at_any_depth() -> None:
    assert declared([DOCUMENT]) == {"status", "enum", "name", "inner"}


def test_a_document_speaks_in_whole_and_in_joined_words_and_not_in_figures() -> None:
    words = spoken([DOCUMENT])
    assert {"the", "api", "key", "acme", "pagesize", "page", "size", "v1"} <= words
    assert "2026" not in words


def test_a_contract_states_single_words_and_its_requirements_wording_is_none() -> None:
    contract = {"record": {"terminal": ["done"]}, "requirements": [{"says": "no", "data": {"is": "one"}}], "t": "a b"}
    assert bare(contract) == {"record", "terminal", "done", "requirements", "is", "one", "t"}


def test_a_phrase_is_made_of_known_words_alone() -> None:
    known = frozenset({"call"})
    assert is_phrase("Call not found (404)!", known)
    assert not any(is_phrase(text, known) for text in ("", "...", "call 12", "call of Joe", "call ☎", "call " * 50))


def test_a_document_that_holds_itself_is_read_all_the_same() -> None:
    document: dict[str, Any] = {"enum": ["a"], "deep": {}}
    document["deep"]["er"] = document
    for _ in range(5000):
        document = {"properties": {"x": [document]}}
    assert stated([document]) == {"a"}
    assert declared([document]) == {"x"}


def test_the_suites_own_is_known_by_its_tokens_whole_and_in_time() -> None:
    own = Own(100)
    for token in ("abcdefgh", "ABCDEFGHIJ", "abcdefgX", "short"):
        own.add(token)
    own.add_whole("c7")
    assert all(map(own.made, ("c7", "--abcdefgh--", "Abcdefghij", "abcDEFGx", "x" * 92 + "abcdefgh")))
    assert not any(map(own.made, ("", "c7!", "short", "abcdefg", "x" * 93 + "abcdefgh")))


@pytest.mark.parametrize("vendor", bundled())
def test_a_contracts_words_and_names_are_known(vendor: str) -> None:
    contract = load(vendor)
    scrub = Scrubber.of(contract, everything_own=False)
    for secret in (*contract.terms.headers.values(), "application/json", "Bearer tok_0123456789"):
        scrub.header_secret(secret)
    words = {*contract.record.terminal} if contract.deletes else {*()}
    words |= set(contract.terms.headers.values()) | {"agent_hangup"}
    for word in words:
        assert (scrub.text(word), scrub.value(word)) == (word, f'"{word}"')
    error = {"detail": "Call not found", "status": 404}
    assert scrub.credential_headers
    assert "Call not found" in (scrub.body(json.dumps(error).encode(), status=404) or "")
    assert SENTINEL not in (scrub.body(json.dumps({"metadata": {"a": SENTINEL}, "summary": SENTINEL}).encode()) or "")


def test_sensitive_fields_are_those_that_must_be_gone_after_a_deletion() -> None:
    contract = next((c for c in map(load, bundled()) if c.bound("redact.omits")), None)
    assert contract is not None
    scrub = Scrubber.of(contract, everything_own=False)
    place = contract.bound("redact.omits")[0].data.fields[0]
    assert scrub.value(5, at=place) == "[number]"
    assert scrub.value("2026-03-01T12:00:00Z", at=place).startswith("[text of 20 characters")
