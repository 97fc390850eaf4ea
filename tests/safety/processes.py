"""Runs of the real command that a test watches, interrupts and kills."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support import environment, heeding_signals


def until(holds: Callable[[], bool], within: float) -> bool:
    """Whether something comes to hold in so many seconds."""
    end = time.monotonic() + within
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.03)
    return holds()


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits to be asked for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def descendants(pid: int) -> dict[int, str]:
    """The command lines of all processes below one."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    found: dict[int, str] = {}
    todo = [pid]
    while todo:
        above = todo.pop()
        below = [child for child, parent in parents.items() if parent == above]
        todo += below
        for child in below:
            with suppress(OSError):
                found[child] = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return found


class Watched:
    """A running command; what it says is gathered as it says it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.lines: list[str] = []
        self.seen: dict[int, str] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with suppress(ValueError, OSError):
            for line in self.process.stdout:
                self.lines.append(line)

    @property
    def said(self) -> str:
        return "".join(self.lines)

    def under_way(self, lines: int = 4, within: float = 30) -> None:
        """Wait until so many requirements have been told of, and take note of the processes below."""
        assert until(lambda: len(self.lines) >= lines or self.process.poll() is not None, within), self.said
        assert self.process.poll() is None, self.said
        self.seen = descendants(self.process.pid)

    def workers(self) -> list[int]:
        return [pid for pid, line in descendants(self.process.pid).items() if "execnet" in line or "sys.stdin" in line]

    def servers(self) -> list[int]:
        return [pid for pid, line in self.seen.items() if " serve " in line]

    def ended(self, within: float = 30) -> int:
        code = self.process.wait(within)
        self._reader.join(5)
        return code

    def nothing_left(self, within: float = 5) -> bool:
        return until(lambda: not any(map(alive, self.seen)), within)


@contextmanager
def running(*words: str | Path, cwd: Path, module: str = "conformance", **env: str) -> Iterator[Watched]:
    """A command under way; whatever is left of it at the end of the block is killed."""
    command = [sys.executable, "-u", "-m", module, *map(str, words)]
    with subprocess.Popen(
        command, cwd=cwd, env=environment(**env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL, text=True, errors="replace", start_new_session=True, preexec_fn=heeding_signals,  # noqa: PLW1509 - nothing else in the child
    ) as process:  # fmt: skip
        watched = Watched(process)
        try:
            yield watched
        finally:
            for pid in {process.pid, *watched.seen, *descendants(process.pid)}:
                if alive(pid):
                    with suppress(OSError):
                        os.kill(pid, signal.SIGKILL)
