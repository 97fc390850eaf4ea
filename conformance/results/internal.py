"""An error of our own, told by its type and place: its words, and its traceback's, may hold what nobody may see."""

import os
import traceback
from pathlib import Path

__all__ = ["TRACEBACK_VARIABLE", "describe", "keep"]

TRACEBACK_VARIABLE = "CONFORMANCE_TRACEBACK"
"""Environment variable of a file that the user wants errors of our own written into, in full."""

_PACKAGE = Path(__file__).parents[1]


def describe(problem: BaseException) -> str:
    """The error in a line: its type, and the innermost place in this package that it passed."""
    frames = traceback.extract_tb(problem.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_PACKAGE)]
    if not ours:
        return f"internal error: {type(problem).__name__}"
    place = Path(ours[-1].filename).relative_to(_PACKAGE.parent).as_posix()
    return f"internal error: {type(problem).__name__} in {place}:{ours[-1].lineno} ({ours[-1].name})"


def keep(problem: BaseException) -> None:
    """Add the error in full to the file that the user names in the environment, if any; only its owner may read it."""
    file = os.environ.get(TRACEBACK_VARIABLE)
    if not file:
        return
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "a", encoding="utf-8", errors="backslashreplace") as stream:  # noqa: PTH123 - a descriptor has no path
            os.fchmod(descriptor, 0o600)
            stream.write("".join(traceback.format_exception(problem)))
    except (OSError, ValueError):
        # What can't be kept must not hide what is told.
        return
