"""Deleting a call: refuse an active one, fail where told to, erase the rest in one transaction."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from conformance.reference.cartesia import times
from conformance.reference.cartesia.answers import RefusalError
from conformance.reference.cartesia.conditions import needs_a_pause
from conformance.reference.cartesia.fault_injector import FaultInjector
from conformance.reference.cartesia.incoming import IncomingRequest
from conformance.reference.cartesia.records import Record, active, erased, redact
from conformance.reference.cartesia.situation import History
from conformance.reference.cartesia.store import Call, Store
from conformance.reference.cartesia.variants import Shape

__all__ = ["Deletions"]

PAUSE_SECONDS = 0.03
"""How long a DELETE waits mid-way where a fault depends on two overlapping, or on a client that hangs up."""

STRAY_EVERY = 10
"""Under the variant `stray-500`, of how many first DELETEs one fails."""


class Deletions:
    """Deletes calls."""

    def __init__(self, store: Store, injector: FaultInjector, shape: Shape) -> None:
        self._store, self._injector, self._shape = store, injector, shape
        self._switches = injector.switches
        self._pauses = needs_a_pause(self._switches.conditions)

    def delete(self, incoming: IncomingRequest, call: Call) -> Call:
        """Erase a call's sensitive data; once erased, it stays as it is.

        Raises:
            RefusalError: 400 for an active call; 500 where a set-up, a variant or a fault wants it.
        """
        self._injector.remember(call)
        self._injector.refuse(incoming, call)
        history = self._injector.histories[call.id]
        if active(call.record) and not self._injector.fires("deletes-active", incoming, call):
            history.refusals += 1
            raise RefusalError(400, "call_not_ended", "Only completed or failed calls can be deleted.")
        history.deletes += 1
        self._fail_if_told(call, history)
        history.note_erasure(self._injector.run)
        return self._restamped(incoming, call) if erased(call.record) else self._erased(incoming, call)

    @asynccontextmanager
    async def overlap(self, incoming: IncomingRequest, call: Call) -> AsyncIterator[None]:
        """Take note of DELETEs of one call that overlap, and of clients that hang up."""
        if self._switches.varies("busy-409"):
            async with self._alone(call):
                yield
            return
        if not self._pauses:
            yield
            return
        history = self._injector.histories[call.id]
        history.in_flight += 1
        history.overlaps |= history.in_flight > 1
        history.overlapped |= history.overlaps
        try:
            await incoming.request.body()
            await asyncio.sleep(PAUSE_SECONDS)
            history.hung_up |= await incoming.request.is_disconnected()
            yield
        finally:
            history.in_flight -= 1
            history.overlaps &= history.in_flight > 0

    @asynccontextmanager
    async def _alone(self, call: Call) -> AsyncIterator[None]:
        """Refuse a DELETE while another one of the same call is under way."""
        history = self._injector.histories[call.id]
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
        if self._switches.varies("stray-500") and history.deletes == 1:
            self._injector.run.first_deletes += 1
            if self._injector.run.first_deletes % STRAY_EVERY == 0:
                raise _incomplete()

    def _erased(self, incoming: IncomingRequest, call: Call) -> Call:
        for sibling in self._injector.siblings(incoming, call):
            self._store.erase(replace(sibling, record=self._redacted(sibling.record)))
        call = replace(call, record={**self._redacted(call.record), "redacted_at": times.now()})
        self._store.erase(call)
        return call

    def _redacted(self, record: Record) -> Record:
        return self._shape.redact(redact(record))

    def _restamped(self, incoming: IncomingRequest, call: Call) -> Call:
        """Leave the record alone, but for the fault that moves its marker."""
        if not self._injector.fires("marker-moves", incoming, call):
            return call
        moved = max(times.now(), times.later(call.record["redacted_at"], milliseconds=1))
        call = replace(call, record={**call.record, "redacted_at": moved})
        self._store.update(call)
        return call


def _incomplete() -> RefusalError:
    return RefusalError(500, "deletion_incomplete", "Deletion did not complete. Retry the request.")
