"""What is never sent to a target."""

from urllib.parse import unquote, urlsplit

from conformance.http.exchange import Request

__all__ = ["UnsafePath", "is_plain", "refuse_unsafe"]


class UnsafePath(Exception):
    """A request that clients and proxies could turn into one for another path was about to be sent.

    Its words hold nothing that a target wrote.
    """


def is_plain(segment: str) -> bool:
    """Whether a path segment, however often it is encoded, stays one that names something, in whole characters."""
    plain = segment
    if any(0xD800 <= ord(char) < 0xE000 for char in segment):
        return False
    for _ in range(3):
        if not plain or not plain.strip(".") or set("/\\") & set(plain):
            return False
        plain = unquote(plain)
    return bool(plain.strip(".")) and not set("/\\") & set(plain)


def refuse_unsafe(request: Request) -> None:
    """Let no request out whose path could be read as another (DESIGN, 12).

    A trailing slash, with nothing behind it, may belong to an operation or to the state URL; behind a DELETE it may be
    an id that got lost.

    Raises:
        UnsafePath: a dotted or slashed segment in the path, or an empty one.
    """
    segments = urlsplit(request.url).path.split("/")[1:]
    if segments and not segments[-1] and request.method != "DELETE":
        segments.pop()
    if not all(is_plain(segment) for segment in segments):
        raise UnsafePath(
            f"{request.method} {request.operation}".rstrip()
            + ": not sent, since its path (an empty id, dots or slashes in it) could be read as another"
        )
