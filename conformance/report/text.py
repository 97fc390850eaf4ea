"""Words and figures as every report writes them."""

import json
from urllib.parse import urlsplit

__all__ = ["LIMITS_OF_ANY_CHECK", "clock", "cut", "host", "number", "place", "plural", "pretty"]

LIMITS_OF_ANY_CHECK = (
    "A check through the API sees what the API shows. It can't prove that data is erased from storage, "
    "backups, logs or the systems of third parties."
)


def cut(text: str, longest: int) -> str:
    """At most so many characters of the text, and how many were left out."""
    if len(text) <= longest:
        return text
    return f"{text[:longest]} [… {number(len(text) - longest)} more characters in results.jsonl]"


def pretty(text: str | None) -> str:
    """A body as a reader wants it: JSON indented, anything else as it is, nothing as nothing."""
    if not text:
        return ""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def number(value: float) -> str:
    """A count with its thousands apart."""
    return f"{value:,.0f}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def clock(seconds: float) -> str:
    """A duration in the unit that suits it."""
    if seconds < 0.0995:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def place(at: str) -> str:
    """Where a requirement's words stand, with the file they stand in."""
    return f"openapi.yaml {at}" if at.startswith("/") else at


def host(url: str) -> str:
    """Host and port of a URL; the URL itself where it has none."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or url
    except ValueError:
        return url
