"""A rule: one vendor-neutral test, bound by requirements of any contract."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final, Literal, TypeAlias

import conformance
from conformance.engine.context import Context
from conformance.engine.run import Run
from conformance.results.findings import Violation

__all__ = ["Body", "FinalSweep", "Part", "Rule", "attach_monitors", "rule", "rule_modules", "rule_of", "rules"]

Body: TypeAlias = Callable[[Context], Iterator[Violation]]

Part: TypeAlias = Literal["before", "act", "after"]
"""What an exchange of a proof shows: what there was, what was done, and that the promise was kept."""

_MARK: Final = "conformance_rule"
"""Attribute of a test function that holds its rule."""


@dataclass(frozen=True)
class FinalSweep:
    """A second look at what a run did: `items` are the things not looked at so far, `body` looks at one of them."""

    items: Callable[[Run], list[Any]]
    body: Callable[[Context, Any], Iterator[Violation]]


@dataclass(frozen=True)
class Rule:
    """A rule's id, what it needs of a target, how many examples are of use to it, and its body.

    `most` bounds the examples of a rule that has few different cases; 0 means the run's depth.
    `read_only` rules send nothing that could change the target. `long` ones send so much more than others
    that they begin first where rules run side by side; `last` ones look at the whole run, and come when the others have
    run. `sweep` looks once more at what the run did so far: before the rule's own examples, and when all rules have
    run. `proof` are the parts by which a pass can be seen.
    """

    id: str
    body: Body
    needs: tuple[str, ...] = ()
    most: int = 0
    read_only: bool = False
    long: bool = False
    last: bool = False
    sweep: FinalSweep | None = None
    proof: tuple[Part, ...] = ("act",)

    @property
    def obligation(self) -> str:
        """The rule's docstring: what holds, as a fact."""
        return inspect.getdoc(self.body) or ""

    @property
    def module(self) -> str:
        """The dotted name of the module that holds it."""
        return self.body.__module__

    @property
    def place(self) -> tuple[bool, str, int]:
        """Where it comes in a run, by sorting."""
        return self.last, self.module, self.body.__code__.co_firstlineno


def rule(
    rule_id: str,
    *,
    needs: tuple[str, ...] = (),
    most: int = 0,
    read_only: bool = False,
    long: bool = False,
    last: bool = False,
    sweep: FinalSweep | None = None,
    proof: tuple[Part, ...] = ("act",),
) -> Callable[[Body], Body]:
    """Make a rule of a body, which drives the context that it is given and yields what it sees broken.

    The plugin collects one pytest item for each requirement that binds it.
    """

    def decorate(body: Body) -> Body:
        setattr(body, _MARK, Rule(rule_id, body, needs, most, read_only, long, last, sweep, proof))
        return body

    return decorate


def rule_of(test: object) -> Rule | None:
    """The rule that a function is the body of; None where it is none."""
    found = getattr(test, _MARK, None)
    return found if isinstance(found, Rule) else None


def rule_modules() -> list[ModuleType]:
    """Every module of this package that holds rules, told by its name as pytest tells test files."""
    found = []
    for wing in pkgutil.iter_modules(conformance.__path__, "conformance."):
        if wing.ispkg:
            inside = importlib.import_module(wing.name).__path__
            names = [module.name for module in pkgutil.iter_modules(inside, f"{wing.name}.")]
            found += [importlib.import_module(name) for name in names if name.rpartition(".")[2].startswith("test_")]
    return found


def rules() -> dict[str, Rule]:
    """Every rule by its id, in the order in which they run."""
    found = [r for module in rule_modules() for test in vars(module).values() if (r := rule_of(test)) is not None]
    return {r.id: r for r in sorted(found, key=lambda r: r.place)}


def attach_monitors(run: Run) -> None:
    """Let the rules that look at every exchange see those of this run."""
    for module in rule_modules():
        attach = getattr(module, "attach", None)
        if attach is not None:
            attach(run)
