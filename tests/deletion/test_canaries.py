"""A canary is found in whatever form it survives, and in nothing else."""

import base64
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.deletion.canaries import Canaries

TOKEN = "k3vq7w2p"
PLANTED = Canaries(lambda: "", {"/transcript": TOKEN, "/summary": "m4n5b6v7"})


def test_a_place_keeps_its_marker_and_each_place_has_its_own() -> None:
    numbers = itertools.count()
    canaries = Canaries(lambda: f"token{next(numbers)}")
    assert [canaries.plant(place) for place in ("/a/*", "/b", "/a/*")] == ["token0", "token1", "token0"]
    assert canaries.planted == {"/a/*": "token0", "/b": "token1"}


SHOWING = {
    "as it is": TOKEN,
    "within words": f"xx{TOKEN}xx",
    "upper case": TOKEN.upper(),
    "hex": f"{TOKEN} said".encode().hex(),
    "upper hex": f"{TOKEN} said".encode().hex().upper(),
    "base64 of upper case": base64.b64encode(f"{TOKEN} said".upper().encode()).decode(),
    "base64 in JSON": json.dumps({"a": base64.b64encode(f"he {TOKEN} said".encode()).decode()}),
    "base64 beside bytes": base64.b64encode(b"\xff\x00" + TOKEN.encode()).decode(),
    "base64 and one character more": base64.b64encode(f"{TOKEN}x".encode()).decode() + "A",
    "base64 of the token alone": base64.b64encode(TOKEN.encode()).decode().rstrip("="),
}


@pytest.mark.parametrize("text", SHOWING.values(), ids=SHOWING)
def test_a_marker_survives_in_this_form(text: str) -> None:
    assert PLANTED.traces(text) == {"/transcript"}


@given(st.text("abc ?>ÿ", max_size=6), st.text("abc ?>ÿ", max_size=6), st.booleans(), st.booleans())
def test_any_base64_of_what_holds_a_marker_shows_it(before: str, after: str, padded: bool, urlsafe: bool) -> None:
    encode = base64.urlsafe_b64encode if urlsafe else base64.b64encode
    text = encode(f"{before}{TOKEN}{after}".encode()).decode()
    assert PLANTED.traces(text if padded else text.rstrip("=")) == {"/transcript"}


@pytest.mark.parametrize("text", ["", "k3vq7w2", "nothing to see here", "abcdefghijkl", "deadbeefdeadbeef", "z" * 41])
def test_what_holds_no_marker_shows_none(text: str) -> None:
    assert PLANTED.traces(text) == set()


def test_each_place_is_told() -> None:
    assert PLANTED.traces(f"{TOKEN} m4n5b6v7") == {"/transcript", "/summary"}
