"""What is never sent to a target."""

from urllib.parse import unquote, urlsplit

from conformance.exchange import Request

__all__ = ["DangerousPath", "is_plain", "refuse_danger"]


class DangerousPath(Exception):
    """A request that clients and proxies could turn into one for another path was about to be sent."""


def is_plain(segment: str) -> bool:
    """Whether a path segment, however often it is encoded, stays one segment that names something."""
    plain = segment
    for _ in range(3):
        if not plain or not plain.strip(".") or set("/\\") & set(plain):
            return False
        plain = unquote(plain)
    return bool(plain.strip(".")) and not set("/\\") & set(plain)


def refuse_danger(request: Request) -> None:
    """Let no destructive request out whose path could be read as another.

    Raises:
        DangerousPath: an empty, dotted or slashed segment in the path of a DELETE.
    """
    segments = urlsplit(request.url).path.split("/")[1:]
    if request.method == "DELETE" and not all(is_plain(segment) for segment in segments):
        raise DangerousPath(f"DELETE {urlsplit(request.url).path}")
