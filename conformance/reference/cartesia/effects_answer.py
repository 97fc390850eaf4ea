"""What a fault does to a whole answer: another status, another body, a header too many."""

import base64
from collections.abc import Callable
from dataclasses import replace

from conformance.reference.cartesia.answers import JSON, Answer, error
from conformance.reference.cartesia.situation import Past, Situation

__all__ = ["ANSWER_EFFECTS", "INSTEAD"]

AnswerEffect = Callable[[Answer, Past, Situation], Answer]

_ERROR_STATUSES = (400, 403, 404, 409, 410, 422, 423, 500)

INSTEAD: dict[str, int] = {f"refuses-{status}": status for status in _ERROR_STATUSES}
"""Errors that a deletion answers with before it does anything."""


def _fails(status: int) -> AnswerEffect:
    return lambda _answer, _past, _: error(status, "error", "The request was not processed.")


def _status(status: int) -> AnswerEffect:
    return lambda answer, _past, _: replace(answer, status=status)


def _empty(status: int) -> AnswerEffect:
    return lambda _answer, _past, _: Answer(status, b"", JSON)


def _html(_answer: Answer, _past: Past, _: Situation) -> Answer:
    return Answer(200, b"<!doctype html><title>Deleted</title><p>Call deleted.", "text/html; charset=utf-8")


def _made_up(_answer: Answer, _past: Past, situation: Situation) -> Answer:
    return Answer(200, {"id": situation.asked.call_id, "agent_id": "", "status": "completed"})


def _id_twice(answer: Answer, _past: Past, _: Situation) -> Answer:
    return replace(answer, body=b'{"id": "", ' + answer.content[1:]) if answer.content.startswith(b"{") else answer


def _said(past: Past) -> str:
    """The first thing that was said in the call, fit for a header."""
    turns = past.record.get("transcript") or []
    text = next((turn["text"] for turn in turns if turn.get("text")), "")
    return "".join(char if " " < char < "\x7f" else "_" for char in text)


def _in_header(name: str, made: Callable[[str], str]) -> AnswerEffect:
    def effect(answer: Answer, past: Past, _: Situation) -> Answer:
        said = _said(past)
        return replace(answer, headers={**answer.headers, name: made(said)}) if said else answer

    return effect


def _in_message(answer: Answer, past: Past, _: Situation) -> Answer:
    message = f"Nothing here any more (was: {_said(past)})"
    return error(answer.status, "not_available", message) if answer.status >= 400 and _said(past) else answer


def _log_line_in_message(answer: Answer, past: Past, _: Situation) -> Answer:
    line = (past.lines or [""])[-1]
    return error(answer.status, "not_available", f"Last line was: {line}") if answer.status >= 400 and line else answer


def _serves_recording(_answer: Answer, past: Past, _: Situation) -> Answer:
    return Answer(200, past.wav, "audio/wav") if past.wav else _answer


def _serves_log_lines(lines: Callable[[list[str]], list[str]]) -> AnswerEffect:
    def effect(answer: Answer, past: Past, situation: Situation) -> Answer:
        if not past.lines:
            return answer
        body = {"call_id": situation.asked.call_id, "logs": lines(past.lines), "updated_at": "2026-03-01T12:05:00Z"}
        return Answer(200, body)

    return effect


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


ANSWER_EFFECTS: dict[str, AnswerEffect] = {
    **{f"answers-{status}": _fails(status) for status in _ERROR_STATUSES},
    "answers-201-record": _status(201),
    "answers-202-record": _status(202),
    "answers-206-record": _status(206),
    "answers-204": _empty(204),
    "answers-200-empty": _empty(200),
    "answers-200-html": _html,
    "answers-200-made-up": _made_up,
    "answers-200-silence": lambda _answer, _past, _: Answer(200, b"RIFF\x24\0\0\0WAVE", "audio/wav"),
    "answers-200-page": lambda _answer, _past, _: Answer(200, {"data": [], "next_page": None}),
    "wraps-record": lambda answer, _past, _: replace(answer, body={"data": answer.body}),
    "lists-record": lambda answer, _past, _: replace(answer, body=[answer.body]),
    "repeats-key": _id_twice,
    "leaks-in-etag": _in_header("ETag", lambda said: f'"{said}"'),
    "leaks-in-header": _in_header("X-Call-Digest", _base64),
    "leaks-in-link": _in_header("Link", lambda said: f'</search?q={said}>; rel="related"'),
    "leaks-in-message": _in_message,
    "leaks-log-line": _log_line_in_message,
    "serves-recording": _serves_recording,
    "serves-logs": _serves_log_lines(lambda lines: lines),
    "serves-last-log": _serves_log_lines(lambda lines: lines[-1:]),
    "serves-no-logs": _serves_log_lines(lambda _: []),
}
"""Asked for each answer, in this order."""
