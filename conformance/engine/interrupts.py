"""What tells a process to end is what Ctrl-C is; and what must not be cut in two is not."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

__all__ = ["end_in_order", "heed", "whole"]


class _State:
    holding = 0
    pending = False
    seen = False


@contextmanager
def whole() -> Iterator[None]:
    """Let an interrupt wait until the block is done: what an account is called must be known once it is made."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _State.holding += 1
    try:
        yield
    finally:
        _State.holding -= 1
    if _State.pending and not _State.holding:
        _State.pending = False
        raise KeyboardInterrupt


def heed() -> None:
    """Raise an interrupt that was swallowed on its way up: Python drops what a garbage collector's callback raises.

    Raises:
        KeyboardInterrupt: the process was told to end.
    """
    if _State.seen:
        _State.seen = False
        raise KeyboardInterrupt


def _interrupt(*_: object) -> None:
    _State.seen = True
    if _State.holding:
        _State.pending = True
    else:
        raise KeyboardInterrupt


def end_in_order() -> list[tuple[int, Any]]:
    """Make SIGTERM and SIGHUP end a run as Ctrl-C does; the handlers that were there, to be put back.

    What is ignored around this process (nohup) stays ignored.
    """
    before: list[tuple[int, Any]] = []
    _State.seen = _State.pending = False
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with suppress(ValueError):
            known = signal.getsignal(number)
            if known in (signal.SIG_DFL, signal.default_int_handler):
                signal.signal(number, _interrupt)
                before.append((number, known))
    return before
