"""What a fault does to a record on its way out. Each takes (view, past, situation) and returns the spoiled view.

`past` is the record as this operation would have shown it before the deletion.
"""

import time
from collections.abc import Callable
from typing import Any

from conformance.reference.cartesia import times
from conformance.reference.cartesia.records import Record
from conformance.reference.cartesia.situation import Situation

__all__ = ["AFTER_DELETION", "ANY_TIME", "RecordEffect"]

RecordEffect = Callable[[Record, Record, Situation], Record]
Turn = dict[str, Any]

HOUR, TEN_SECONDS = {"hours": 1.0}, {"seconds": 10.0}


def _shows(field: str, made: Callable[[Any], Any] = lambda held: held) -> RecordEffect:
    """Show something made of an erased field, if it held anything."""

    def effect(view: Record, past: Record, _: Situation) -> Record:
        return {**view, field: made(past[field])} if past.get(field) else view

    return effect


def _shows_number(field: str, made: Callable[[str], str] = lambda held: held) -> RecordEffect:
    """Show something made of an erased phone number, if there was one."""

    def effect(view: Record, past: Record, _: Situation) -> Record:
        number = (past.get("telephony_params") or {}).get(field)
        return _with_telephony(view, **{field: made(number)}) if number else view

    return effect


def _turns(kept: Callable[[Turn], Turn | None]) -> RecordEffect:
    """Show what is kept of each turn; a turn of which nothing is kept goes."""
    return _shows("transcript", lambda turns: [left for turn in turns if (left := kept(turn)) is not None])


def _only(*fields: str) -> Callable[[Turn], Turn | None]:
    """Keep these members of the turns that have them all, and the required ones."""

    def kept(turn: Turn) -> Turn | None:
        if not all(turn.get(field) for field in fields):
            return None
        return {k: v for k, v in turn.items() if k in (*fields, "role", "start_timestamp", "end_timestamp")}

    return kept


def _with_text(text: Callable[[str], str]) -> Callable[[Turn], Turn | None]:
    return lambda turn: {**(_only()(turn) or {}), "text": text(turn.get("text") or "")}


def _first_word(text: str) -> str:
    return (text.split() or [""])[0]


def _sets(field: str, value: object) -> RecordEffect:
    return lambda view, _past, _: {**view, field: value}


def _drops(field: str) -> RecordEffect:
    return lambda view, _past, _: {k: v for k, v in view.items() if k != field}


def _drops_telephony(field: str) -> RecordEffect:
    def effect(view: Record, _past: Record, _: Situation) -> Record:
        telephony = view.get("telephony_params")
        return {**view, "telephony_params": {k: v for k, v in telephony.items() if k != field}} if telephony else view

    return effect


def _sets_telephony(field: str, value: str) -> RecordEffect:
    return lambda view, _past, _: _with_telephony(view, **{field: value}) if view.get("telephony_params") else view


def _with_telephony(view: Record, **members: object) -> Record:
    return {**view, "telephony_params": {**(view.get("telephony_params") or {}), **members}}


def _marks(made: Callable[[str], Any]) -> RecordEffect:
    """Show another marker, made of the true one."""

    def effect(view: Record, _past: Record, _: Situation) -> Record:
        return {**view, "redacted_at": made(view["redacted_at"])} if view.get("redacted_at") else view

    return effect


def _marks_end(view: Record, _past: Record, _: Situation) -> Record:
    return {**view, "redacted_at": view["end_time"]} if view.get("end_time") else view


def _marks_now(view: Record, _past: Record, _: Situation) -> Record:
    return {**view, "redacted_at": times.now()}


def _metadata_left(metadata: Record) -> Record:
    return {k: v for k, v in metadata.items() if not isinstance(v, str)}


def _in_first_turn(**members: object) -> RecordEffect:
    def effect(view: Record, _past: Record, _: Situation) -> Record:
        turns = view.get("transcript")
        return {**view, "transcript": [{**turns[0], **members}, *turns[1:]]} if turns else view

    return effect


def _first_role_gone(view: Record, _past: Record, _: Situation) -> Record:
    turns = view.get("transcript")
    if not turns:
        return view
    return {**view, "transcript": [{k: v for k, v in turns[0].items() if k != "role"}, *turns[1:]]}


def _moves(field: str, other: str) -> RecordEffect:
    """Show an erased field under another name."""
    return lambda view, past, _: {**view, other: past[field]} if past.get(field) else view


def _moves_number(view: Record, past: Record, _: Situation) -> Record:
    number = (past.get("telephony_params") or {}).get("to")
    return {**view, "display_name": f"Call with {number}"} if number else view


def _leaks(field: str) -> RecordEffect:
    """Show the first thing that was said in a field that the contract keeps, or does not know."""

    def effect(view: Record, past: Record, _: Situation) -> Record:
        said = next((turn["text"] for turn in past.get("transcript") or [] if turn.get("text")), None)
        return {**view, field: said} if said else view

    return effect


