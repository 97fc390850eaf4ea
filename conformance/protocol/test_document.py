"""Rule: the vendor's own document."""

from collections.abc import Iterator

from conformance.protocol.soundness import defects
from conformance.results import Violation
from conformance.rule import rule
from conformance.scene import Scene

__all__: list[str] = []


@rule("document.sound", most=1, read_only=True, proof=())
def test_document_is_sound(scene: Scene) -> Iterator[Violation]:
    """The published document does not contradict itself; what does is observed, one by one."""
    scene.observed |= defects(scene.contract.published)
    yield from ()
