"""Deleting a call: refuse an active one, fail where told to, erase the rest in one transaction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from conformance.reference.cartesia import times
from conformance.reference.cartesia.answers import RefusalError
from conformance.reference.cartesia.conditions import needs_a_pause
from conformance.reference.cartesia.records import Record, active, erased, redact
from conformance.reference.cartesia.sabotage import Sabotage
from conformance.reference.cartesia.situation import History
from conformance.reference.cartesia.store import Call, Store
from conformance.reference.cartesia.variants import Shape
from conformance.reference.cartesia.visit import Visit

__all__ = ["Deletions"]

PAUSE_SECONDS = 0.03
"""How long a DELETE waits mid-way where a fault depends on two overlapping, or on a client that hangs up."""

STRAY_EVERY = 10
"""Under the variant `stray-500`, of how many first DELETEs one fails."""


class Deletions:
    """Deletes calls."""

    def __init__(self, store: Store, sabotage: Sabotage, shape: Shape) -> None:
        self._store, self._sabotage, self._shape = store, sabotage, shape
        self._knobs = sabotage.knobs
        self._pauses = needs_a_pause(self._knobs.conditions)

    def delete(self, visit: Visit, call: Call) -> Call:
        """Erase a call's sensitive data; once erased, it stays as it is.

        Raises:
            RefusalError: 400 for an active call; 500 where a set-up, a variant or a fault wants it.
        """
        self._sabotage.remember(call)
        self._sabotage.refuse(visit, call)
        history = self._sabotage.histories[call.id]
        if active(call.record) and not self._sabotage.fires("deletes-active", visit, call):
            history.refusals += 1
            raise RefusalError(400, "call_not_ended", "Only completed or failed calls can be deleted.")
        history.deletes += 1
        self._fail_if_told(call, history)
        history.note_erasure(self._sabotage.run)
        return self._restamped(visit, call) if erased(call.record) else self._erased(visit, call)

    @asynccontextmanager
    async def overlap(self, visit: Visit, call: Call) -> AsyncIterator[None]:
        """Take note of DELETEs of one call that overlap, and of clients that hang up."""
        if self._knobs.varies("busy-409"):
            async with self._alone(call):
                yield
            return
        if not self._pauses:
            yield
            return
        history = self._sabotage.histories[call.id]
        history.in_flight += 1
        history.overlaps |= history.in_flight > 1
        history.overlapped |= history.overlaps
        try:
            await visit.request.body()
            await asyncio.sleep(PAUSE_SECONDS)
            history.hung_up |= await visit.request.is_disconnected()
            yield
        finally:
            history.in_flight -= 1
            history.overlaps &= history.in_flight > 0

    @asynccontextmanager
    async def _alone(self, call: Call) -> AsyncIterator[None]:
        """Refuse a DELETE while another one of the same call is under way."""
        history = self._sabotage.histories[call.id]
        if history.in_flight:
            raise RefusalError(409, "busy", "This call is being deleted.")
        history.in_flight += 1
        try:
            await asyncio.sleep(PAUSE_SECONDS)
            yield
        finally:
            history.in_flight -= 1

    def _fail_if_told(self, call: Call, history: History) -> None:
        if history.failures_to_come > 0:
            history.failures_to_come -= 1
            history.failures += 1
            if history.failure_stage == "during":
                self._store.erase_media(call.id)
            raise _incomplete()
        if self._knobs.varies("stray-500") and history.deletes == 1:
            self._sabotage.run.first_deletes += 1
            if self._sabotage.run.first_deletes % STRAY_EVERY == 0:
                raise _incomplete()

    def _erased(self, visit: Visit, call: Call) -> Call:
        for sibling in self._sabotage.siblings(visit, call):
            self._store.erase(replace(sibling, record=self._redacted(sibling.record)))
        call = replace(call, record={**self._redacted(call.record), "redacted_at": times.now()})
        self._store.erase(call)
        return call

    def _redacted(self, record: Record) -> Record:
        return self._shape.redact(redact(record))

    def _restamped(self, visit: Visit, call: Call) -> Call:
        """Leave the record alone, but for the fault that moves its marker."""
        if not self._sabotage.fires("marker-moves", visit, call):
            return call
        moved = max(times.now(), times.later(call.record["redacted_at"], milliseconds=1))
        call = replace(call, record={**call.record, "redacted_at": moved})
        self._store.update(call)
        return call


def _incomplete() -> RefusalError:
    return RefusalError(500, "deletion_incomplete", "Deletion did not complete. Retry the request.")
