"""May a DELETE name odd ids? A staged probe on the suite's own calls, before anything that could hit a stranger's."""

from collections.abc import Generator
from typing import Final

from conformance.deletion import oracles
from conformance.deletion.call import Call
from conformance.deletion.sources import ended_call
from conformance.engine.context import Context
from conformance.engine.stops import NotReached
from conformance.engine.supporting import can
from conformance.http.exchange import Intent
from conformance.results.findings import Violation

__all__ = ["odd_ids_may_be_sent"]

_DIFFERENT: Final = 8
"""Places in which two ids must differ for a pattern made of one to be none of a third."""


def odd_ids_may_be_sent(context: Context) -> Generator[Violation, None, bool]:
    """Whether odd, short, wildcard and look-alike ids may go out with unsafe requests; found out once a run.

    They may to the embedded server, and to one that is declared `disposable`. To any other only when two stages held
    (DESIGN, 12): another account's DELETE of an exact id of ours, and DELETEs of ids that as a pattern, a prefix or in
    another case could match only ours. A call of ours that one of them touched is the finding.
    """
    ledger = context.run.ledger
    if ledger.odd_ids_allowed is None:
        ledger.odd_ids_allowed = context.run.target.anything_goes
        if not ledger.odd_ids_allowed and context.run.set_ups.possible and can(context, "get"):
            ledger.odd_ids_allowed = yield from _staged(context)
    return ledger.odd_ids_allowed


def _staged(context: Context) -> Generator[Violation, None, bool]:
    if context.run.target.accounts == "shared":
        context.observed["odd ids"] = "not sent: accounts are declared to be shared"
        return False
    first, second = ended_call(context, name="probed "), ended_call(context, name="other probed ")
    if _alike(first.id, second.id):
        context.observed["odd ids"] = (
            "not sent: the target's ids are so much alike that a pattern of one could be another's"
        )
        return False
    try:
        stranger = context.account()
    except NotReached as why:
        context.observed["odd ids"] = f"not sent: {why}"
        return False
    if not (yield from _held(context, first, first.id, "another account's DELETE of it", api_key=stranger)):
        return False
    for what, call_id in _narrow(first.id).items():
        if not (yield from _held(context, first, call_id, what)):
            return False
    return True


def _alike(one: str, other: str) -> bool:
    """Whether ids are counted up, or so short that a part of one is a part of another."""
    different = sum(a != b for a, b in zip(one, other, strict=False))
    return different < _DIFFERENT or len(one) < 2 * _DIFFERENT


def _narrow(call_id: str) -> dict[str, str]:
    """Ids that are none, and that a server which takes them for a pattern can only take for this call's."""
    return {
        "the id with a % at its end": call_id[:-1] + "%",
        "the id with a _ in it": call_id[:-2] + "_" + call_id[-1],
        "the id with a * at its end": call_id[:-1] + "*",
        "the id as a regular expression": f"^{call_id[:-1]}.$",
        "the id without its end": call_id[:-1],
        "the id without its beginning": call_id[1:],
        "the middle of the id": call_id[1:-1],
        "the id and more": call_id + "0",
        "the id in a quoted condition": f"{call_id}' AND '1'='1",
        'the id in a "quoted" condition': f'{call_id}" AND "1"="1',
        "the id in another case": call_id.swapcase(),
    }


def _held(
    context: Context, call: Call, call_id: str, what: str, api_key: str | None = None
) -> Generator[Violation, None, bool]:
    """Whether a DELETE of what is no id of the asker's left the call whole."""
    context.run.ledger.ours(call_id)
    intent: Intent = "unknown-id" if api_key is None else "other-account"
    answer = context.send(context.request("delete", call_id, api_key=api_key, intent=intent))
    after = context.send(context.request("get", call.id, api_key=call.api_key))
    found = list(oracles.untouched_by(call, answer, after, context.contract.record.marker, what))
    if not found:
        return not answer.ok
    if what.endswith("another case"):
        # Whether ids have a case is not documented: ours in another one is still ours.
        context.observed["an id in another case"] = "deletes the call"
        return False
    yield from found
    return False
