"""The application: routes to handlers."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from conformance.reference.cartesia.api import Api, not_found
from conformance.reference.cartesia.situation import Situation
from conformance.reference.cartesia.states import States
from conformance.reference.cartesia.store import Store
from conformance.reference.routing import resource
from conformance.reference.server import STATE_PATH
from conformance.reference.switches import Switches
from conformance.reference.wire import wire_middleware

__all__ = ["create_app"]


def create_app(database: Path, switches: Switches[Situation], api_key: str) -> Starlette:
    """Make a server of the calls in this SQLite file; `api_key` opens its main account."""
    api = Api(Store(database, api_key), switches)
    call = "/agents/calls/{call_id}"
    routes = [
        resource("/agents/calls", GET=api.endpoint("list", api.list_calls)),
        resource(call, GET=api.endpoint("get", api.get_call), DELETE=api.endpoint("delete", api.delete_call)),
        resource(f"{call}/audio", GET=api.endpoint("audio", api.get_audio)),
        resource(f"{call}/logs", GET=api.endpoint("logs", api.get_logs)),
        resource(f"{call}/cancel", POST=api.endpoint("cancel", api.cancel_call)),
        resource(STATE_PATH, POST=States(api).endpoint),
    ]
    app = Starlette(routes=routes, middleware=wire_middleware(switches), exception_handlers={HTTPException: not_found})
    app.router.redirect_slashes = False
    return app
