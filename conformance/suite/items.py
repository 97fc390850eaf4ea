"""pytest's items and options, as ours."""

import pytest

from conformance.contracts.terms import Requirement
from conformance.targets.config import Options

__all__ = ["is_rule", "options_of", "requirement_of", "vendor_of"]


def options_of(config: pytest.Config) -> Options:
    """The options of this run, from pytest's own."""
    given = {
        name: config.getoption(f"conformance_{name}") for name in Options.__dataclass_fields__ if name != "contracts"
    }
    return Options(contracts=list(config.getoption("conformance_contract")), **given)


def is_rule(item: pytest.Item) -> bool:
    """Whether an item is one of our rules'."""
    return hasattr(getattr(item, "function", None), "conformance_rule")


def vendor_of(item: pytest.Item) -> str | None:
    """The contract of an item of ours."""
    callspec = getattr(item, "callspec", None)
    value = callspec.params.get("conformance_outcome") if callspec else None
    return value[0] if isinstance(value, tuple) else None


def requirement_of(item: pytest.Item) -> Requirement | None:
    """The requirement of an item of ours."""
    callspec = getattr(item, "callspec", None)
    value = callspec.params.get("conformance_outcome") if callspec else None
    return value[1] if isinstance(value, tuple) else None
