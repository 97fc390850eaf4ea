"""The operations. Each handler does what the document promises; what spoils it is in `injector`."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.cartesia import times
from conformance.reference.cartesia.answers import Answer, RefusalError, error, respond
from conformance.reference.cartesia.deletion import Deletions
from conformance.reference.cartesia.fault_injector import FaultInjector
from conformance.reference.cartesia.incoming import IncomingRequest, authorize, parse
from conformance.reference.cartesia.records import Record, active
from conformance.reference.cartesia.situation import History, Situation
from conformance.reference.cartesia.store import MAIN, Call, Page, Store
from conformance.reference.cartesia.variants import Shape
from conformance.reference.routing import Endpoint
from conformance.reference.switches import Switches

__all__ = ["Api", "Handler"]

Handler = Callable[[IncomingRequest], Awaitable[Answer]]

LARGEST_PAGE = 100
_READS_BEFORE_THE_SUMMARY = 2
_ON_A_SHORT_LIST = {"id", "agent_id", "status", "redacted_at", "transcript", "start_time"}

_WELL_FORMED = re.compile("[A-Za-z0-9_]+")


class Api:
    """The operations on calls."""

    def __init__(self, store: Store, switches: Switches[Situation]) -> None:
        self.store, self.switches = store, switches
        self.injector = FaultInjector(switches, store)
        self.shape = Shape(switches)
        self.deletions = Deletions(store, self.injector, self.shape)

    def endpoint(self, operation: str, handler: Handler) -> Endpoint:
        """Make a Starlette endpoint of a handler: checks before it, faults around it."""

        async def serve(request: Request) -> Response:
            incoming = parse(request, operation, self.store.keyring)
            try:
                self._authorize(incoming)
                answer = await handler(incoming)
            except RefusalError as refusal:
                answer = refusal.answer
                await self._act_though_refused(incoming, handler)
            if self.switches.faulty:
                answer = self.injector.corrupt(incoming, self._of(incoming), answer)
            return respond(answer, self.switches)

        return serve

    async def get_call(self, incoming: IncomingRequest) -> Answer:
        """GET /agents/calls/{call_id}: the call with its transcript."""
        call = self._find(incoming)
        answer = Answer(200, self.show(incoming, call))
        self._history(call).note_read()
        return answer

    async def list_calls(self, incoming: IncomingRequest) -> Answer:
        """GET /agents/calls: an agent's calls, newest start first."""
        page = self._page(incoming)
        calls = self.store.page(replace(page, limit=page.limit + 1))
        surplus = len(calls) > page.limit
        calls = (calls[1:] if page.before else calls[: page.limit]) if surplus else calls
        more = bool(calls) and (surplus or page.before is not None)
        data = [self.show(incoming, call) for call in calls if not self.injector.fires("hidden", incoming, call)]
        if self.switches.varies("list-shows-less"):
            data = [{name: value for name, value in one.items() if name in _ON_A_SHORT_LIST} for one in data]
        for call in calls:
            self._history(call).note_read()
        return Answer(200, {"data": data, "next_page": calls[-1].id if more else None})

    async def get_audio(self, incoming: IncomingRequest) -> Answer:
        """GET /agents/calls/{call_id}/audio: the recording."""
        call = self._find(incoming)
        wav = None if self.injector.fires("recording-lost", incoming, call) else self.store.wav(call.id)
        if wav is None:
            raise RefusalError(404, "audio_not_found", "This call has no recording.")
        self._history(call).note_read()
        return Answer(200, wav, "audio/wav")

    async def get_logs(self, incoming: IncomingRequest) -> Answer:
        """GET /agents/calls/{call_id}/logs: the log lines."""
        call = self._find(incoming)
        logs = self.store.logs(call.id)
        if logs is None:
            raise RefusalError(404, "logs_not_found", "This call has no logs.")
        self._history(call).note_read()
        updated_at = times.now() if self.switches.varies("logs-as-of-now") else logs.updated_at
        return Answer(200, {"call_id": call.id, "logs": logs.lines, "updated_at": updated_at})

    async def cancel_call(self, incoming: IncomingRequest) -> Answer:
        """POST /agents/calls/{call_id}/cancel: end a started call; nothing is deleted."""
        call = self._find(incoming)
        if call.record["status"] != "started":
            raise RefusalError(400, "not_active", "Only a started call can be cancelled.")
        self._history(call).cancelled = True
        if not self.injector.fires("cancels-nothing", incoming, call):
            status = "failed" if self.switches.varies("cancel-leaves-failed") else "completed"
            self.end(call, status, end_reason="api_cancelled")
        return Answer(200, {"cancelled": True})

    async def delete_call(self, incoming: IncomingRequest) -> Answer:
        """DELETE /agents/calls/{call_id}: erase an ended call's sensitive data, once; keep the record."""
        async with self.deletions.overlap(incoming, self._find(incoming)):
            call = self.deletions.delete(incoming, self._find(incoming))
            return Answer(200, self.show(incoming, call))

    def end(self, call: Call, status: str, **also: str) -> None:
        """End an active call, as the platform does by itself."""
        ended = {**call.record, "status": status, **also}
        ended["end_time"] = ended.get("end_time") or times.now()
        self.store.update(replace(call, record=ended))

    def show(self, incoming: IncomingRequest, call: Call) -> Record:
        """Return the record as this operation shows it."""
        view = self.shape.view(call.record, transcript=self._with_transcript(incoming))
        if self.switches.varies("summary-late") and self._history(call).reads < _READS_BEFORE_THE_SUMMARY:
            view.pop("summary", None)
        past = self._history(call).past
        past_view = self.shape.view(past.record, transcript=self._with_transcript(incoming)) if past else None
        return self.injector.show(incoming, call, view, past_view)

    def _authorize(self, incoming: IncomingRequest) -> None:
        if incoming.account is None and self.injector.fires("accepts-credential", incoming):
            owned = self.store.find(incoming.call_id)
            incoming.account = owned.account if owned else MAIN
        authorize(incoming, self.switches)

    def _find(self, incoming: IncomingRequest) -> Call:
        call = self._of(incoming) or self.injector.find(incoming)
        if call is None:
            odd = self.switches.varies("odd-ids-400") and not _WELL_FORMED.fullmatch(incoming.call_id)
            raise RefusalError(400 if odd else 404, "call_not_found", "Call not found.")
        return call

    def _of(self, incoming: IncomingRequest) -> Call | None:
        if not (incoming.account and incoming.call_id):
            return None
        if self.switches.varies("ids-any-case"):
            return self.store.find_any_case(incoming.call_id, incoming.account)
        return self.store.find(incoming.call_id, incoming.account)

    def _history(self, call: Call) -> History:
        return self.injector.histories[call.id]

    def _with_transcript(self, incoming: IncomingRequest) -> bool:
        return incoming.asked.operation != "list" or incoming.request.query_params.get("expand") == "transcript"

    def _page(self, incoming: IncomingRequest) -> Page:
        query = incoming.request.query_params
        agent_id, limit = query.get("agent_id"), query.get("limit", self.shape.default_limit)
        if not agent_id:
            raise RefusalError(400, "invalid_request", "agent_id is required.")
        if not (limit.isascii() and limit.isdigit() and len(limit) <= len(str(LARGEST_PAGE))):
            raise RefusalError(400, "invalid_request", "limit must be a number.")
        if not 1 <= int(limit) <= LARGEST_PAGE:
            raise RefusalError(400, "invalid_request", f"limit must be from 1 to {LARGEST_PAGE}.")
        if query.get("expand", "transcript") != "transcript":
            raise RefusalError(400, "invalid_request", "expand can only be transcript.")
        after, before = (self._cursor(incoming, agent_id, query.get(n)) for n in ("starting_after", "ending_before"))
        if after and before:
            raise RefusalError(400, "invalid_request", "Give starting_after or ending_before, not both.")
        return Page(incoming.account or "", agent_id, int(limit), after, before)

    def _cursor(self, incoming: IncomingRequest, agent_id: str, call_id: str | None) -> Call | None:
        if call_id is None:
            return None
        call = self.store.find(call_id, incoming.account)
        if call is None or call.record["agent_id"] != agent_id:
            raise RefusalError(400, "invalid_request", "The cursor is not one of this agent's calls.")
        return call

    async def _act_though_refused(self, incoming: IncomingRequest, handler: Handler) -> None:
        """Do what was refused, under a fault that checks too late; the answer stays the refusal."""
        if self.injector.fires("acts-though-refused", incoming):
            owned = self.store.find(incoming.call_id)
            if owned and not active(owned.record):
                incoming.account = owned.account
                await handler(incoming)


def not_found(_: Request, problem: Exception) -> Response:
    """Answer what Starlette's router refuses: an unknown path, a wrong method."""
    status = getattr(problem, "status_code", 500)
    answer = error(status, "not_found" if status == 404 else "not_allowed", str(getattr(problem, "detail", "")))
    return respond(replace(answer, headers=getattr(problem, "headers", None) or {}), Switches())
