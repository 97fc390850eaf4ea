"""A target's URLs: one reading only, no credential in them, and never the vendor's production by another spelling."""

from pathlib import Path

import pytest

from conformance.targets.config import Options, UsageError, read_config, target_of
from conformance.targets.target import Target, TargetError
from tests.support import conformance

PASSWORD = "hunter2-0123456789"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "https://staging.example.com/a/prefix/",
        "https://staging.example.com/with@sign",
        "HTTPS://Example.com.:443",
        "http://[::1]:80/x",
        "http://localhost:",
        "http://under_score",
        "https://xn--bcher-kva.example",
    ],
)
def test_a_plain_url_is_taken(url: str) -> None:
    Target(url, state_url=url, public_origin=url, proxy=url)


@pytest.mark.parametrize("field", ["url", "state_url", "public_origin", "proxy"])
@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"http://user:{PASSWORD}@host", "headers"),
        (f"http://{PASSWORD}@host/x", "headers"),
        (f"http://user:{PASSWORD}/w@host", "headers"),
        (f"http://user:{PASSWORD}?w@host", "headers"),
        (f"http://user:{PASSWORD}\\@host", "backslash"),
        (f"http:user:{PASSWORD}@host", "headers"),
        (f"ftp://user:{PASSWORD}@host", "headers"),
        (f"user:{PASSWORD}@host", "headers"),
        (f"http://user%40:{PASSWORD}%40host", "percent"),
        ("http://ho\\st", "backslash"),
        ("http://h/a b", "white space"),
        ("http://h\t", "white space"),
        ("http://h/\x1b[31m", "control"),
        ("http://h\u3000", "white space"),
        ("https://api.example.com%2e", "percent"),
        ("https://[fe80::1%25eth0]/", "percent"),
        ("https://b\u00fccher.example", "xn--"),
        ("https://api\u3002example\u3002com", "xn--"),
        ("http://", "no http or https URL"),
        ("http:///path", "no http or https URL"),
        ("http://:80", "no http or https URL"),
        ("http://..", "no http or https URL"),
        ("http://h:x", "host or port"),
        ("http://h:99999", "host or port"),
        ("http://h:-1", "host or port"),
        ("http://h:80:80", "host or port"),
        ("http://[::1", "host or port"),
        ("http://*", "host or port"),
        ("h", "no http or https URL"),
        ("ftp://h/", "no http or https URL"),
        ("", "no http or https URL"),
    ],
)
def test_a_url_of_two_readings_is_refused_without_its_credential(field: str, url: str, said: str) -> None:
    given = {"url": "http://h", field: url}
    with pytest.raises(TargetError, match=said) as refusal:
        Target(**given)  # type: ignore[arg-type] # all are URLs
    assert PASSWORD not in str(refusal.value)
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize("url", ["http://h?key=hunter2", "http://h/#hunter2", "http://h/a?"])
def test_a_base_has_no_query_and_no_fragment(url: str) -> None:
    with pytest.raises(TargetError, match="no query and no fragment") as refusal:
        Target(url)
    assert "hunter2" not in str(refusal.value)
    Target("http://h", state_url=url)


SERVERS = [
    "https://api.example.com",
    "/relative",
    "https://API.example.org.:443/v1",
    "{}",
    "https://b\u00fccher.example",
]


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com",
        "http://API.Example.COM:8080/x",
        "https://api.example.com.",
        "https://api.example.com...",
        "https://api.example.org",
        "https://xn--bcher-kva.example",
    ],
)
def test_production_is_known_by_any_spelling(url: str) -> None:
    for target in (Target(url), Target("http://127.0.0.1", state_url=url)):
        with pytest.raises(TargetError, match="production"):
            target.refuse_production(SERVERS)
    Target(url, allow_production=True).refuse_production(SERVERS)


@pytest.mark.parametrize("url", ["http://127.0.0.1", "https://staging.api.example.com", "https://api.example.com.evil"])
def test_another_host_is_no_production(url: str) -> None:
    Target(url, state_url=url).refuse_production(SERVERS)


@pytest.mark.parametrize(
    "odd",
    [
        "https://api.example.com%2e",
        "https://api%2eexample.com",
        "https://api.example.com\\@127.0.0.1",
        "https://api.example.com\\.localhost",
        "https://api.example.com@127.0.0.1",
        "https://127.0.0.1@api.example.com",
        "https://\uff41pi.example.com",
        "https://api.example\u3002com",
        "https://api.example.com\t",
        "https:\\\\api.example.com",
        "https:/api.example.com",
        "https:///api.example.com",
    ],
)
def test_what_a_client_could_read_as_production_is_no_target_at_all(odd: str) -> None:
    with pytest.raises(TargetError):
        Target(odd)
    with pytest.raises(TargetError):
        Target("http://127.0.0.1", state_url=odd)


def test_the_command_says_it_in_a_line_without_the_password(tmp_path: Path) -> None:
    for url in (f"http://user:{PASSWORD}@127.0.0.1:9", f"user:{PASSWORD}@127.0.0.1:9"):
        for command in ("run", "doctor", "fleet"):
            ended = conformance(command, "--contract", "cartesia", "--target", url, cwd=tmp_path)
            assert ended.code == 4, ended.said
            assert PASSWORD not in ended.said
            assert "Traceback" not in ended.said
    assert not list(tmp_path.iterdir())


def config(folder: Path, *lines: str) -> Target:
    file = folder / "conformance.toml"
    file.write_text("\n".join(['[targets.staging]\nurl = "http://127.0.0.1"', *lines]))
    target = target_of(Options(target="staging"), read_config(str(file)))
    assert target is not None
    return target


def test_bounds_and_credentials_come_from_the_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEAK", PASSWORD)
    bounds = {
        "max_calls": (600, 7),
        "max_tombstones": (15000, 8),
        "max_accounts": (60, 9),
        "max_native_calls": (20, 0),
        "max_wrong_credentials": (150, 0),
        "wrong_credentials_per_minute": (25, 1),
        "disposable": (False, True),
        "accounts": (None, "shared"),
        "credential_command": (None, "echo " + PASSWORD),
    }
    bare = config(tmp_path)
    assert {name: getattr(bare, name) for name in bounds} == {name: default for name, (default, _) in bounds.items()}
    lines = [f"{n} = {str(v).lower() if isinstance(v, bool) else repr(v)}" for n, (_, v) in bounds.items()]
    full = config(tmp_path, *lines, 'weak_api_key_env = "WEAK"')
    assert {name: getattr(full, name) for name in bounds} == {name: stated for name, (_, stated) in bounds.items()}
    assert full.weak_api_key == PASSWORD
    assert PASSWORD not in repr(full)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('weak_api_key_env = "NO_SUCH_VARIABLE"', "NO_SUCH_VARIABLE"),
        ('accounts = "some"', "accounts"),
        ("max_calls = 0", "max_calls"),
        ('disposable = "yes"', "disposable"),
    ],
)
def test_what_does_not_fit_the_config_is_said(line: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=said):
        config(tmp_path, line)
