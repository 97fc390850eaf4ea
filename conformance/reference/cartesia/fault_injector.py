"""Where the faults bite. The handlers are those of a correct server; here its answers are spoiled.

A server without faults passes through at the cost of one look at a flag.
"""

from collections import defaultdict
from dataclasses import replace

from conformance.reference.cartesia.answers import Answer, RefusalError
from conformance.reference.cartesia.effects_answer import ANSWER_EFFECTS, INSTEAD
from conformance.reference.cartesia.effects_record import AFTER_DELETION, ANY_TIME, RecordEffect
from conformance.reference.cartesia.incoming import IncomingRequest
from conformance.reference.cartesia.lookups import LOOKUPS, SIBLINGS
from conformance.reference.cartesia.records import Record, erased
from conformance.reference.cartesia.situation import History, Past, Run, Situation, Traits
from conformance.reference.cartesia.store import Call, Store
from conformance.reference.switches import Switches

__all__ = ["FaultInjector"]


class FaultInjector:
    """The faults of one running server, with the memory that their conditions look at."""

    def __init__(self, switches: Switches[Situation], store: Store) -> None:
        self.switches, self._store = switches, store
        self.run = Run()
        self.histories: defaultdict[str, History] = defaultdict(History)

    def situation(self, incoming: IncomingRequest, call: Call | None = None, status: int = 0) -> Situation:
        """Describe where we are."""
        if call is None:
            owned = self._store.find(incoming.call_id) if incoming.call_id else None
            foreign = owned is not None and incoming.account not in (None, owned.account)
            return Situation(incoming.asked, run=self.run, status=status, foreign=foreign)
        history = self.histories[call.id]
        traits = history.past.traits if history.past else Traits.of(call.record)
        return Situation(incoming.asked, traits, history, self.run, erased(call.record), status)

    def fires(self, effect: str, incoming: IncomingRequest, call: Call | None = None) -> bool:
        """Tell whether a fault with this effect bites here."""
        return self.switches.faulty and self.switches.fires(effect, self.situation(incoming, call))

    def remember(self, call: Call) -> None:
        """Keep what a call holds before any of it is erased."""
        history = self.histories[call.id]
        if self.switches.faulty and not history.failures and not erased(call.record):
            logs = self._store.logs(call.id)
            lines = logs.lines if logs else None
            history.past = Past(call.record, self._store.wav(call.id), lines, Traits.of(call.record))

    def find(self, incoming: IncomingRequest) -> Call | None:
        """Find a call that the correct look-up does not."""
        if self.switches.faulty:
            situation = self.situation(incoming)
            for effect, lookup in LOOKUPS.items():
                if self.switches.fires(effect, situation):
                    return lookup(self._store, incoming.account or "", incoming.call_id)
        return None

    def siblings(self, incoming: IncomingRequest, call: Call) -> list[Call]:
        """Return the calls that a deletion takes along."""
        if not self.switches.faulty:
            return []
        situation = self.situation(incoming, call)
        past = self.histories[call.id].past
        original = past.record if past else call.record
        taken = [alike for effect, alike in SIBLINGS.items() if self.switches.fires(effect, situation)]
        if not taken:
            return []
        others = [other for other in self._store.of_account(call.account) if other.id != call.id]
        return [other for other in others if any(alike(original, other.record) for alike in taken)]

    def refuse(self, incoming: IncomingRequest, call: Call) -> None:
        """Answer a deletion with an error before anything is done.

        Raises:
            RefusalError: a fault says so.
        """
        if self.switches.faulty:
            situation = self.situation(incoming, call)
            for effect, status in INSTEAD.items():
                if self.switches.fires(effect, situation):
                    raise RefusalError(status, "refused", "This call cannot be deleted.")

    def show(self, incoming: IncomingRequest, call: Call, view: Record, past_view: Record | None) -> Record:
        """Spoil a record that is about to be shown; `past_view` is what would have been shown before its deletion."""
        if not self.switches.faulty:
            return view
        situation = self.situation(incoming, call)
        view = self._apply(ANY_TIME, situation, view, past_view or view)
        if situation.erased and past_view is not None:
            view = self._apply(AFTER_DELETION, situation, view, past_view)
        return view

    def corrupt(self, incoming: IncomingRequest, call: Call | None, answer: Answer) -> Answer:
        """Spoil an answer that is about to be sent."""
        if not self.switches.faulty:
            return answer
        situation = replace(self.situation(incoming, call), status=answer.status)
        past = situation.history.past or Past({})
        for name, effect in ANSWER_EFFECTS.items():
            if self.switches.fires(name, situation):
                answer = effect(answer, past, situation)
        return answer

    def _apply(self, table: dict[str, RecordEffect], situation: Situation, view: Record, past: Record) -> Record:
        for name, effect in table.items():
            if self.switches.fires(name, situation):
                view = effect(view, past, situation)
        return view
