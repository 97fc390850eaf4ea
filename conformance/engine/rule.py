"""A rule: one vendor-neutral test, bound by requirements of any contract."""

import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from conformance.results.findings import Violation

if TYPE_CHECKING:
    from conformance.engine.context import Context
    from conformance.engine.run import Run

__all__ = ["RULE_MODULES", "Again", "Body", "NotReached", "Part", "Rule", "attach_monitors", "rule", "rules"]

Body: TypeAlias = Callable[["Context"], Iterator[Violation]]

Part: TypeAlias = Literal["before", "act", "after"]
"""What an exchange of a proof shows: what there was, what was done, and that the promise was kept."""

RULE_MODULES = (
    "conformance.deletion.test_deleting",
    "conformance.deletion.test_unknown",
    "conformance.deletion.test_redaction",
    "conformance.deletion.test_failures",
    "conformance.deletion.test_lifecycle",
    "conformance.listing.test_pages",
    "conformance.listing.test_walking_back",
    "conformance.listing.test_tombstones",
    "conformance.listing.test_filters",
    "conformance.listing.test_filters_together",
    "conformance.listing.test_bad_input",
    "conformance.protocol.test_access",
    "conformance.protocol.test_document",
    "conformance.deletion.test_permanence",
    "conformance.protocol.test_every_answer",
)
"""Where the rules are, in the order they run: what looks at the whole run comes last."""


class NotReached(Exception):
    """The example never reached the situation that the rule is about; the words say why."""


@dataclass(frozen=True)
class Again:
    """A second look at what a run did: `items` are the things not looked at so far, `body` looks at one of them."""

    items: Callable[["Run"], list[Any]]
    body: Callable[["Context", Any], Iterator[Violation]]


@dataclass(frozen=True)
class Rule:
    """A rule's id, what it needs of a target, how many examples are of use to it, and its body.

    `most` bounds the examples of a rule that has few different cases; 0 means the run's depth.
    `read_only` rules send nothing that could change the target. `long` ones send so much more than others
    that they begin first where rules run side by side. `again` looks once more at what the run did so far: before the
    rule's own examples, and when all rules have run. `proof` are the parts by which a pass can be seen.
    """

    id: str
    needs: tuple[str, ...]
    most: int
    read_only: bool
    long: bool
    body: Body
    module: str
    again: Again | None
    proof: tuple[Part, ...]

    @property
    def obligation(self) -> str:
        """The rule's docstring: what holds, as a fact."""
        return inspect.getdoc(self.body) or ""


_RULES: dict[str, Rule] = {}


def rule(
    rule_id: str,
    *,
    needs: tuple[str, ...] = (),
    most: int = 0,
    read_only: bool = False,
    long: bool = False,
    again: Again | None = None,
    proof: tuple[Part, ...] = ("act",),
) -> Callable[[Body], Callable[[Any], None]]:
    """Make a pytest test of a rule's body, one item for each requirement that binds it.

    The body drives the context it is given and yields what it sees broken.
    """

    def decorate(body: Body) -> Callable[[Any], None]:
        _RULES[rule_id] = Rule(rule_id, needs, most, read_only, long, body, body.__module__, again, proof)

        def test(conformance_outcome: Any) -> None:
            conformance_outcome.tell()

        test.__name__ = test.__qualname__ = body.__name__
        test.__doc__ = body.__doc__
        test.__module__ = body.__module__
        test.conformance_rule = rule_id  # type: ignore[attr-defined] # how the plugin knows the item's rule
        return test

    return decorate


def rules() -> dict[str, Rule]:
    """Every rule by its id."""
    for module in RULE_MODULES:
        importlib.import_module(module)
    return dict(_RULES)


def attach_monitors(run: "Run") -> None:
    """Let the rules that look at every exchange see those of this run."""
    for module in map(importlib.import_module, RULE_MODULES):
        attach = getattr(module, "attach", None)
        if attach is not None:
            attach(run)
