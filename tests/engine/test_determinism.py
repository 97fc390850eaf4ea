"""The same seed sends the same requests in the same order, up to what the server chose."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from conformance.contracts.loading import load
from conformance.engine.exploring import explore
from conformance.engine.rule import attach_monitors, rules
from conformance.engine.run import Run
from conformance.http.exchange import Exchange
from conformance.reference.server import Reference
from conformance.targets.target import Target

# Each run is done three times.
pytestmark = pytest.mark.long

_CHOSEN_BY_THE_SERVER = re.compile(r"ac_\w+|[0-9a-f]{8}-[0-9a-f-]{27}|cursor=[^&]*")


@contextmanager
def a_run(vendor: str, nonce: str) -> Iterator[tuple[Run, list[str]]]:
    """A run against a fresh reference that writes down what it sends."""
    contract, sent = load(vendor), []
    with Reference(vendor) as server:
        target = Target(server.url, server.api_key, server.state_url, embedded=True)
        run = Run(contract, target, seed=5, depth=18, nonce=nonce)
        attach_monitors(run)

        class Listener:
            def see(self, exchange: Exchange) -> Iterator[tuple[object, None]]:
                url = exchange.request.url.removeprefix(server.url)
                sent.append(f"{exchange.request.method} {_CHOSEN_BY_THE_SERVER.sub('*', url)} {exchange.status}")
                yield from ()

        run.monitors.add(Listener())  # type: ignore[arg-type] # yields nothing at all
        yield run, sent


def requests(vendor: str, rule_ids: list[str], nonce: str) -> list[str]:
    with a_run(vendor, nonce) as (run, sent):
        for requirement in run.contract.bound(*rule_ids):
            explore(run, requirement, rules()[requirement.rule])
        return sent


@pytest.mark.parametrize(
    ("vendor", "rule_ids"),
    [
        ("cartesia", ["delete.succeeds", "redact.omits", "delete.lifecycle", "delete.idempotent"]),
        (
            "ultravox",
            ["page.complete", "filter.conjunction", "page.previous", "tombstone.faithful"],
        ),
    ],
)
def test_the_same_seed_sends_the_same_requests_up_to_names(vendor: str, rule_ids: list[str]) -> None:
    first, again, other = (requests(vendor, rule_ids, nonce) for nonce in ("one", "one", "other"))
    assert len(first) > 200
    assert first == again
    assert [request.partition("?")[0] for request in first] == [request.partition("?")[0] for request in other]
