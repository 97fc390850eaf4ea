"""Scrubbing: what may be written and what may not."""

import json
import re
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.contracts.pointer import ABSENT
from conformance.http.exchange import Exchange, Request
from conformance.results.scrub import LONGEST_BODY, Scrubber
from tests.results.test_secret_text import runs

SECRET = "sk_test_sentinel_0123456789"
OWN = "canary77"
UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def scrubber(*, everything_own: bool = False) -> Scrubber:
    scrub = Scrubber(
        ["transcript", "summary"],
        ["X-Vendor-Key"],
        contract_words=frozenset({"completed", "assistant", "user", "cursor"}),
        property_names=frozenset(
            {"id", "status", "transcript", "summary", "role", "text", "created", "count", "next", "data", "detail"}
        ),
        vocabulary=frozenset({"call", "calls", "agents", "api", "key"}),
        everything_own=everything_own,
    )
    scrub.secret(SECRET)
    scrub.own(OWN)
    scrub.own_id("c7")
    return scrub


def shown(body: Any, status: int = 200, *, everything_own: bool = False) -> str:
    text = scrubber(everything_own=everything_own).body(json.dumps(body).encode(), status=status)
    assert text is not None
    return text


def plain(body: Any, status: int = 200) -> Any:
    """The body as shown, hashes aside."""
    return json.loads(re.sub(", hmac [0-9a-f]{8}]", "]", shown(body, status)))


# Credentials


@pytest.mark.parametrize(
    "name", ["Authorization", "AUTHORIZATION", "cookie", "Set-Cookie", "x-api-key", "X-Vendor-Key", "api-key"]
)
@pytest.mark.parametrize("ours", [True, False])
@pytest.mark.parametrize("everything_own", [True, False])
def test_a_secret_header_loses_its_value_whatever_the_case_of_its_name(
    name: str, ours: bool, everything_own: bool
) -> None:
    scrub = scrubber(everything_own=everything_own)
    assert scrub.headers([(name, "anything")], ours=ours) == ((name, "[scrubbed]"),)


@pytest.mark.parametrize("everything_own", [True, False])
@pytest.mark.parametrize("status", [200, 401])
def test_a_credential_goes_wherever_it_stands(everything_own: bool, status: int) -> None:
    scrub = scrubber(everything_own=everything_own)
    answer = {"echo": f"Bearer {SECRET}", SECRET: [SECRET], "id": f"{OWN} {SECRET[::-1]}"}
    exchange = Exchange(
        Request("GET", f"http://h/?key={SECRET}", {"Authorization": SECRET, "X-Other": SECRET}, SECRET.encode()),
        status,
        (
            ("WWW-Authenticate", f'Bearer error="{SECRET}"'),
            ("Location", f"http://h/calls?{SECRET}"),
            ("X-Request-Id", SECRET.encode().hex()),
            (f"X-{SECRET}", "1"),
        ),
        json.dumps(answer).encode(),
        0.0,
        0.1,
    )
    written = runs(json.dumps(scrub.exchange(exchange).as_json()))
    for spelled in (SECRET, SECRET[::-1], SECRET.encode().hex()):
        assert not runs(spelled) & written


@pytest.mark.parametrize("secret", ['quo"te\\d', "line\nbreak", "ümläut", "per cent/slash"])
def test_a_secret_goes_in_every_spelling(secret: str) -> None:
    scrub = Scrubber(everything_own=True)
    scrub.secret(secret)
    body = json.dumps({"echo": secret}).encode()
    raw = json.dumps({"echo": secret}, ensure_ascii=False).encode()
    for text in (scrub.body(body), scrub.body(raw), scrub.body(b"not json: " + raw), scrub.text(secret)):
        assert text is not None
        assert secret not in text
        assert json.dumps(secret)[1:-1] not in text


def test_a_secret_goes_from_a_url_where_it_is_percent_encoded() -> None:
    scrub = Scrubber()
    scrub.secret("per cent/slash")
    assert scrub.text("http://h/per%20cent%2Fslash") == "http://h/[scrubbed]"


def test_parts_of_configured_headers_are_secrets_and_the_contracts_words_are_not() -> None:
    scrub = scrubber()
    for value in ("Bearer tok_0123456789", "completed", "application/json"):
        scrub.header_secret(value)
    assert scrub.text("is tok_0123456789, completed, application/json") == "is[scrubbed], completed, application/json"


