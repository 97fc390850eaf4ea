"""Secrets are found whole, in pieces and in other spellings, wherever a text is cut."""

import json
import random
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.results.secret_text import Secrets, fold

SECRET = "sk_test/Sentinel+0123456789ab"
WORDS = ["2026-03-01", "api_cancelled", "transcript", "assistant"]


def percent(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper case": str.upper,
    "lower case": str.lower,
    "percent-encoded": lambda s: quote(s, safe=""),
    "percent-encoded, slashes kept": quote,
    "every character percent-encoded": percent,
    "the same in upper case": lambda s: percent(s).upper(),
    "base64": lambda s: b64encode(s.encode()).decode(),
    "base64 after Bearer": lambda s: b64encode(b"Bearer " + s.encode()).decode(),
    "base64 after user:": lambda s: b64encode(b"user:" + s.encode()).decode(),
    "base64 in JSON": lambda s: b64encode(json.dumps({"key": s}).encode()).decode(),
    "urlsafe base64": lambda s: urlsafe_b64encode(b"??" + s.encode() + b"??").decode(),
    "hex": lambda s: s.encode().hex(),
    "upper hex": lambda s: s.encode().hex().upper(),
    "reversed": lambda s: s[::-1],
    "JSON": lambda s: json.dumps(s)[1:-1],
    "JSON with escaped slashes": lambda s: json.dumps(s)[1:-1].replace("/", "\\/"),
}


def runs(text: str, length: int = 12) -> set[str]:
    folded = fold(text)
    return {folded[at : at + length] for at in range(len(folded) - length + 1)}


def left(shown: str, length: int = 12) -> set[str]:
    """The runs that survive."""
    return {run for piece in shown.split("[scrubbed]") for run in runs(piece, length)}


ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def core(spell: Callable[[str], str], secret: str) -> str:
    """What of a spelling is the secret's alone: from where to where it changes with the secret's letters."""
    spelled = spell(secret)
    turned = [secret.translate(str.maketrans(ALPHABET, ALPHABET[by:] + ALPHABET[:by])) for by in (7, 31)]
    differs = [
        n for other in turned for n, (one, two) in enumerate(zip(spelled, spell(other), strict=True)) if one != two
    ]
    # The characters at both ends may hold bits of what stands beside the secret.
    return spelled[min(differs) + 1 : max(differs)] if differs else ""


def knowing(*values: str) -> Secrets:
    secrets = Secrets(WORDS)
    for value in values:
        secrets.add(value)
    return secrets


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    "secret", [SECRET, 'quo"te\\d and spaced out', "ümläut-ümläut-ümläut", "short-one-9", "abc/d=f8"]
)
def test_a_secret_is_found_in_every_spelling(secret: str, spelling: str) -> None:
    spelled = SPELLINGS[spelling](secret)
    shown = knowing(secret).hide(f"before {spelled} after")
    assert "[scrubbed]" in shown
    length = 12 if len(secret) >= 20 else 8
    assert not left(shown, length) & runs(core(SPELLINGS[spelling], secret), length)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("secret", ["pass", "hunter2"])
def test_a_short_secret_is_found_whole(secret: str, spelling: str) -> None:
    if secret == "hunter2" or "base64" not in spelling:
        assert "[scrubbed]" in knowing(secret).hide(f"before {SPELLINGS[spelling](secret)} after")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_piece_of_twelve_characters_is_found(spelling: str) -> None:
    secrets = knowing(SECRET)
    for run in runs(core(SPELLINGS[spelling], SECRET)):
        assert secrets.hide(f"<{run}>") == "<[scrubbed]>"


def test_of_a_secret_under_twenty_characters_a_piece_of_eight_is_found() -> None:
    secrets = knowing("0123456789abcdefghi")
    assert secrets.hide("<3456789a>") == "<[scrubbed]>"
    assert secrets.hide("<3456789>") == "<3456789>"


def test_a_covered_stretch_is_hidden_as_one() -> None:
    assert knowing(SECRET).hide(f"a{SECRET}{SECRET}b") == "a[scrubbed]b"
    assert knowing(SECRET).hide(f"a{SECRET} {SECRET}b") == "a[scrubbed] [scrubbed]b"


def test_values_of_less_than_four_characters_are_no_secrets() -> None:
    assert knowing("", "a", "ana").hide("banana") == "banana"


@pytest.mark.parametrize("secret", [SECRET, "short-one-9", "hunter2"])
@pytest.mark.parametrize("spelling", ["plain", "base64", "hex", "reversed", "every character percent-encoded"])
def test_a_cut_through_a_secret_leaves_no_piece_of_it(spelling: str, secret: str) -> None:
    secrets, spelled = knowing(secret), SPELLINGS[spelling](secret)
    text = f"before {spelled} after and on"
    for longest in range(len(text) + 2):
        shown = secrets.hide(text, longest)
        kept = shown.partition("...")[0] if longest < len(text) else shown
        end = len("before " + spelled)
        # Nothing but what stands beside it, and one mark in its place.
        seen = text[:longest] if longest <= len("before ") else "before [scrubbed]" + text[end : max(end, longest)]
        assert kept == seen
        assert (f"[{len(text)} characters in all]" in shown) == (longest < len(text))


