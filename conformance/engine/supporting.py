"""Supporting operations: whether the target offers what lets the suite read, list, cancel or hear a call."""

from collections.abc import Iterator, Sequence
from typing import Final

from conformance.contracts import pointer
from conformance.contracts.pointer import JsonObject
from conformance.contracts.terms import Artifact, Role
from conformance.engine.context import Context
from conformance.engine.drawing import Replay
from conformance.engine.stops import NotReached

__all__ = ["ARTIFACTS", "SUPPORTING", "can", "list_query", "require_operations"]

ARTIFACTS: Final[tuple[Artifact, ...]] = ("recording", "logs")
"""What else than its record is kept of a call."""

SUPPORTING: Final[tuple[Role, ...]] = ("get", "list", "cancel", *ARTIFACTS)
"""Roles of the operations that a rule may look through."""


def can(context: Context, role: Role) -> bool:
    """Whether the target offers the supporting operation of a role; detected once a run."""
    if role not in context.contract.roles:
        return False
    return context.run.capabilities.has(role, lambda: _offers(context, role))


def require_operations(context: Context, needs: Sequence[str]) -> None:
    """Stop here where the target lacks a supporting operation among what a rule needs.

    Raises:
        NotReached: it does not offer one.
    """
    if not context.contract.deletes:
        return
    # Whether calls that were given away can be cancelled is not tried on them beforehand.
    untried = () if context.run.set_ups.possible else ("cancel",)
    for role in SUPPORTING:
        if role in needs and role not in untried and not can(context, role):
            raise NotReached(f"the target does not offer {role}")


def _offers(context: Context, role: Role) -> bool:
    """Try the operation on a call that has what it serves, apart from the example at hand."""
    apart = Context(context.run, context.requirement, Replay({}), 0)
    ids = _plain_calls(apart, role) if context.run.set_ups.possible else _given_ids(context, role)
    for call_id, owner in ids:
        query = list_query(context, owner) if role == "list" else []
        if apart.send(apart.request(role, call_id, query=query)).ok:
            return True
    return False


def _plain_calls(apart: Context, role: Role) -> Iterator[tuple[str, str]]:
    """A call set up to have what the role serves; twice, since a stray 500 must not hide what is there."""
    record = apart.contract.record
    owner = f"agent_{apart.token(16)}"
    seed: JsonObject = {}
    pointer.set_at(seed, record.status, record.cancellable[0] if role == "cancel" else record.terminal[0])
    pointer.set_at(seed, record.owner, owner)
    try:
        values = apart.state("a call exists", call=seed, **apart.contract.of_role(role).state)
    except NotReached:
        return
    yield from [(str(values.get("call_id")), owner)] * 2


def _given_ids(context: Context, role: Role) -> Iterator[tuple[str, str]]:
    """Ids that the user gave away, to be read only; whether calls can be cancelled is not tried on them."""
    if role == "cancel":
        return
    for call_id in [i for ids in context.run.target.preloaded.values() for i in ids]:
        owner = ""
        if role == "list":
            record = context.send(context.request("get", call_id)).json
            owner = str(pointer.get(record, context.contract.record.owner))
        yield call_id, owner


def list_query(
    context: Context, owner: str, *, expanded: bool = True, size: int | None = None
) -> list[tuple[str, str]]:
    """The query that lists an owner's calls, with all that the list can show, on pages as large as may be."""
    stated = context.contract.of_role("list")
    pairs = [(name, value.format(owner=owner)) for name, value in stated.query.items()]
    if stated.size is not None:
        pairs.append((stated.size.query, str(size or stated.size.most)))
    return pairs + (list(stated.expand.items()) if expanded else [])