def test_a_very_short_secret_does_not_make_every_text_unreadable() -> None:
    scrub = Scrubber()
    scrub.secret("a")
    scrub.secret("")
    assert scrub.text("banana") == "banana"


@pytest.mark.parametrize("longest", range(60, 110))
def test_a_secret_across_a_cut_is_not_halved_into_view(longest: int) -> None:
    scrub = scrubber(everything_own=True)
    text = "x" * 70 + SECRET
    for cut in (scrub.text(text, longest), scrub.value(text, longest), scrub.value({"a": [text]}, longest)):
        assert SECRET[:2] not in cut


def test_a_secret_across_the_cut_of_a_body_is_not_halved_into_view() -> None:
    for before in range(LONGEST_BODY - 40, LONGEST_BODY):
        assert SECRET[:2] not in shown({"id": "x" * before + SECRET}, everything_own=True)
        assert SECRET[:2] not in shown({"id": OWN + "x" * (before - len(OWN)) + SECRET})


# Nobody's content


SENTINEL = "Zq xylophone 4711"
AROUND = st.sampled_from(
    ["id", "status", "transcript", "summary", "role", "text", "created", "next", "unknown", "data"]
)
BODIES: st.SearchStrategy[Any] = st.recursive(
    st.just(SENTINEL) | st.none() | st.booleans() | st.just("completed") | st.just(f"tel:{SENTINEL}"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(AROUND | st.just(SENTINEL), inner, max_size=4),
    max_leaves=20,
)


@given(BODIES, st.sampled_from([200, 404, 500]))
def test_foreign_content_stands_nowhere(body: Any, status: int) -> None:
    scrub = scrubber()
    answer = json.dumps(body).encode()
    headers = (
        ("X-Echo", SENTINEL),
        ("ETag", SENTINEL),
        ("Location", f"/calls/{SENTINEL}"),
        ("Content-Language", SENTINEL),
    )
    exchange = Exchange(Request("GET", "http://h/"), status, headers, answer, 0.0, 0.1)
    written = [json.dumps(scrub.exchange(exchange).as_json()), scrub.value(body), scrub.value(body, 4000, at="/data")]
    written.append(str(scrub.body(b"no json: " + answer, status=status)))
    for text in written:
        assert not any(word in text for word in ("Zq", "xylophone", "4711"))


def test_of_foreign_content_kind_length_and_a_hash_are_told() -> None:
    assert re.fullmatch(r'\{"text": "\[text of 17 characters, hmac [0-9a-f]{8}\]"\}', shown({"text": SENTINEL}))
    scrub = scrubber()
    assert scrub.value(SENTINEL) == scrub.value(SENTINEL)
    assert scrub.value(SENTINEL) != scrub.value(SENTINEL.lower())
    assert scrub.value(SENTINEL) != scrubber().value(SENTINEL)


def test_numbers_are_shown_at_declared_names_and_not_below_sensitive_ones() -> None:
    body = {"count": 4, "unknown": 4711, "transcript": [{"count": 4711, "id": True}], "data": [1.5, True]}
    assert plain(body) == {
        "count": 4,
        "[name of 7 characters]": "[number]",
        "transcript": [{"count": "[number]", "id": "[true or false]"}],
        "data": [1.5, True],
    }


def test_names_are_shown_that_the_document_declares_or_that_are_ours() -> None:
    body = {"unknown": None, "another": None, "status": None, f"x {OWN}": None}
    assert list(plain(body)) == ["[name of 7 characters]", "[name of 7 characters] 1", "status", f"x {OWN}"]
    assert list(plain({"api_key": None, "stranger": None}, 400)) == ["api_key", "[name of 8 characters]"]


def test_what_the_suite_made_itself_is_shown_anywhere_and_in_any_case() -> None:
    body = {"transcript": [{"text": f"hello {OWN}", "x": OWN.upper()}], "y": ["c7", "c7 is mine"]}
    assert plain(body) == {
        "transcript": [{"text": f"hello {OWN}", "[name of 1 characters]": OWN.upper()}],
        "[name of 1 characters]": ["c7", "[text of 10 characters]"],
    }


def test_the_contracts_words_are_shown_even_in_sensitive_places() -> None:
    assert plain({"transcript": [{"role": "assistant", "text": "Assistants"}]}) == {
        "transcript": [{"role": "assistant", "text": "[text of 10 characters]"}]
    }


@pytest.mark.parametrize("text", ["2026-03-01T12:00:00.5Z", UUID])
def test_instants_and_uuids_are_shown_at_declared_names(text: str) -> None:
    hidden = f"[text of {len(text)} characters]"
    body = {"created": text, "data": [text], "unknown": text, "summary": {"created": text}}
    assert plain(body) == {
        "created": text,
        "data": [text],
        "[name of 7 characters]": hidden,
        "summary": {"created": hidden},
    }


@pytest.mark.parametrize(
    ("link", "told"),
    [
        (
            "https://h.example:8/api/calls?cursor=abc&x=1",
            "https://h.example:8/api/calls?cursor=[...]&[1 characters]=[...]",
        ),
        (f"/agents/calls/{UUID}/joe#x", f"/agents/calls/{UUID}/[3 characters]"),
        ("https://h.example", "https://h.example"),
        ("https://joe:pw@h.example/calls", None),
        ("mailto:joe@h.example", None),
        ("https://h.example/ calls", None),
        ("joe", None),
    ],
)
def test_of_a_link_only_what_the_document_knows_is_shown(link: str, told: str | None) -> None:
    assert plain({"next": link}) == {"next": told or f"[text of {len(link)} characters]"}
    header = scrubber().headers([("Location", link)], ours=False)[0][1]
    assert header == told or (told is None and header.startswith(f"[{len(link)} characters, hmac "))


@pytest.mark.parametrize("text", ["Call not found", "call not found.", "Bad API key", "404 Not Found"])
def test_an_errors_text_in_the_documents_words_is_shown(text: str) -> None:
    assert plain({"detail": text, "call": [text]}, 404) == {"detail": text, "call": [text]}
    assert plain({"detail": text}) == {"detail": f"[text of {len(text)} characters]"}
    assert plain({"summary": text}, 404) == {"summary": f"[text of {len(text)} characters]"}
    assert scrubber().body(text.encode(), status=404) == text
    assert (scrubber().body(text.encode()) or "").startswith(f"[{len(text)} bytes, hmac ")


@pytest.mark.parametrize("text", ["Call of Joe not found", "call 5550100", "Call not found " * 20, "☎ call", "..."])
def test_an_errors_text_in_other_words_is_not_shown(text: str) -> None:
    assert plain({"detail": text}, 404) == {"detail": f"[text of {len(text)} characters]"}
    assert text not in (scrubber().body(text.encode(), status=404) or "")


def test_headers_of_an_answer_keep_what_is_harmless() -> None:
    pairs = [("Content-Type", "text/html"), ("X-Request-Id", "r1"), ("WWW-Authenticate", "Bearer"), ("X-Else", "Joe")]
    told = scrubber().headers(pairs, ours=False)
    assert told[:3] == tuple(pairs[:3])
    assert re.fullmatch(r"\[3 characters, hmac [0-9a-f]{8}\]", told[3][1])
    assert scrubber(everything_own=True).headers(pairs, ours=False) == tuple(pairs)


def test_requests_are_ours() -> None:
    exchange = Exchange(Request("POST", "http://h/x?y=Joe", {"X-Else": "Joe"}, b'{"x":"Joe"}'), 200, (), b"", 0.0, 0.1)
    told = scrubber().exchange(exchange)
    assert (told.url, told.request_headers) == ("http://h/x?y=Joe", (("X-Else", "Joe"),))
    assert (told.request_body, told.response_body) == ('{"x":"Joe"}', None)


def test_of_the_embedded_reference_everything_is_shown() -> None:
    body = {"summary": "Joe", "unknown": [4711, True, {"Joe": "https://h/?x=1"}]}
    assert json.loads(shown(body, everything_own=True)) == body
    assert scrubber(everything_own=True).body(b"Joe said") == "Joe said"
    assert scrubber(everything_own=True).value("Joe") == '"Joe"'


# Values in messages


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (ABSENT, "absent"),
        (None, "null"),
        ("completed", '"completed"'),
        (f"{OWN}!", f'"{OWN}!"'),
        ("2026-03-01T12:00:00Z", '"2026-03-01T12:00:00Z"'),
        ("", '""'),
        (UUID, "[text of 36 characters]"),
        (4711, "[number]"),
        (False, "[true or false]"),
        ({"count": [4711, False]}, '{"count": ["[number]", "[true or false]"]}'),
        ("x" * 500, "[text of 500 characters]"),
    ],
)
def test_a_value_is_told_without_content(value: Any, told: str) -> None:
    assert re.sub(", hmac [0-9a-f]{8}]", "]", scrubber().value(value)) == told


