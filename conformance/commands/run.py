"""`conformance run`: pytest.main with our plugin and nothing of the user's own pytest set-up."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from conformance.contracts.loading import bundled
from conformance.engine.rule import rule_modules
from conformance.report import progress, summary

__all__ = ["as_words", "run_pytest"]

_PACKAGE = Path(__file__).parents[1]


def run_pytest(options: Mapping[str, Any], *, stop: bool, workers: int) -> int:
    """Run the rules and print progress and summary; return the exit code of the run."""
    reporter = progress.Progress(sys.stdout)
    saved = {name: os.environ.pop(name) for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS") if name in os.environ}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        code = pytest.main([*_arguments(options, stop=stop, workers=workers), *_files()], plugins=[reporter])
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ |= saved
    for problem in reporter.suite.problems if reporter.suite is not None else ():
        print(problem)  # noqa: T201 - the command's own output
    if reporter.suite is not None:
        for vendor, results in reporter.suite.results.items():
            if not reporter.suite.unwritten:
                print(f"{summary.render(results)}\nresults: {reporter.suite.files[vendor]}\n")  # noqa: T201 - the command's own output
            elif results.of("fail"):
                print(f"{summary.render(results)}\nnot on record: {reporter.suite.unwritten}\n")  # noqa: T201 - as above
            else:
                print(f"No verdict: the results could not be written: {reporter.suite.unwritten}\n")  # noqa: T201 - as above
    return int(code)


def _files() -> list[str]:
    return [str(module.__file__) for module in rule_modules()]


def _arguments(options: Mapping[str, Any], *, stop: bool, workers: int) -> Sequence[str]:
    # A config file of our own, so that no pytest.ini above the working directory has a say.
    given = ["-c", str(_PACKAGE / "run.ini"), "--rootdir", str(_PACKAGE), "-p", "conformance.plugin"]
    given += ["-p", "no:cacheprovider", "-p", "no:terminalreporter", "-p", "no:logging", "-p", "no:faulthandler"]
    # What these two look for are slips of tests in their own process; looking costs half a second.
    given += ["-p", "no:unraisableexception", "-p", "no:threadexception"]
    if workers > 1:
        given += ["-p", "xdist.plugin", "-n", str(workers)]
    if stop:
        given.append("-x")
    # Without a contract or a target the plugin would not know that it is asked.
    unnamed = not options["contract"] and options["target"] is None
    return given + as_words(dict(options) | ({"contract": bundled()} if unnamed else {}), "--conformance-")


def as_words(options: Mapping[str, Any], prefix: str = "--") -> list[str]:
    """Options by name as words of a command line; what is None or false is left out.

    Each is one word: a value that looks like an option must not become one.
    """
    words = []
    for name, value in options.items():
        flag = f"{prefix}{name.replace('_', '-')}"
        if value is True:
            words.append(flag)
        elif isinstance(value, list | tuple):
            words += [f"{flag}={one}" for one in value]
        elif value is not None and value is not False:
            words.append(f"{flag}={value}")
    return words
