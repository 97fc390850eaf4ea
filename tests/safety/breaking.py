"""Breaks the suite in one of its layers, with words that hold the headers of a request; a pytest plugin, too.

The environment says which: BREAKS=send, oracle, state, monitor, record, write, example or scrub.
"""

import errno
import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from conformance.engine import set_ups
from conformance.results import files
from tests.commanding import own_command

_AFTER = 25
"""Requests that go well first, so that a run is under way."""


def _breaking(original: Callable[..., Any], after: int = 0) -> Callable[..., Any]:
    calls = [0]

    def broken(*given: Any, **named: Any) -> Any:
        calls[0] += 1
        if calls[0] > after:
            raise RuntimeError(f"broken by {_told()} with {given!r}"[:5000])
        return original(*given, **named)

    return broken


def _told() -> str:
    headers = {"Authorization": f"Bearer {os.environ['CONFORMANCE_API_KEY']}", "X-Gateway": os.environ["GATEWAY"]}
    return repr(headers)


def install(layer: str) -> None:
    """Break a layer of this process."""
    from conformance.deletion import oracles
    from conformance.engine import context, recording
    from conformance.http import session
    from conformance.protocol import answers as every_answer
    from conformance.results import scrub
    from conformance.suite import session as suite
    from conformance.targets import states

    match layer:
        case "send":
            session.Session.send = _breaking(session.Session.send, _AFTER)  # type: ignore[method-assign]
        case "state":
            states.States.setup = _breaking(states.States.setup, 3)  # type: ignore[method-assign]
        case "oracle":
            oracles.status_is = _breaking(oracles.status_is)
        case "monitor":
            every_answer.documented = _breaking(every_answer.documented, 2)
        case "example":
            context.Context.example = _breaking(context.Context.example)  # type: ignore[method-assign]
        case "scrub":
            scrub.Scrubber.exchange = _breaking(scrub.Scrubber.exchange)  # type: ignore[method-assign]
        case "record":
            recording.record = suite.record = _breaking(recording.record)  # type: ignore[attr-defined]
        case "write":
            suite.write = _breaking(suite.write)  # type: ignore[attr-defined]
        case "preflight":
            suite.preflight = _breaking(suite.preflight)  # type: ignore[attr-defined]
        case "teardown":
            set_ups.SetUps.tear_down = _breaking(set_ups.SetUps.tear_down)  # type: ignore[method-assign]
        case "so far":
            suite.written_so_far = _breaking(suite.written_so_far)  # type: ignore[attr-defined]


def command_that_breaks(layer: str) -> None:
    """The command, with a layer broken."""
    install(layer)
    own_command()


def report_that_breaks(form: str) -> None:
    """The command, with what makes one form of report broken."""
    module = importlib.import_module(f"conformance.report.{form}")
    module.render = _breaking(module.render)  # type: ignore[attr-defined] # each form has one
    own_command()


def on_a_full_disk() -> None:
    """The command, where no file is written whole."""

    def full(file: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(file))

    files.write_whole = full
    own_command()


def pytest_configure(config: Any) -> None:
    """Break what the environment names."""
    if os.environ.get("BREAKS"):
        install(os.environ["BREAKS"])
