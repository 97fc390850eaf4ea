"""Routes by path, so that a refused method is told all that its path has."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

__all__ = ["Endpoint", "resource"]

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


def resource(path: str, **methods: Endpoint) -> Route:
    """Answer a path, each method by its own endpoint; GET answers HEAD too.

    A route for each method instead would have the first one refuse with an Allow header of its own method only, where
    RFC 9110, 15.5.6, wants every method that the path has.
    """

    async def answer(request: Request) -> Response:
        return await methods["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, answer, methods=list(methods))