def test_a_secret_that_itself_breaks_off_is_hidden_up_to_its_end() -> None:
    assert knowing(SECRET).hide(f"at {SECRET[:20]}", 10) == "at [scrubbed]... [23 characters in all]"


TOKENS = st.text(ALPHABET + "-._~+/=", min_size=20, max_size=64)


@given(TOKENS, st.text(max_size=60), st.text(max_size=60), st.sampled_from(sorted(SPELLINGS)), st.data())
def test_no_run_of_twelve_characters_survives(
    secret: str, before: str, after: str, spelling: str, data: st.DataObject
) -> None:
    text = before + SPELLINGS[spelling](secret) + after
    longest = data.draw(st.none() | st.integers(0, len(text) + 3))
    shown = knowing(secret).hide(text, longest)
    if longest is not None and len(text) > longest:
        shown = shown.rpartition("... [")[0]
    assert not left(shown) & runs(core(SPELLINGS[spelling], secret))


@given(st.text(min_size=4, max_size=20))
def test_no_secret_of_four_characters_or_more_survives(secret: str) -> None:
    secrets = Secrets()
    secrets.add(secret)
    shown = secrets.hide(f"before {secret} after").replace("[scrubbed]", "")
    assert secret not in shown or fold(secret) in {"true", "false", "null", "charset", "utf-8", "boundary"}


@given(st.text(), st.text(min_size=4))
def test_half_characters_and_odd_ones_crash_nothing(text: str, secret: str) -> None:
    secrets = knowing(secret, secret + "\ud800" * 8, "İß\u0130Σ" * 5)
    secrets.hide(text + "\udfff\ud800", 3)
    assert len(fold(text + "İΣ")) == len(text) + 2


def test_a_text_without_secrets_stays_as_it_is() -> None:
    text = json.dumps({"role": "assistant", "ids": [random.Random(n).randbytes(16).hex() for n in range(200)]})
    assert knowing(SECRET, "hunter2", "short-one-9").hide(text) == text


# Headers


def headers(*values: str) -> Secrets:
    secrets = Secrets(WORDS)
    for value in values:
        secrets.add_header(value)
    return secrets


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("Bearer tok_0123456789", "tok_0123456789"),
        ("Token token=tok_0123456789, expires=9", "tok_0123456789"),
        ("session='tok_0123456789'; path=/", "tok_0123456789"),
        ('key:"tok_01234"', "tok_01234"),
        ("Basic " + b64encode(b"joe:correct-horse").decode(), "correct-horse"),
        ("tok/0123456789abcdef", "tok/0123456789abcdef"),
    ],
)
def test_a_part_of_a_header_is_a_secret(value: str, part: str) -> None:
    assert headers(value).hide(f"the word ({part}).") == "the word ([scrubbed])."
    assert headers(value).hide(f"the word ({value}).") == "the word ([scrubbed])."


@pytest.mark.parametrize(
    "value",
    [
        "application/json",
        "application/json;q=0.9, text/html",
        "2026-03-01",
        "Bearer",
        "assistant",
        "text/plain; charset=utf-8",
    ],
)
def test_what_is_public_in_a_header_stays_readable(value: str) -> None:
    assert headers(value).hide(f"sent {value} and Bearer") == f"sent {value} and Bearer"


def test_public_parts_beside_a_secret_one_stay_readable() -> None:
    secrets = headers("Bearer tok_0123456789", "2026-03-01 tok_abcdefgh")
    text = "Bearer 2026-03-01 application/json"
    assert secrets.hide(text) == text


def test_secrets_of_several_lengths_are_hidden_side_by_side() -> None:
    secrets = knowing(SECRET, "short-one-9", "hunter2")
    text = f"<hunter2> <short-one-9> <{SECRET}> <short-one-9> <hunter2>"
    assert secrets.hide(text) == "<[scrubbed]> <[scrubbed]> <[scrubbed]> <[scrubbed]> <[scrubbed]>"


def test_a_letter_that_is_two_in_upper_case_hides_nothing() -> None:
    assert knowing("straße").hide("<STRASSE>") == "<[scrubbed]>"


@pytest.mark.parametrize("value", ["api_cancelled", "Assistant", "my-assistant", "said by the assistant transcript"])
def test_known_words_stay_readable_whatever_is_secret(value: str) -> None:
    text = 'the "transcript" of an assistant, api_cancelled'
    assert knowing(value).hide(text) == text


# Cost


def test_hiding_is_linear_in_the_text() -> None:
    rng = random.Random(1)
    keys = ["".join(rng.choices(ALPHABET, k=30)) for _ in range(60)]
    secrets = knowing(*keys, "aaaa", "a" * 15, "a" * 40)
    for text in ("".join(rng.choices(keys, k=10_000)), "a" * 300_000, rng.randbytes(150_000).hex()):
        began = time.perf_counter()
        secrets.hide(text)
        assert time.perf_counter() - began < 3
        began = time.perf_counter()
        for _ in range(20):
            secrets.hide(text, 4000)
        assert (time.perf_counter() - began) / 20 < 0.05
