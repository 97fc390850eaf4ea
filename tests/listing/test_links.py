"""Links of a page: taken apart, compared and followed, whatever a server writes."""

import pytest

from conformance.listing.links import cursor_of, dangerous, on_the_target, origin_of
from conformance.listing.oracles import link_is_absolute

ASKED = "http://api.test:8080/v1/list?pageSize=2"
NO_URIS = [
    "http://[",
    "http://\u2100\x1b]0;x",
    "http://host:99999999/",
    "http://host:port/",
    "http://\ud800/",
    2,
    None,
    {},
]


@pytest.mark.parametrize("link", NO_URIS)
def test_what_is_no_uri_is_never_followed_and_never_raises(link: object) -> None:
    assert on_the_target(link, ASKED) is None
    assert origin_of(link) is None
    assert cursor_of(link, "cursor") is None
    assert [v.code for v in link_is_absolute(link, "next")] == ["no-uri"]


@pytest.mark.parametrize(
    ("link", "there"),
    [
        ("http://api.test:8080/v1/other?cursor=a", "http://api.test:8080/v1/other?cursor=a"),
        ("HTTP://API.Test:8080/v1/list?cursor=a#f", "http://api.test:8080/v1/list?cursor=a"),
        ("/v1/list?cursor=a", "http://api.test:8080/v1/list?cursor=a"),
        ("?cursor=a", "http://api.test:8080/v1/list?cursor=a"),
        ("//api.test:8080/v1/list?cursor=a", "http://api.test:8080/v1/list?cursor=a"),
        # Another origin is asked for at the target, where the operation stands.
        ("http://elsewhere.test/v9/list?cursor=a", "http://api.test:8080/v1/list?cursor=a"),
        ("//elsewhere.test/v9/list?cursor=a", "http://api.test:8080/v1/list?cursor=a"),
        ("https://api.test:8080/v1/list?cursor=a", "http://api.test:8080/v1/list?cursor=a"),
        ("http://api.test:8080@elsewhere.test/v9?cursor=a", "http://api.test:8080/v1/list?cursor=a"),
        ("javascript:alert(1)", None),
        ("ftp://api.test:8080/v1/list", None),
    ],
)
def test_a_link_is_followed_on_the_target_alone(link: str, there: str | None) -> None:
    assert on_the_target(link, ASKED) == there


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://host", "http://HOST:80/path"),
        ("https://host:443/", "HTTPS://host"),
        ("http://host.:80", "http://host"),
        ("http://[::1]:80/", "http://[::1]"),
    ],
)
def test_origins_are_the_same_however_they_are_written(one: str, other: str) -> None:
    assert origin_of(one) == origin_of(other) is not None


@pytest.mark.parametrize("other", ["http://host:81", "https://host", "http://host.test", "http://a@b"])
def test_origins_differ_by_scheme_host_and_port(other: str) -> None:
    assert origin_of(other) != origin_of("http://host")


@pytest.mark.parametrize(
    ("link", "codes"),
    [
        ("http://host/list?cursor=a/../b", []),
        ("HTTP://host:80/list", []),
        ("/list?cursor=a", ["not-absolute"]),
        ("host:8080/list", ["not-absolute"]),
        ("http://host/a/../list", ["dangerous-path"]),
        ("http://host/a%2flist", ["dangerous-path"]),
        ("http://host//list", ["dangerous-path"]),
    ],
)
def test_a_usable_link_is_absolute_and_has_a_plain_path(link: str, codes: list[str]) -> None:
    assert [v.code for v in link_is_absolute(link, "next")] == codes
    assert dangerous(link) is (codes == ["dangerous-path"])
