"""The application: routes to handlers."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from conformance.reference.cartesia.api import Api, not_found
from conformance.reference.cartesia.situation import Situation
from conformance.reference.cartesia.states import States
from conformance.reference.cartesia.store import Store
from conformance.reference.knobs import Knobs
from conformance.reference.server import STATE_PATH
from conformance.reference.wire import wire_middleware

__all__ = ["create_app"]


def create_app(database: Path, knobs: Knobs[Situation], api_key: str) -> Starlette:
    """Make a server of the calls in this SQLite file; `api_key` opens its main account."""
    api = Api(Store(database, api_key), knobs)
    call = "/agents/calls/{call_id}"
    routes = [
        Route("/agents/calls", api.endpoint("list", api.list_calls), methods=["GET"]),
        Route(call, api.endpoint("get", api.get_call), methods=["GET"]),
        Route(call, api.endpoint("delete", api.delete_call), methods=["DELETE"]),
        Route(f"{call}/audio", api.endpoint("audio", api.get_audio), methods=["GET"]),
        Route(f"{call}/logs", api.endpoint("logs", api.get_logs), methods=["GET"]),
        Route(f"{call}/cancel", api.endpoint("cancel", api.cancel_call), methods=["POST"]),
        Route(STATE_PATH, States(api).endpoint, methods=["POST"]),
    ]
    app = Starlette(routes=routes, middleware=wire_middleware(knobs), exception_handlers={HTTPException: not_found})
    app.router.redirect_slashes = False
    return app
