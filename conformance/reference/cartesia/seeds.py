"""What a set-up may give: read, checked and made self-consistent before it is stored."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from conformance.reference.cartesia import times
from conformance.reference.cartesia.records import SENSITIVE, SENSITIVE_TELEPHONY, Record, is_phone, without_telephony

__all__ = ["Seed", "SeedError", "call", "read", "without_sensitive"]

DEFAULT_AGENT = "agent_default"

Check = Callable[[Any], bool]


class SeedError(ValueError):
    """A set-up that can't be done, and why."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A call to be stored. `audio` is the text its recording contains, or True for the usual one."""

    record: Record
    audio: bool | str
    logs: list[str] | None


def read(body: bytes) -> tuple[str, str, dict[str, Any]]:
    """Return action, state and parameters of a set-up.

    Raises:
        SeedError: it is not of Pact's form.
    """
    try:
        wanted = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as problem:
        raise SeedError(f"the body is no JSON: {problem}") from problem
    if not isinstance(wanted, dict):
        raise SeedError("the body must be an object")
    action, state, params = wanted.get("action", "setup"), wanted.get("state"), wanted.get("params") or {}
    if action not in ("setup", "teardown") or not isinstance(state, str) or not isinstance(params, dict):
        raise SeedError("action is setup or teardown, state a string, params an object")
    return action, state, params


def call(params: dict[str, Any]) -> Seed:
    """Return the call that `a call exists` asks for. Keys that no call has are ignored.

    Raises:
        SeedError: a value is none that the published schema allows.
    """
    given, audio, logs = params.get("call"), params.get("audio", False), params.get("logs")
    if not isinstance(given, dict) or "status" not in given:
        raise SeedError("call must be an object with a status")
    if not isinstance(audio, bool | str):
        raise SeedError("audio is true, false, or what the recording is to contain")
    if logs is not None and not _is_list_of(lambda line: isinstance(line, str))(logs):
        raise SeedError("logs is a list of strings")
    record = {field: given[field] for field in _FIELDS if field in given}
    for field, value in record.items():
        if not _FIELDS[field](value):
            raise SeedError(f"{field} can't be {value!r}")
    record = {"agent_id": DEFAULT_AGENT, **record}
    return Seed(record if is_phone(record) else without_telephony(record, SENSITIVE_TELEPHONY), audio, logs)


def without_sensitive(record: Record, kept: Callable[[str], bool]) -> Record:
    """Drop sensitive fields but those that are `kept`."""
    record = {field: value for field, value in record.items() if field not in SENSITIVE or kept(field)}
    return without_telephony(record, tuple(field for field in SENSITIVE_TELEPHONY if not kept(field)))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _is(*types: type) -> Check:
    return lambda value: isinstance(value, types) and (bool in types or not isinstance(value, bool))


def _one_of(*words: str) -> Check:
    return lambda value: value in words


def _or_null(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _is_list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _is_instant(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(times.parse(value))
    except ValueError:
        return False


def _is_turn(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("role"), str):
        return False
    return all(_is(int, float)(value.get(field)) for field in ("start_timestamp", "end_timestamp"))


def _is_telephony(value: object) -> bool:
    if not isinstance(value, dict) or not _one_of("websocket", "phone")(value.get("connection_type", "phone")):
        return False
    objects = ("parameters", "headers")
    return all(isinstance(member, dict if name in objects else str) for name, member in value.items())


_TEXT, _INSTANT = _is(str), _or_null(_is_instant)

_END_REASONS = (
    *("agent_hangup", "client_hangup", "api_cancelled", "max_duration", "inactivity", "client_disconnected"),
    *("dial_busy", "dial_failed", "dial_no_answer", "error"),
)

_FIELDS: dict[str, Check] = {
    "agent_id": _TEXT,
    "agent_name": _TEXT,
    "zdr_enabled": _is(bool),
    "start_time": _INSTANT,
    "end_time": _INSTANT,
    "transcript": _or_null(_is_list_of(_is_turn)),
    "telephony_params": _or_null(_is_telephony),
    "telephony_account_type": _or_null(_one_of("cartesia", "twilio", "sip_trunk")),
    "summary": _or_null(_TEXT),
    "status": _one_of("created", "started", "completed", "failed"),
    "error_message": _or_null(_TEXT),
    "end_reason": _or_null(_one_of(*_END_REASONS)),
    "deployment_id": _or_null(_TEXT),
    "deployment_version_id": _or_null(_TEXT),
    "deployment_region": _or_null(_one_of("US", "EU", "APAC")),
    "metadata": _or_null(_is(dict)),
}
"""What a set-up may give a call, with what makes a value acceptable."""
