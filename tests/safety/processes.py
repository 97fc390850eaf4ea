"""Runs of the real command that a test watches, interrupts and kills."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.commanding import start
from tests.support import environment


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
    """A running command; what it says can be read as it says it."""

    def __init__(self, process: ForkServerProcess, said: Path) -> None:
        assert process.pid is not None
        self.pid = process.pid
        self.seen: dict[int, str] = {}
        self._process = process
        self._file = said
        self._last: str | None = None

    @property
    def said(self) -> str:
        return self._file.read_text("utf-8", "replace") if self._last is None else self._last

    def keep(self) -> None:
        """Remember what was said, so that its file can go."""
        self._last = self.said

    @property
    def is_over(self) -> bool:
        return not self._process.is_alive()

    def tell(self, number: signal.Signals) -> None:
        """Send a signal to the command alone, not to what runs below it."""
        os.kill(self.pid, number)

    def under_way(self, lines: int = 4, within: float = 30) -> None:
        """Wait until so many requirements have been told of, and take note of the processes below."""
        assert until(lambda: self.said.count("\n") >= lines or self.is_over, within), self.said
        assert not self.is_over, self.said
        self.seen = descendants(self.pid)

    def workers(self) -> list[int]:
        return [pid for pid, line in descendants(self.pid).items() if "execnet" in line or "sys.stdin" in line]

    def servers(self) -> list[int]:
        return [pid for pid, line in self.seen.items() if " serve " in line]

    def ended(self, within: float = 30) -> int:
        self._process.join(within)
        assert self._process.exitcode is not None, f"it runs on after {within:g} seconds: {self.said}"
        return self._process.exitcode

    def nothing_left(self, within: float = 5) -> bool:
        return until(lambda: not any(map(alive, self.seen)), within)


@contextmanager
def running(*words: str | Path, cwd: Path, **env: str) -> Iterator[Watched]:
    """A command under way; whatever is left of it at the end of the block is killed."""
    with tempfile.TemporaryDirectory() as folder:
        said = Path(folder, "said")
        process = start(*map(str, words), cwd=cwd, env=environment(**env), said=said)
        watched = Watched(process, said)
        try:
            yield watched
        finally:
            below = {*watched.seen, *descendants(watched.pid)}
            process.kill()
            process.join(5)
            for pid in below:
                if alive(pid):
                    with suppress(OSError):
                        os.kill(pid, signal.SIGKILL)
            watched.keep()
