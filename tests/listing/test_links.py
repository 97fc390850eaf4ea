"""Links of a page: taken apart, compared and followed, whatever a server writes."""

import pytest

from conformance.contracts.pointer import ABSENT
from conformance.listing.links import (
    cursor_of,
    dangerous,
    is_link,
    link_is_absolute,
    of_origin,
    on_the_target,
    origin_of,
    parts_of,
)
from tests.exchanges import answer, told

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
        ("/v1/other?cursor=a", "http://api.test:8080/v1/other?cursor=a"),
        ("//api.test:8080/v1/other?cursor=a", "http://api.test:8080/v1/other?cursor=a"),
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


ABOUT = (answer(),)


@pytest.mark.parametrize(
    ("link", "code"),
    [
        ("http://[", "no-uri"),
        (None, "no-uri"),
        ("/list", "not-absolute"),
        ("ftp://host/list", "not-absolute"),
        ("http:///list", "not-absolute"),
        ("http://host/a/..", "dangerous-path"),
    ],
)
def test_a_link_that_is_none_is_told_as_it_stood(link: object, code: str) -> None:
    assert told(link_is_absolute(link, "next", ABOUT)) == [(code, "", (link, ""), ABOUT)]


@pytest.mark.parametrize("link", ["http://host/", "http://host", "http://host/a/", "http://host/?"])
def test_an_empty_last_segment_is_plain(link: str) -> None:
    assert not dangerous(link)
    assert dangerous("http://host//")


@pytest.mark.parametrize(("link", "leads"), [("x", True), (5, True), (None, False), ("", False), (ABSENT, False)])
def test_null_absent_and_empty_links_lead_nowhere(link: object, *, leads: bool) -> None:
    assert is_link(link) is leads


@pytest.mark.parametrize(
    ("link", "cursor"),
    [
        ("http://h/?cursor=a%2Fb&x=1", "a/b"),
        ("?x=1", None),
        ("?cursor=", None),
        ("?Cursor=a", None),
        ("?cursor=a&cursor=b", "b"),
    ],
)
def test_a_cursor_is_read_from_a_link(link: str, cursor: str | None) -> None:
    assert cursor_of(link, "cursor") == cursor


def test_a_link_without_a_path_is_asked_for_at_the_root() -> None:
    assert on_the_target("http://api.test:8080?cursor=a", ASKED) == "http://api.test:8080/?cursor=a"
    assert on_the_target("http://api.test:8080/v1", ASKED) == "http://api.test:8080/v1"


def test_what_can_be_read_is_taken_apart() -> None:
    parts = parts_of("/v1/list?x=1")
    assert parts is not None
    assert (parts.path, parts.query) == ("/v1/list", "x=1")
    assert dangerous("http://[") is False


@pytest.mark.parametrize("link", ["http://api.test/list", "HTTP://API.test:80/x", "https://public.test/?a=b"])
def test_a_link_may_name_any_of_the_origins_of_the_target(link: str) -> None:
    assert [*of_origin(link, ["http://api.test", "https://public.test"], "next", ABOUT)] == []


@pytest.mark.parametrize("link", ["http://api.test:81/", "https://api.test/", "http://elsewhere.test/", "/list"])
def test_a_link_to_another_origin_is_told(link: str) -> None:
    found = [*of_origin(link, ["http://api.test", "https://public.test"], "next", ABOUT)]
    assert told(found) == [("another-origin", "", (link, ""), ABOUT)]
    assert [v.expected for v in found] == ["http://api.test or https://public.test"]