def test_a_value_whose_place_is_known_is_told_as_in_a_body() -> None:
    scrub = scrubber()
    assert (scrub.value(4, at="/data/0/count"), scrub.value(UUID, at="/id")) == ("4", f'"{UUID}"')
    assert scrub.value("/calls?cursor=1", at="/next") == "/calls?cursor=[...]"
    assert (scrub.value(4, at="/transcript/*/count"), scrub.value(4, at="/else")) == ("[number]", "[number]")


def test_a_value_is_cut_after_so_many_characters() -> None:
    assert scrubber().value(OWN * 20, 10) == f'"{OWN}c... [162 characters in all]'
    assert len(scrubber().value(["completed"] * 100_000)) < 170
    assert scrubber(everything_own=True).value({"a": "x" * 200}, 10) == '{"a": "xxx... [209 characters in all]'


# Bodies of every kind


@pytest.mark.parametrize("everything_own", [True, False])
def test_an_empty_body_is_none_and_bytes_are_a_digest(everything_own: bool) -> None:
    scrub = scrubber(everything_own=everything_own)
    assert scrub.body(None) is None
    assert scrub.body(b"") is None
    kind = "sha256" if everything_own else "hmac"
    assert (scrub.body(b"RIFF\xff\xfe" * 9, status=500) or "").startswith(f"[54 bytes, {kind} ")


