"""Rule: the vendor's own document."""

from collections.abc import Iterator

from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.protocol.soundness import defects
from conformance.results.findings import Violation

__all__: list[str] = []


@rule("document.sound", most=1, read_only=True, proof=())
def test_document_is_sound(context: Context) -> Iterator[Violation]:
    """The published document does not contradict itself; what does is observed, one by one."""
    context.observed |= defects(context.contract.published)
    yield from ()