AFTER_DELETION: dict[str, RecordEffect] = {
    "unredacted": lambda _view, past, _: past,
    "transcript-survives": _shows("transcript"),
    "transcript-first-words": _turns(_with_text(_first_word)),
    "transcript-last-turn": _shows("transcript", lambda turns: turns[-1:]),
    "transcript-tool-calls": _turns(_only("tool_calls")),
    "transcript-log-events": _turns(_only("log_event")),
    "transcript-log-metrics": _turns(_only("log_metric")),
    "transcript-skeleton": _turns(_only()),
    "transcript-null": _shows("transcript", lambda _: None),
    "transcript-empty": _shows("transcript", lambda _: []),
    "transcript-masked": _turns(_with_text(lambda _: "[REDACTED]")),
    "summary-survives": _shows("summary"),
    "summary-cut": _shows("summary", lambda summary: summary[: max(1, len(summary) // 2)]),
    "summary-null": _shows("summary", lambda _: None),
    "summary-empty": _shows("summary", lambda _: ""),
    "metadata-survives": _shows("metadata"),
    "metadata-non-strings": _shows("metadata", _metadata_left),
    "metadata-null": _shows("metadata", lambda _: None),
    "metadata-empty": _shows("metadata", lambda _: {}),
    "to-survives": _shows_number("to"),
    "to-masked": _shows_number("to", lambda number: "*" * (len(number) - 2) + number[-2:]),
    "from-survives": _shows_number("from"),
    "from-empty": _shows_number("from", lambda _: ""),
    "marker-absent": _drops("redacted_at"),
    "marker-null": _sets("redacted_at", None),
    "marker-date-only": _marks(lambda stamp: stamp[:10]),
    "marker-no-offset": _marks(lambda stamp: stamp.removesuffix("Z")),
    "marker-start-of-day": _marks(lambda stamp: f"{stamp[:10]}T00:00:00Z"),
    "marker-epoch": _marks(lambda stamp: times.sort_key(stamp) // 1_000_000),
    "marker-hour-ahead": _marks(lambda stamp: times.later(stamp, **HOUR)),
    "marker-wrong-zone": _marks(lambda stamp: stamp.removesuffix("Z") + "-05:00"),
    "marker-ten-seconds-on": _marks(lambda stamp: times.later(stamp, **TEN_SECONDS)),
    "marker-is-end": _marks_end,
    "id-prefixed": lambda view, _past, _: {**view, "id": f"deleted_{view['id']}"},
    "agent-dropped": _drops("agent_id"),
    "agent-anonymous": _sets("agent_id", "redacted"),
    "agent-name-dropped": _drops("agent_name"),
    "status-deleted": _sets("status", "deleted"),
    "status-completed": _sets("status", "completed"),
    "start-dropped": _drops("start_time"),
    "end-is-now": lambda view, _past, _: {**view, "end_time": times.now()},
    "reason-dropped": _drops("end_reason"),
    "reason-changed": _sets("end_reason", "api_cancelled"),
    "deployment-dropped": lambda view, _past, _: {k: v for k, v in view.items() if not k.startswith("deployment_")},
    "region-dropped": _drops("deployment_region"),
    "retention-flipped": lambda view, _past, _: {**view, "zdr_enabled": not view.get("zdr_enabled")},
    "sid-dropped": _drops_telephony("call_sid"),
    "telephony-dropped": _drops("telephony_params"),
    "leaks-into-previous": _leaks("previous_version"),
    "leaks-into-error": _leaks("error_message"),
    "leaks-summary": _moves("summary", "title"),
    "leaks-metadata": _moves("metadata", "labels"),
    "leaks-number": _moves_number,
}
"""Asked for each record of an erased call."""

ANY_TIME: dict[str, RecordEffect] = {
    "marked-early": _marks_now,
    "marked-at-end": _marks_end,
    "transcript-lost": _drops("transcript"),
    "metadata-lost": _drops("metadata"),
    "ends-call": _sets("status", "completed"),
    "to-missing": _drops_telephony("to"),
    "from-missing": _drops_telephony("from"),
    "number-invented": _sets_telephony("from", "+14155550100"),
    "bad-status": _sets("status", "in_progress"),
    "bad-region": _sets("deployment_region", "us-east-1"),
    "bad-reason": _sets("end_reason", "hangup"),
    "bad-date": lambda view, _past, _: {**view, "start_time": time.strftime("%a, %d %b %Y %H:%M:%S GMT")},
    "bad-metadata": _sets("metadata", "{}"),
    "bad-retention": _sets("zdr_enabled", "false"),
    "agent-forgotten": _drops("agent_id"),
    "bad-surrogate": _sets("agent_name", "Support \ud83d"),
    "bad-timestamp": _in_first_turn(start_timestamp="0.0"),
    "bad-number": _in_first_turn(stt_ttfb=float("nan")),
    "bad-turn": _first_role_gone,
}
"""Asked for each record, whether the call is erased or not."""
