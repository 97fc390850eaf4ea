"""The vendor's own operations on single calls: create, read, delete."""

from typing import Any

from conformance.reference.switches import Switches
from conformance.reference.ultravox.calls import Call, live, tombstone
from conformance.reference.ultravox.refusal import Refusal
from conformance.reference.ultravox.seeds import seeded
from conformance.reference.ultravox.shapes import associations, shaped_item
from conformance.reference.ultravox.situation import Situation
from conformance.reference.ultravox.store import Store
from conformance.reference.ultravox.times import SECOND_US, now_us, rfc3339

__all__ = ["Native"]

_TEXT_KEPT = {"item.text-shown", "item.text-in-end-note"}
"""Effects that need the text of a deleted call."""
_SETTABLE = ("maxDuration", "recordingEnabled", "metadata", "agentId", "voiceId", "text")


class Native:
    """Single calls, live and deleted."""

    def __init__(self, store: Store, switches: Switches[Situation]) -> None:
        self._store = store
        self._switches = switches

    def create(self, account: str, body: dict[str, Any]) -> dict[str, Any]:
        """Begin a call that nobody has joined yet; what it does not know of the body is passed over."""
        wanted = {field: body[field] for field in _SETTABLE if field in body}
        call = seeded({"created": rfc3339(now_us()), "joined": None} | wanted, account, deleted=False)
        call = call._replace(end_reason=None)
        self._store.add([call])
        return live(call)

    def live(self, account: str, call_id: str) -> dict[str, Any]:
        """Show a live call."""
        return live(self._owned(account, call_id, deleted=False))

    def tombstone(self, account: str, call_id: str) -> dict[str, Any]:
        """Show a deleted call."""
        call = self._owned(account, call_id, deleted=True)
        return shaped_item(tombstone(call) | associations(call, self._switches), self._switches)

    def delete(self, account: str, call_id: str) -> None:
        """Delete a live call."""
        call = self._owned(account, call_id, deleted=False)
        if self._switches.fires("native.unlisted", Situation(item=call)):
            self._store.forget(call.id)
        else:
            self.bury(call)

    def bury(self, call: Call) -> None:
        """Make a live call a tombstone; one that was still going on ends now."""
        now = max(now_us(), call.created_us, call.ended_us or 0)
        call = call._replace(deleted=True, deletion_us=now)
        if call.joined_us is None:
            call = call._replace(end_reason=call.end_reason or "unjoined")
        elif call.ended_us is None:
            call = call._replace(ended_us=now, end_reason=call.end_reason or "hangup")
        self._store.replace(self.erased(call))

    def kept(self, call: Call) -> Call:
        """A call as this server can store it."""
        if not self._switches.varies("instants-kept-in-seconds"):
            return call
        times = {name: getattr(call, name) for name in ("created_us", "joined_us", "ended_us", "deletion_us")}
        return call._replace(**{name: us and us // SECOND_US * SECOND_US for name, us in times.items()})

    def erased(self, call: Call) -> Call:
        """Drop the content of a deleted call; metadata stays where filters see it and no answer shows it."""
        if self._switches.varies("search-finds-erased-text") or _TEXT_KEPT & self._switches.effects:
            return call
        return call._replace(text=None)

    def _owned(self, account: str, call_id: str, *, deleted: bool) -> Call:
        call = self._store.get(call_id)
        if call is None or bool(call.deleted) != deleted or not self._may_see(account, call):
            raise Refusal(404, "No call matches the given query.")
        return call

    def _may_see(self, account: str, call: Call) -> bool:
        return call.account == account or self._switches.fires("auth.others-call", Situation(item=call))
