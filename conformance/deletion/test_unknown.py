"""Rule: ids that nobody has, and ids that are no ids."""

from collections.abc import Iterator

from conformance.contracts import pointer
from conformance.deletion import oracles, probing
from conformance.deletion.sources import ended_call
from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.engine.stops import NotReached
from conformance.results.findings import Violation

__all__: list[str] = []

_LIKE = "like a real one"
_NUMBERS = {"a number": "0"}
"""Ids that a database which casts takes for every id that begins with a letter: no probe can tell that beforehand."""


@rule("delete.unknown", proof=("act",))
def test_unknown_id_is_not_found(context: Context) -> Iterator[Violation]:
    """An id never issued answers 404; odd and long ones any 4xx, never 2xx or 5xx; none touches another's call."""
    real = _an_id(context)
    made = context.alike(real)
    odd = _odd_ids(real, made) | (_NUMBERS if context.run.target.anything_goes else {})
    kind = context.pick("kind of id", [_LIKE, *odd])
    if kind == _LIKE:
        yield from _like_a_real_one(context, made, shaped=len(made) == len(real))
        return
    if not (yield from probing.odd_ids_may_be_sent(context)):
        raise NotReached("odd ids go with a DELETE only to a server on which none of them can hit a stranger's call")
    for _ in range(context.pick("deletes", [1, 2])):
        answer = context.send(context.request("delete", odd[kind], intent="unknown-id"))
        yield from oracles.refused(answer, kind)


def _like_a_real_one(context: Context, made: str, *, shaped: bool) -> Iterator[Violation]:
    """Without a call of its own, only a difference shows that the operation is there: everything may be a 404."""
    for _ in range(context.pick("deletes", [1, 2])):
        answer = context.send(context.request("delete", made, intent="unknown-id"))
        expected = context.requirement.data.status
        if shaped or not 400 <= answer.status < 500:
            yield from oracles.status_is(answer, expected, "DELETE of an id that was never issued")
    if not context.run.needs.met("calls"):
        refused = context.send(context.request("delete", made, api_key="", intent="bad-credential"))
        if refused.status == answer.status:
            raise NotReached(
                f"nothing shows that the target has this operation: {answer.status} with and without a credential"
            )
    context.prove("act", answer)


def _odd_ids(real: str, made: str) -> dict[str, str]:
    """Ids that no server issues, some of them close to a real one.

    A real one in another case may be the same to a server that ignores case: `probing` looks at that.
    """
    return {
        "one character": next((c for c in reversed(made) if c.isalpha()), "x"),
        "a wildcard": "%",
        "underscores": "_" * len(real),
        "a real one cut short": real[:-1],
        "a real one and more": real + made[-1],
        "a real one and a wildcard": real[:-2] + "%",
        "with quotes": f"{made}' OR '1'='1",
        "with a NUL": f"{made}\0",
        "not ASCII": "ünïcödé☎",
        "null": "null",
        "a star": "*",
        "300 characters": made + "x" * 300,
        "2000 bytes": (made + "x" * 2000)[:2000],
    }


def _an_id(context: Context) -> str:
    """A real id where the target can make one, else the document's own example."""
    if context.run.set_ups.possible:
        return ended_call(context).id
    operation = context.contract.roles["delete"]
    content = operation.responses.get("200", {}).get("content", {})
    found = pointer.get(content.get("application/json", {}).get("example", {}), context.contract.record.id)
    return found if isinstance(found, str) else context.nobody()
