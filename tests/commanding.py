"""The real command in a process of its own, forked from one that has all of it imported.

An import of pytest, Hypothesis and Schemathesis takes most of a second and a half, and what is imported is not the fact
that these tests are about. Those that are about it start the interpreter themselves.
"""

import contextlib
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import TextIO

__all__ = ["Ended", "command"]

_PRELOADED = [
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


def _forkserver() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_PRELOADED)
    return context


def _onto(file: str, number: int, errors: str) -> TextIO:
    """This process's stream of that number, led into a file."""
    os.dup2(os.open(file, os.O_WRONLY), number)
    return os.fdopen(number, "w", encoding=os.environ.get("PYTHONIOENCODING", "utf-8"), errors=errors, closefd=False)


@dataclass(frozen=True)
class _Task:
    """What the forked process is to do, and the files that its output goes to."""

    program: str
    words: tuple[str, ...]
    cwd: str
    env: dict[str, str]
    out: str
    err: str


def _child(task: _Task) -> None:
    os.chdir(task.cwd)
    os.environ.clear()
    os.environ.update(task.env)
    sys.stdout, sys.stderr = _onto(task.out, 1, "strict"), _onto(task.err, 2, "backslashreplace")
    devnull = os.open(os.devnull, os.O_RDONLY)
    os.dup2(devnull, 0)
    sys.argv = [task.program, *task.words]
    try:
        _MAINS[task.program]()
    finally:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                stream.flush()


def _conformance() -> None:
    from conformance.cli import main

    main()


def _pytest() -> None:
    import pytest

    # As `python -m pytest` does it.
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - a text is wanted
    sys.exit(pytest.console_main())


_MAINS: dict[str, Callable[[], None]] = {"conformance": _conformance, "pytest": _pytest}


def command(*words: str, cwd: Path, env: dict[str, str], within: float, program: str = "conformance") -> Ended:
    """Run `conformance`, or `pytest`, with these words to its end.

    Raises:
        TimeoutError: it did not end `within` so many seconds; it is killed.
    """
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        out.touch()
        err.touch()
        task = _Task(program, words, str(cwd), env, str(out), str(err))
        process = _forkserver().Process(target=_child, args=(task,))
        process.start()
        process.join(within)
        if process.is_alive():
            process.kill()
            process.join()
            raise TimeoutError(f"{program} {' '.join(words)} did not end in {within:g} seconds")
        return Ended(process.exitcode or 0, out.read_text("utf-8"), err.read_text("utf-8"))
