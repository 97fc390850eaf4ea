"""The credential under test: given or printed by a command, and renewed when it has expired."""

from pathlib import Path

import pytest

from conformance.http.exchange import Exchange, Request
from conformance.targets.credential import Credential, CredentialError
from conformance.targets.target import Target

GET, DELETE = Request("GET", "http://h/a", operation="get"), Request("DELETE", "http://h/a", operation="delete")


def answered(request: Request, status: int) -> Exchange:
    return Exchange(request, status, (), b"", 0.0, 0.0)


def counting(folder: Path) -> str:
    """A command that prints another key each time."""
    return f"echo x >> {folder}/n; echo key-$(wc -l < {folder}/n | tr -d ' ')"


def credential(folder: Path, **given: str) -> tuple[Credential, list[str]]:
    told: list[str] = []
    return Credential(Target("http://h", **{"credential_command": counting(folder), **given}), told.append), told  # type: ignore[arg-type] # texts all


def test_a_command_prints_the_key_once_and_it_is_known_as_a_secret(tmp_path: Path) -> None:
    one, told = credential(tmp_path)
    assert [one.key, one.key] == ["key-1", "key-1"]
    assert told == ["key-1"]


def test_a_401_to_what_was_allowed_before_renews_the_key(tmp_path: Path) -> None:
    one, told = credential(tmp_path)
    assert one.key == "key-1"
    assert one.holds(answered(GET, 200), ask=lambda _: pytest.fail("nothing to ask"))
    assert not one.holds(answered(GET, 401), ask=lambda request: answered(request, 401))
    assert one.key == "key-2"
    assert told == ["key-1", "key-2"]


def test_a_401_is_the_targets_own_where_what_was_allowed_still_is(tmp_path: Path) -> None:
    one, _ = credential(tmp_path)
    one.holds(answered(GET, 200), ask=lambda request: answered(request, 200))
    one.holds(answered(DELETE, 200), ask=lambda request: answered(request, 200))
    assert one.holds(answered(DELETE, 401), ask=lambda request: answered(request, 200))
    assert one.key == "key-1"


def test_a_401_to_what_was_never_allowed_says_nothing(tmp_path: Path) -> None:
    one, _ = credential(tmp_path)
    assert one.holds(answered(DELETE, 401), ask=lambda _: pytest.fail("nothing to ask"))


def test_it_is_renewed_once_and_again_only_after_something_was_allowed(tmp_path: Path) -> None:
    one, _ = credential(tmp_path)
    refused = lambda request: answered(request, 401)  # noqa: E731 - the same for all
    one.holds(answered(GET, 200), ask=refused)
    assert not one.holds(answered(GET, 401), ask=refused)
    one.holds(answered(GET, 200), ask=refused)
    assert not one.holds(answered(GET, 401), ask=refused)
    assert one.key.startswith("key-")


def test_without_a_command_an_expired_key_ends_the_run_in_words() -> None:
    one = Credential(Target("http://h", "given-key"), lambda _: None)
    one.holds(answered(GET, 200), ask=lambda request: answered(request, 401))
    with pytest.raises(CredentialError, match="no longer accepted"):
        one.holds(answered(GET, 401), ask=lambda request: answered(request, 401))


@pytest.mark.parametrize("command", ["exit 3", "true", "printf 'a\\033b'", "echo secret-words >&2; exit 1"])
def test_a_command_that_fails_or_prints_nothing_usable_is_told_without_its_words(command: str) -> None:
    with pytest.raises(CredentialError) as problem:
        _ = Credential(Target("http://h", credential_command=command), lambda _: None).key
    assert "secret-words" not in str(problem.value)
