"""The Ultravox reference server: routes, and what every answer has in common."""

from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from conformance.reference.routing import resource
from conformance.reference.server import STATE_PATH
from conformance.reference.switches import Switches
from conformance.reference.ultravox.calls import live, tombstone
from conformance.reference.ultravox.credentials import account_of
from conformance.reference.ultravox.listing import Listing
from conformance.reference.ultravox.native import Native
from conformance.reference.ultravox.refusal import Refusal
from conformance.reference.ultravox.seeds import body_of
from conformance.reference.ultravox.shapes import error, json_response
from conformance.reference.ultravox.situation import Situation
from conformance.reference.ultravox.sql import CREATION_DOWN, CREATION_UP, DELETION_DOWN, DELETION_UP, Order
from conformance.reference.ultravox.states import States
from conformance.reference.ultravox.store import Store
from conformance.reference.wire import wire_middleware

__all__ = ["create_app"]

_ORDERS = {"creation-up": CREATION_UP, "creation-down": CREATION_DOWN, "deletion-up": DELETION_UP}


def _order_of_tombstones(switches: Switches[Situation]) -> Order:
    return next((order for name, order in _ORDERS.items() if switches.varies(name)), DELETION_DOWN)


class _Api:
    """The endpoints of one server."""

    def __init__(self, store: Store, switches: Switches[Situation]) -> None:
        self._store = store
        self._switches = switches
        self._native = Native(store, switches)
        self._states = States(store, self._native)
        tombstones = _order_of_tombstones(switches)
        self._tombstones = Listing(store, switches, deleted=True, order=tombstones, show=tombstone)
        self._live = Listing(store, Switches(), deleted=False, order=CREATION_DOWN, show=live)

    def routes(self) -> list[Route]:
        """All that this server answers."""
        return [
            resource("/api/deleted_calls", GET=self._list_tombstones),
            resource("/api/deleted_calls/{call_id}", GET=self._tombstone),
            resource("/api/calls", GET=self._list_live, POST=self._create),
            resource("/api/calls/{call_id}", GET=self._call, DELETE=self._delete),
            resource(STATE_PATH, POST=self._state),
        ]

    def _account(self, request: Request) -> str:
        return account_of(request, self._store, self._switches)

    async def _list_tombstones(self, request: Request) -> Response:
        return self._tombstones.answer(request, self._account(request))

    async def _list_live(self, request: Request) -> Response:
        return self._live.answer(request, self._account(request))

    async def _tombstone(self, request: Request) -> Response:
        return json_response(200, self._native.tombstone(self._account(request), request.path_params["call_id"]))

    async def _create(self, request: Request) -> Response:
        account = self._account(request)
        return json_response(201, self._native.create(account, body_of(await request.body())))

    async def _call(self, request: Request) -> Response:
        return json_response(200, self._native.live(self._account(request), request.path_params["call_id"]))

    async def _delete(self, request: Request) -> Response:
        self._native.delete(self._account(request), request.path_params["call_id"])
        return Response(status_code=204)

    async def _state(self, request: Request) -> Response:
        return json_response(200, self._states.change(body_of(await request.body())))


def create_app(database: Path, switches: Switches[Situation], api_key: str) -> Starlette:
    """Make the server; `api_key` opens its main account, to which the state URL adds others."""

    async def refused(_: Request, wrong: Exception) -> Response:
        assert isinstance(wrong, Refusal)  # noqa: S101 - registered for this class only
        return error(wrong.status, wrong.detail, switches)

    async def unrouted(_: Request, wrong: Exception) -> Response:
        assert isinstance(wrong, HTTPException)  # noqa: S101 - registered for this class only
        answer = error(wrong.status_code, wrong.detail, switches)
        answer.headers.update(wrong.headers or {})
        return answer

    app = Starlette(
        routes=_Api(Store(database, api_key), switches).routes(),
        middleware=wire_middleware(switches),
        exception_handlers={Refusal: refused, HTTPException: unrouted},
    )
    app.router.redirect_slashes = False
    return app
