"""Several processes: what the controller tells its workers, and what it takes from them, crashed ones included."""

from collections.abc import Generator, Mapping
from typing import Any, Final

import pytest

from conformance.contracts.pointer import JsonObject
from conformance.engine.run import Run

__all__ = ["SHARED", "Teller", "Workers", "tell_all"]

SHARED: Final = "conformance_shared"
"""Key of what a controller tells its workers."""
_TOLD: Final = "conformance"


class Workers:
    """A plugin of the controller: collects what each worker saw.

    `shared` is what each worker is told of the run. A worker that crashes leaves what it had told when its last
    requirement ended; `crashed` says that one did.
    """

    def __init__(self, runs: Mapping[str, Run], shared: Mapping[str, Any]) -> None:
        self.crashed = False
        self.collected: set[str] = set()
        self._runs = runs
        self._shared = shared
        self._whole: list[JsonObject] = []
        self._as_they_ended: dict[str, JsonObject] = {}

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker the seed, the nonce, what stopped the run, and where the embedded servers are."""
        targets = {
            vendor: {name: getattr(run.target, name) for name in ("url", "api_key", "state_url", "name")}
            for vendor, run in self._runs.items()
        }
        broken = {vendor: run.broken for vendor, run in self._runs.items()}
        node.workerinput[SHARED] = {**self._shared, "targets": targets, "broken": broken}

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """What a worker collected is what was asked for, whatever becomes of the worker."""
        self.collected |= {name for nodeid in ids if (name := self.requirement_of(nodeid)) is not None}

    def requirement_of(self, nodeid: str) -> str | None:
        """The requirement that an item of this name tests; None where it is no item of ours."""
        name = nodeid.rpartition("[")[2].rstrip("]")
        return name if any(r.id == name for run in self._runs.values() for r in run.contract.requirements) else None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a worker told with its last report."""
        told = vars(report).pop(_TOLD, None)
        if told is not None:
            self._as_they_ended[vars(report)["node"].gateway.id] = told

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: Any) -> None:
        """Take in what a worker came to, and look after the accounts of one that is gone."""
        output = getattr(node, "workeroutput", None) or {}
        told = self._as_they_ended.pop(node.gateway.id, {})
        if _TOLD in output:
            self._whole.append(output[_TOLD])
        else:
            self.crashed = True
            self._whole.append(told)
            for vendor, seen in told.items():
                for key in seen["accounts"]:
                    self._runs[vendor].set_ups.adopt(key)
        self.crashed = self.crashed or bool(error)

    def so_far(self, vendor: str) -> list[JsonObject]:
        """What was told of a run until now."""
        return [told[vendor] for told in (*self._whole, *self._as_they_ended.values()) if vendor in told]

    def hand_over(self) -> None:
        """Add what the workers saw to the runs."""
        for told in self._whole:
            for vendor, seen in told.items():
                self._runs[vendor].take_in(seen)


class Teller:
    """A plugin of a worker: gives its reports what it has so far, so that it is not lost should the worker crash."""

    def __init__(self, runs: Mapping[str, Run]) -> None:
        self._runs = runs

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Put what was seen beside the report of a test's end; pytest-xdist hands on whatever a report has."""
        report = yield
        if call.when == "teardown":
            vars(report)[_TOLD] = _seen(self._runs)
        return report


def tell_all(config: pytest.Config, runs: Mapping[str, Run]) -> None:
    """Give the controller what this worker saw, at its end."""
    vars(config)["workeroutput"][_TOLD] = _seen(runs)


def _seen(runs: Mapping[str, Run]) -> JsonObject:
    return {vendor: run.as_json() for vendor, run in runs.items()}
