"""Standard output and error that never break a command: whoever reads them may go away, and a disk be full."""

import errno
import os
import sys
from collections.abc import Callable
from typing import Any

__all__ = ["guard", "lost"]

_LOST: list[str] = []


class _Stream:
    """A text stream or its buffer; what it can't take is dropped, so that the command ends as it would."""

    def __init__(self, stream: Any, *, telling: bool) -> None:
        self._stream = stream
        self._telling = telling

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @property
    def buffer(self) -> "_Stream":
        return _Stream(self._stream.buffer, telling=self._telling)

    def write(self, text: Any) -> Any:
        return self._forgiving(self._stream.write, text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        self._forgiving(self._stream.flush)

    def _forgiving(self, do: Callable[..., Any], *given: Any) -> Any:
        try:
            return do(*given)
        except OSError as problem:
            if self._telling and problem.errno != errno.EPIPE:
                _LOST.append(problem.strerror or type(problem).__name__)
            self._drop_all()
            return len(given[0]) if given else None

    def _drop_all(self) -> None:
        """Let what is still held back, and all that follows, go nowhere."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)


def guard() -> None:
    """Guard this process's standard output and error: writing to them raises no OSError from then on."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            # It was closed when the process began.
            stream = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - for as long as the process lives
        setattr(sys, name, _Stream(stream, telling=name == "stdout"))


def lost() -> str | None:
    """Why standard output did not take all that was written to it; None where it did, or nobody reads it any more."""
    sys.stdout.flush()
    return _LOST[0] if _LOST else None
