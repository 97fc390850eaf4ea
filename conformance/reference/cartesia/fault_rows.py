"""How a row of the fault tables is written."""

from collections.abc import Callable

from conformance.reference.cartesia.situation import Situation
from conformance.reference.switches import Condition, Fault

__all__ = ["Row", "breaking"]

Row = Fault[Situation]


def breaking(rule: str) -> Callable[[str, str, Condition[Situation], str], Row]:
    """Return a maker of faults that this rule is to catch: of name, effect, condition and story."""

    def fault(name: str, effect: str, condition: Condition[Situation], story: str) -> Row:
        return Fault(name, rule, effect, condition, story)

    return fault
