"""The operations. Each handler does what the document promises; what spoils it is in `sabotage`."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from conformance.reference.cartesia import times
from conformance.reference.cartesia.answers import Answer, RefusalError, error, respond
from conformance.reference.cartesia.deletion import Deletions
from conformance.reference.cartesia.records import Record, active
from conformance.reference.cartesia.sabotage import Sabotage
from conformance.reference.cartesia.situation import History, Situation
from conformance.reference.cartesia.store import MAIN, Call, Page, Store
from conformance.reference.cartesia.variants import Shape
from conformance.reference.cartesia.visit import Visit, admit, arrive
from conformance.reference.knobs import Knobs
from conformance.reference.routing import Endpoint

__all__ = ["Api", "Handler"]

Handler = Callable[[Visit], Awaitable[Answer]]

LARGEST_PAGE = 100
_READS_BEFORE_THE_SUMMARY = 2
_ON_A_SHORT_LIST = {"id", "agent_id", "status", "redacted_at", "transcript", "start_time"}

_WELL_FORMED = re.compile("[A-Za-z0-9_]+")


class Api:
    """The operations on calls."""

    def __init__(self, store: Store, knobs: Knobs[Situation]) -> None:
        self.store, self.knobs = store, knobs
        self.sabotage = Sabotage(knobs, store)
        self.shape = Shape(knobs)
        self.deletions = Deletions(store, self.sabotage, self.shape)

    def endpoint(self, operation: str, handler: Handler) -> Endpoint:
        """Make a Starlette endpoint of a handler: checks before it, faults around it."""

        async def serve(request: Request) -> Response:
            visit = arrive(request, operation, self.store.keyring)
            try:
                self._admit(visit)
                answer = await handler(visit)
            except RefusalError as refusal:
                answer = refusal.answer
                await self._act_though_refused(visit, handler)
            if self.knobs.faulty:
                answer = self.sabotage.spoil(visit, self._of(visit), answer)
            return respond(answer, self.knobs)

        return serve

    async def get_call(self, visit: Visit) -> Answer:
        """GET /agents/calls/{call_id}: the call with its transcript."""
        call = self._find(visit)
        answer = Answer(200, self.show(visit, call))
        self._history(call).note_read()
        return answer

    async def list_calls(self, visit: Visit) -> Answer:
        """GET /agents/calls: an agent's calls, newest start first."""
        page = self._page(visit)
        calls = self.store.page(replace(page, limit=page.limit + 1))
        surplus = len(calls) > page.limit
        calls = (calls[1:] if page.before else calls[: page.limit]) if surplus else calls
        more = bool(calls) and (surplus or page.before is not None)
        data = [self.show(visit, call) for call in calls if not self.sabotage.fires("hidden", visit, call)]
        if self.knobs.varies("list-shows-less"):
            data = [{name: value for name, value in one.items() if name in _ON_A_SHORT_LIST} for one in data]
        for call in calls:
            self._history(call).note_read()
        return Answer(200, {"data": data, "next_page": calls[-1].id if more else None})

    async def get_audio(self, visit: Visit) -> Answer:
        """GET /agents/calls/{call_id}/audio: the recording."""
        call = self._find(visit)
        wav = None if self.sabotage.fires("recording-lost", visit, call) else self.store.wav(call.id)
        if wav is None:
            raise RefusalError(404, "audio_not_found", "This call has no recording.")
        self._history(call).note_read()
        return Answer(200, wav, "audio/wav")

    async def get_logs(self, visit: Visit) -> Answer:
        """GET /agents/calls/{call_id}/logs: the log lines."""
        call = self._find(visit)
        logs = self.store.logs(call.id)
        if logs is None:
            raise RefusalError(404, "logs_not_found", "This call has no logs.")
        self._history(call).note_read()
        updated_at = times.now() if self.knobs.varies("logs-as-of-now") else logs.updated_at
        return Answer(200, {"call_id": call.id, "logs": logs.lines, "updated_at": updated_at})

    async def cancel_call(self, visit: Visit) -> Answer:
        """POST /agents/calls/{call_id}/cancel: end a started call; nothing is deleted."""
        call = self._find(visit)
        if call.record["status"] != "started":
            raise RefusalError(400, "not_active", "Only a started call can be cancelled.")
        self._history(call).cancelled = True
        if not self.sabotage.fires("cancels-nothing", visit, call):
            status = "failed" if self.knobs.varies("cancel-leaves-failed") else "completed"
            self.end(call, status, end_reason="api_cancelled")
        return Answer(200, {"cancelled": True})

    async def delete_call(self, visit: Visit) -> Answer:
        """DELETE /agents/calls/{call_id}: erase an ended call's sensitive data, once; keep the record."""
        async with self.deletions.overlap(visit, self._find(visit)):
            call = self.deletions.delete(visit, self._find(visit))
            return Answer(200, self.show(visit, call))

    def end(self, call: Call, status: str, **also: str) -> None:
        """End an active call, as the platform does by itself."""
        ended = {**call.record, "status": status, **also}
        ended["end_time"] = ended.get("end_time") or times.now()
        self.store.update(replace(call, record=ended))

    def show(self, visit: Visit, call: Call) -> Record:
        """Return the record as this operation shows it."""
        view = self.shape.view(call.record, transcript=self._with_transcript(visit))
        if self.knobs.varies("summary-late") and self._history(call).reads < _READS_BEFORE_THE_SUMMARY:
            view.pop("summary", None)
        past = self._history(call).past
        past_view = self.shape.view(past.record, transcript=self._with_transcript(visit)) if past else None
        return self.sabotage.show(visit, call, view, past_view)

    def _admit(self, visit: Visit) -> None:
        if visit.account is None and self.sabotage.fires("accepts-credential", visit):
            owned = self.store.find(visit.call_id)
            visit.account = owned.account if owned else MAIN
        admit(visit, self.knobs)

    def _find(self, visit: Visit) -> Call:
        call = self._of(visit) or self.sabotage.find(visit)
        if call is None:
            odd = self.knobs.varies("odd-ids-400") and not _WELL_FORMED.fullmatch(visit.call_id)
            raise RefusalError(400 if odd else 404, "call_not_found", "Call not found.")
        return call

    def _of(self, visit: Visit) -> Call | None:
        if not (visit.account and visit.call_id):
            return None
        if self.knobs.varies("ids-any-case"):
            return self.store.find_any_case(visit.call_id, visit.account)
        return self.store.find(visit.call_id, visit.account)

    def _history(self, call: Call) -> History:
        return self.sabotage.histories[call.id]

    def _with_transcript(self, visit: Visit) -> bool:
        return visit.asked.operation != "list" or visit.request.query_params.get("expand") == "transcript"

    def _page(self, visit: Visit) -> Page:
        query = visit.request.query_params
        agent_id, limit = query.get("agent_id"), query.get("limit", self.shape.default_limit)
        if not agent_id:
            raise RefusalError(400, "invalid_request", "agent_id is required.")
        if not (limit.isascii() and limit.isdigit() and len(limit) <= len(str(LARGEST_PAGE))):
            raise RefusalError(400, "invalid_request", "limit must be a number.")
        if not 1 <= int(limit) <= LARGEST_PAGE:
            raise RefusalError(400, "invalid_request", f"limit must be from 1 to {LARGEST_PAGE}.")
        if query.get("expand", "transcript") != "transcript":
            raise RefusalError(400, "invalid_request", "expand can only be transcript.")
        after, before = (self._cursor(visit, agent_id, query.get(n)) for n in ("starting_after", "ending_before"))
        if after and before:
            raise RefusalError(400, "invalid_request", "Give starting_after or ending_before, not both.")
        return Page(visit.account or "", agent_id, int(limit), after, before)

    def _cursor(self, visit: Visit, agent_id: str, call_id: str | None) -> Call | None:
        if call_id is None:
            return None
        call = self.store.find(call_id, visit.account)
        if call is None or call.record["agent_id"] != agent_id:
            raise RefusalError(400, "invalid_request", "The cursor is not one of this agent's calls.")
        return call

    async def _act_though_refused(self, visit: Visit, handler: Handler) -> None:
        """Do what was refused, under a fault that checks too late; the answer stays the refusal."""
        if self.sabotage.fires("acts-though-refused", visit):
            owned = self.store.find(visit.call_id)
            if owned and not active(owned.record):
                visit.account = owned.account
                await handler(visit)


def not_found(_: Request, problem: Exception) -> Response:
    """Answer what Starlette's router refuses: an unknown path, a wrong method."""
    status = getattr(problem, "status_code", 500)
    answer = error(status, "not_found" if status == 404 else "not_allowed", str(getattr(problem, "detail", "")))
    return respond(replace(answer, headers=getattr(problem, "headers", None) or {}), Knobs())
