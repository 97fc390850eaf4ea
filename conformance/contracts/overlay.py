"""Apply an OpenAPI Overlay 1.0 document (https://spec.openapis.org/overlay/v1.0.0.html)."""

import copy
from collections.abc import Collection
from functools import cache
from typing import Any

from conformance.contracts import plain_yaml as plainyaml

__all__ = ["OverlayError", "apply_overlay"]


class OverlayError(ValueError):
    """The overlay is not one, or an action of it cannot be carried out."""


@cache
def _jsonpath() -> Any:
    from jsonpath import JSONPathEnvironment

    return JSONPathEnvironment(strict=True)


def apply_overlay(document: Any, overlay: Any, *, skip: Collection[str] = ()) -> Any:
    """Return a copy of `document` with the overlay's actions applied in their order.

    An action whose `x-interpretation` is in `skip` is left out: that is how a target says that it
    reads a disputed sentence otherwise.

    Raises:
        OverlayError: the overlay is malformed, a target is no JSONPath of RFC 9535, an update
            meets a value that is neither an object nor an array, or makes the document too large or too deep.
    """
    if not isinstance(overlay, dict) or not isinstance(overlay.get("actions"), list):
        raise OverlayError("an overlay is an object with a list of actions")
    # A wrapper gives the root a parent, so that `$` needs no special case.
    holder = {"root": copy.deepcopy(document)}
    for number, action in enumerate(overlay["actions"]):
        if not isinstance(action, dict) or not isinstance(action.get("target"), str):
            raise OverlayError(f"action {number}: no target")
        if isinstance(action.get("x-interpretation"), str) and action["x-interpretation"] in skip:
            continue
        if not isinstance(action.get("remove", False), bool):
            raise OverlayError(f"action {number} ({_told(action['target'])}): remove is true or false")
        try:
            _act(holder, action)
            # Each action may put its update into every place of the one before.
            _refuse_bombs(holder["root"])
        except OverlayError as problem:
            raise OverlayError(f"action {number} ({_told(action['target'])}): {problem}") from None
    return holder["root"]


def _refuse_bombs(document: Any) -> None:
    count, levels = plainyaml.extent(document)
    if count > plainyaml.LARGEST or levels > plainyaml.DEEPEST:
        raise OverlayError("it makes the document too large or too deep")


def _told(target: str) -> str:
    return " ".join(target[:200].split())


def _act(holder: dict[str, Any], action: dict[str, Any]) -> None:
    from jsonpath import JSONPathError

    try:
        found = _jsonpath().finditer(action["target"], holder["root"])
        # A JSONPath may select one place twice; an action acts on it once.
        places = list(dict.fromkeys(("root", *node.parts) for node in found))
    except JSONPathError as problem:
        # The library's own text is a drawing of several lines, and now and then breaks while it is made.
        why = " ".join(str(problem.args[0] if problem.args else "").split())
        raise OverlayError(f"not a JSONPath: {why}") from None
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as problem:
        raise OverlayError(f"not a JSONPath that can be followed: {type(problem).__name__}") from None
    if action.get("remove") is True:
        if ("root",) in places:
            raise OverlayError("the whole document can't be removed")
        # Later places first: removing from an array must not shift what is still to go.
        for *way, last in sorted(places, key=_document_order, reverse=True):
            del _descend(holder, way)[last]
    elif "update" in action:
        for *way, last in places:
            parent = _descend(holder, way)
            parent[last] = _updated(parent[last], action["update"])


def _document_order(place: tuple[str | int, ...]) -> list[tuple[bool, str | int]]:
    return [(isinstance(step, str), step) for step in place]


def _descend(node: Any, way: list[str | int]) -> Any:
    for step in way:
        node = node[step]
    return node


def _updated(old: Any, update: Any) -> Any:
    if isinstance(old, list):
        return [*old, copy.deepcopy(update)]
    if isinstance(old, dict) and isinstance(update, dict):
        return _merged(old, update)
    raise OverlayError("an update needs an object or an array as its target, and an object for an object")


def _merged(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return old | {
            key: _merged(old[key], value) if key in old else value for key, value in copy.deepcopy(new).items()
        }
    if isinstance(old, list) and isinstance(new, list):
        return old + new
    return new