@pytest.mark.parametrize("everything_own", [True, False])
@pytest.mark.parametrize("depth", [300, 900, 100_000])
def test_a_body_nested_without_measure_is_shown_cut_or_as_a_digest(depth: int, everything_own: bool) -> None:
    for opened, closed in ((b'{"data":', b"}"), (b"[", b"]")):
        text = scrubber(everything_own=everything_own).body(opened * depth + b"1" + closed * depth)
        assert text is not None
        assert len(text) < LONGEST_BODY + 60


def test_a_value_nested_without_measure_is_told_as_such() -> None:
    value: Any = 1
    for _ in range(5000):
        value = [value]
    for everything_own in (True, False):
        assert len(scrubber(everything_own=everything_own).value(value)) < 170


@pytest.mark.parametrize("everything_own", [True, False])
def test_a_long_body_is_cut_at_the_stated_length(everything_own: bool) -> None:
    text = shown({"id": OWN + "x" * 10_000}, everything_own=everything_own)
    assert text.startswith(f'{{"id": "{OWN}xxx')
    assert text.endswith(f"... [{10_000 + 10 + len(OWN)} characters in all]")
    assert len(text) < LONGEST_BODY + 60
    many = shown({"data": ["completed", 1, None, [], {}, SENTINEL] * 1000}, everything_own=everything_own)
    assert LONGEST_BODY < len(many) < LONGEST_BODY + 60


@given(st.text(alphabet=st.characters(), max_size=30), st.sampled_from([200, 404]), st.booleans())
def test_half_characters_crash_nothing(text: str, status: int, everything_own: bool) -> None:
    scrub = scrubber(everything_own=everything_own)
    for odd in (text, text + "\ud800", "\udfff" + OWN):
        scrub.own(odd)
        scrub.own_id(odd)
        scrub.secret(odd + "\ud800\ud800\ud800")
        body = json.dumps({odd: odd, "id": [odd]}).encode()
        exchange = Exchange(Request("GET", f"http://h/{odd}", {"X": odd}), status, (("Y", odd),), body, 0.0, 0.1)
        json.dumps(scrub.exchange(exchange).as_json()).encode()
        scrub.value(odd)
        scrub.text(odd, 3)


def test_one_body_costs_no_more_than_its_length() -> None:
    scrub = scrubber()
    for number in range(20_000):
        scrub.own(f"agent_{number:0{8 + number % 25}}")
    bodies = [
        json.dumps({"id": "agent_" * 300_000}),
        json.dumps({"data": ["agent_00" * 40] * 5000}),
        "[" + "1," * 10**6 + "1]",
    ]
    bodies += [
        "http://" + "a." * 10**6,
        json.dumps({"next": "http://" + "a." * 10**6}),
        json.dumps({f"x{n}": n for n in range(10**5)}),
    ]
    for body in bodies:
        began = time.perf_counter()
        scrub.body(body.encode(), status=404)
        assert time.perf_counter() - began < 3
