"""The real command in a process of its own, forked from one that has all of it imported.

An import of pytest, Hypothesis and Schemathesis takes most of a second and a half, and what is imported is not the fact
that these tests are about. Those that are about it start the interpreter themselves.
"""

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import TextIO

__all__ = ["Ended", "command", "own_command", "own_pytest", "start"]

_PRELOADED = [
    # All of it, where the working directory is the project's; what follows is found everywhere.
    "tests.preloading",
    "conformance.suite.session",
    "conformance.commands.run",
    "conformance.reference.cartesia",
    "conformance.reference.ultravox",
    "schemathesis",
    "xdist.plugin",
]


@dataclass(frozen=True)
class Ended:
    """What a finished command said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


def own_command() -> None:
    """What `conformance` does."""
    from conformance.cli import main

    main()


def own_pytest() -> None:
    """What `python -m pytest` does."""
    import pytest

    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - a text is wanted
    sys.exit(pytest.console_main())


@dataclass(frozen=True)
class _Start:
    """What a forked process is to do: `main`, with these words, and its output in these files."""

    main: Callable[[], None]
    words: list[str]
    cwd: str
    env: dict[str, str]
    out: str
    err: str
    watched: bool

    def __call__(self) -> None:
        os.chdir(self.cwd)
        os.environ.clear()
        os.environ.update(self.env)
        if self.watched:
            os.setsid()
            # What starts the tests in the background may have them ignored.
            signal.signal(signal.SIGINT, signal.default_int_handler)
            for number in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
        sys.stdout, sys.stderr = self._onto(self.out, 1, "strict"), self._onto(self.err, 2, "backslashreplace")
        devnull = os.open(os.devnull, os.O_RDONLY)
        os.dup2(devnull, 0)
        sys.argv = ["conformance", *self.words]
        try:
            self.main()
        finally:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(OSError, ValueError):
                    stream.flush()

    def _onto(self, file: str, number: int, errors: str) -> TextIO:
        """This process's stream of that number, led into a file."""
        os.dup2(os.open(file, os.O_WRONLY | os.O_APPEND), number)
        encoding = os.environ.get("PYTHONIOENCODING", "utf-8")
        buffering = 1 if self.watched else -1
        return os.fdopen(number, "w", buffering, encoding=encoding, errors=errors, closefd=False)


def _forkserver() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


def start(*words: str, cwd: Path, env: dict[str, str], said: Path) -> ForkServerProcess:
    """Run `conformance` in a session of its own, where signals do what they do by default; all it says in one file."""
    said.touch()
    todo = _Start(own_command, [*words], str(cwd), env, str(said), str(said), watched=True)
    process = _forkserver().Process(target=todo)
    process.start()
    return process


def command(
    *words: str, cwd: Path, env: dict[str, str], within: float, main: Callable[[], None] = own_command
) -> Ended:
    """Run `conformance`, or another `main` of a module, with these words to its end.

    Raises:
        TimeoutError: it did not end `within` so many seconds; it is killed.
    """
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        out.touch()
        err.touch()
        todo = _Start(main, [*words], str(cwd), env, str(out), str(err), watched=False)
        process = _forkserver().Process(target=todo)
        process.start()
        process.join(within)
        if process.is_alive():
            process.kill()
            process.join()
            raise TimeoutError(f"conformance {' '.join(words)} did not end in {within:g} seconds")
        return Ended(process.exitcode or 0, out.read_text("utf-8"), err.read_text("utf-8"))
