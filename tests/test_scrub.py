"""Scrubbing: what may be written and what may not."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.exchange import Exchange, Request
from conformance.scrub import LONGEST_BODY, Scrubber

SECRET = "sk_test_sentinel_0123456789"


def scrubber() -> Scrubber:
    scrub = Scrubber(["transcript", "summary"], ["X-Vendor-Key"])
    scrub.secret(SECRET)
    scrub.own("canary7")
    return scrub


@pytest.mark.parametrize(
    "name", ["Authorization", "AUTHORIZATION", "cookie", "Set-Cookie", "x-api-key", "X-Vendor-Key", "api-key"]
)
def test_a_secret_header_loses_its_value_whatever_the_case_of_its_name(name: str) -> None:
    assert scrubber().headers([(name, "anything")]) == [[name, "[scrubbed]"]]


def test_a_credential_goes_wherever_it_stands() -> None:
    scrub = scrubber()
    answer = {"echo": f"Bearer {SECRET}", SECRET: [SECRET]}
    exchange = Exchange(
        Request("GET", f"http://h/?key={SECRET}", {"Authorization": SECRET, "X-Other": SECRET}, SECRET.encode()),
        401,
        (("WWW-Authenticate", f'Bearer error="{SECRET}"'),),
        json.dumps(answer).encode(),
        0.0,
        0.1,
    )
    assert SECRET not in json.dumps(scrub.exchange(exchange))


@pytest.mark.parametrize("secret", ['quo"te\\d', "line\nbreak", "ümläut", "per cent/slash"])
def test_a_secret_goes_in_every_spelling(secret: str) -> None:
    scrub = Scrubber([])
    scrub.secret(secret)
    body = json.dumps({"echo": secret}).encode()
    raw = json.dumps({"echo": secret}, ensure_ascii=False).encode()
    for shown in (scrub.body(body), scrub.body(raw), scrub.body(b"not json: " + raw), scrub.text(secret)):
        assert shown is not None
        assert secret not in shown
        assert json.dumps(secret)[1:-1] not in shown


def test_a_secret_goes_from_a_url_where_it_is_percent_encoded() -> None:
    scrub = Scrubber([])
    scrub.secret("per cent/slash")
    assert scrub.text("http://h/per%20cent%2Fslash") == "http://h/[scrubbed]"


@given(st.text(min_size=4, max_size=20))
def test_no_secret_of_four_characters_or_more_survives_in_text(secret: str) -> None:
    scrub = Scrubber([])
    scrub.secret(secret)
    assert secret not in scrub.text(f"before {secret} after").replace("[scrubbed]", "")


def test_a_very_short_secret_does_not_make_every_text_unreadable() -> None:
    scrub = Scrubber([])
    scrub.secret("a")
    scrub.secret("")
    assert scrub.text("banana") == "banana"


def shown(body: Any) -> str:
    text = scrubber().body(json.dumps(body).encode())
    assert text is not None
    return text


def test_foreign_content_in_a_sensitive_place_is_left_out_at_any_depth() -> None:
    body = {"data": [{"transcript": [{"text": "a real person said this", "nested": {"very private": 1}}]}]}
    text = shown(body)
    assert "real person" not in text
    assert "very private" not in text
    assert "[scrubbed 23 characters]" in text


def test_what_the_suite_generated_itself_may_be_shown() -> None:
    assert "hello canary7" in shown({"transcript": [{"text": "hello canary7"}]})


def test_foreign_content_once_seen_goes_from_later_texts_too() -> None:
    scrub = scrubber()
    scrub.body(json.dumps({"summary": 'they said "private words"'}).encode())
    assert "private words" not in scrub.text('an error quoting they said "private words"')
    assert "private words" not in (scrub.body(json.dumps({"error": 'they said "private words"'}).encode()) or "")


def test_a_bare_word_hidden_in_one_place_stays_readable_in_others() -> None:
    scrub = scrubber()
    scrub.body(b'{"transcript": [{"role": "assistant", "text": "Hello there"}]}')
    assert scrub.text("the role of the assistant, as text: Hello there") == (
        "the role of the assistant, as text: [scrubbed]"
    )


def test_field_names_that_the_document_publishes_are_shown() -> None:
    scrub = Scrubber(["transcript"], names=["role", "text"])
    body = scrub.body(b'{"transcript": [{"role": "user", "text": "Hi", "patient x": 1}]}')
    assert json.loads(body or "") == {
        "transcript": [
            {"role": "[scrubbed 4 characters]", "text": "[scrubbed 2 characters]", "[scrubbed 9 characters]": 1}
        ]
    }


def test_what_is_not_sensitive_stays_readable() -> None:
    assert json.loads(shown({"id": "ac_1", "status": "completed", "n": [1, None]})) == {
        "id": "ac_1",
        "status": "completed",
        "n": [1, None],
    }


def test_an_empty_body_is_none_and_bytes_are_a_digest() -> None:
    scrub = scrubber()
    assert scrub.body(None) is None
    assert scrub.body(b"") is None
    assert (scrub.body(b"RIFF\xff\xfe" * 9) or "").startswith("[54 bytes, sha256 ")


@pytest.mark.parametrize("depth", [300, 900, 100_000])
def test_a_body_nested_without_measure_is_shown_cut_or_as_a_digest(depth: int) -> None:
    text = scrubber().body(b'{"a":' * depth + b"1" + b"}" * depth)
    assert text is not None
    assert len(text) < LONGEST_BODY + 60


def test_a_long_body_is_cut_at_the_stated_length() -> None:
    text = shown({"a": "x" * 10_000})
    assert text.startswith('{"a": "xxx')
    assert text.endswith("characters in all]")
    assert len(text) < LONGEST_BODY + 60


def test_a_secret_across_the_cut_is_not_halved_into_view() -> None:
    text = shown({"a": "x" * (LONGEST_BODY - 20) + SECRET})
    assert SECRET[:8] not in text
