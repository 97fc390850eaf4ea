"""What the process that every command is forked from has done before: all imports, and the first of each contract.

It is imported by that process alone (tests/commanding.py); what it leaves there is what Python and the libraries keep.
"""

import gc
import importlib
import pkgutil

import conformance
from conformance.contracts.loading import bundled, load

_LIBRARIES = ("hypothesis.internal.conjecture.engine", "schemathesis", "xdist.plugin", "jinja2", "jsonpath", "yaml")
# pytest imports its own plugins one by one, when it starts.
_PYTEST = ("junitxml", "pastebin", "setuponly", "setupplan", "skipping", "tracemalloc", "unittest", "warnings")
# pytest wants to be the first to import a plugin.
_LEFT = ("conformance.plugin", "conformance.__main__")


def _all() -> None:
    for name in (*_LIBRARIES, *(f"_pytest.{name}" for name in _PYTEST)):
        importlib.import_module(name)
    for module in pkgutil.walk_packages(conformance.__path__, "conformance."):
        if module.name not in _LEFT:
            importlib.import_module(module.name)
    for contract in bundled():
        load(contract)
    # Pages that the collector never touches are never copied.
    gc.collect()
    gc.freeze()


_all()
