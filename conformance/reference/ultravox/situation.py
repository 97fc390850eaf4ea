"""What the app knows at a moment when a fault may bite."""

from dataclasses import dataclass

from conformance.reference.ultravox.calls import Call

__all__ = ["Situation"]


@dataclass(frozen=True, slots=True)
class Situation:
    """One request as far as it has been understood; later stages know more than earlier ones."""

    filters: frozenset[str] = frozenset()
    """Filters in use, by rule name (`from`, `agents`); while a value is read, only its own."""
    agents: int = 0
    pairs: int = 0
    """Metadata pairs asked for."""
    odd_offset: bool = False
    """A date was given with an offset other than `Z`."""
    date_only: bool = False
    asked_size: int | None = None
    odd_size: bool = False
    """A page size was given that is no integer."""
    page_size: int = 0
    cursor: bool = False
    back: bool = False
    page: int = 1
    tie: bool = False
    """The page edge that the cursor stands on parts two items of one timestamp."""
    grew: bool = False
    """The list has gained items since the walk began."""
    population: int = 0
    """Items that match."""
    unfiltered: int = 0
    """Items there are at all."""
    shown: int = 0
    last: bool = False
    remaining: int = 0
    """Matching items behind this page."""
    item: Call | None = None
