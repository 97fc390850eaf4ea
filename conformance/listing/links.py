"""Links of a page: where they lead, as they are written and as they may be followed, and what must hold of them."""

from collections.abc import Collection, Iterator
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urljoin, urlsplit

from conformance.contracts.pointer import ABSENT
from conformance.http.exchange import Exchange
from conformance.http.safety import is_plain
from conformance.results.findings import Shown, Violation

__all__ = [
    "cursor_of",
    "dangerous",
    "is_link",
    "link_is_absolute",
    "of_origin",
    "on_the_target",
    "origin_of",
    "parts_of",
]

_PORTS: Final = {"http": 80, "https": 443}


def is_link(value: Any) -> bool:
    """Whether a link leads anywhere."""
    return not (value is None or value is ABSENT or value == "")


def parts_of(link: Any) -> SplitResult | None:
    """A link taken apart; None where it is no text, or none that can be read as a URI."""
    if not isinstance(link, str):
        return None
    try:
        parts = urlsplit(link)
        # Reading these is what tells a port that is none, and half a character that can't be sent.
        _ = parts.hostname, parts.port, link.encode()
    except ValueError:
        return None
    return parts


def origin_of(link: Any) -> str | None:
    """Scheme, host and port of an absolute http URI, so written that equal origins are equal texts; else None."""
    parts = parts_of(link)
    if parts is None or parts.scheme not in _PORTS or not parts.hostname:
        return None
    return f"{parts.scheme}://{parts.hostname.rstrip('.')}:{parts.port or _PORTS[parts.scheme]}"


def on_the_target(link: Any, asked: str) -> str | None:
    """Where to ask for a link that stood in the answer to `asked`, a URL of the target; None where it is no http URI.

    It is always the target itself, for a credential never goes to another origin. A link to another one is asked for at
    the path of the operation.
    """
    parts = parts_of(link)
    if parts is None or (parts.scheme and parts.scheme not in _PORTS):
        return None
    here = urlsplit(asked)
    base = f"{here.scheme}://{here.netloc}"
    if parts.scheme or parts.netloc:
        origin = origin_of(link if parts.scheme else f"{here.scheme}:{link}")
        same = origin == origin_of(asked)
    else:
        parts, same = urlsplit(urljoin(asked, link)), True
    path = (parts.path or "/") if same else here.path
    return base + path + (f"?{parts.query}" if parts.query else "")


def cursor_of(link: Any, name: str) -> str | None:
    """The value of the cursor parameter in a link; None where it has none."""
    parts = parts_of(link)
    return None if parts is None else dict(parse_qsl(parts.query)).get(name)


def dangerous(link: Any) -> bool:
    """Whether the path of a link could be read as another: dots, or slashes, in one of its segments."""
    parts = parts_of(link)
    segments = parts.path.split("/")[1:] if parts else []
    if segments and not segments[-1]:
        segments.pop()
    return not all(map(is_plain, segments))


def link_is_absolute(link: Any, which: str, about: tuple[Exchange, ...] = ()) -> Iterator[Violation]:
    """A link is an absolute http URI, and its path can't be read as another."""
    if parts_of(link) is None:
        yield Violation("no-uri", f"{which} is no URI", "http(s)://host/...", Shown(link), about=about)
    elif origin_of(link) is None:
        yield Violation("not-absolute", f"{which} is no absolute URI", "http(s)://host/...", Shown(link), about=about)
    elif dangerous(link):
        yield Violation(
            "dangerous-path",
            f"{which} has a path that clients and proxies turn into another",
            "a path without dots or slashes in a segment",
            Shown(link),
            about=about,
        )


def of_origin(link: Any, origins: Collection[str], which: str, about: tuple[Exchange, ...]) -> Iterator[Violation]:
    """A link names one of these origins."""
    if origin_of(link) not in set(map(origin_of, origins)):
        yield Violation(
            "another-origin",
            f"{which} names another origin than the target's",
            " or ".join(origins),
            Shown(link),
            about=about,
        )
