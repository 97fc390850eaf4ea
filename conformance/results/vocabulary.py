"""By what a text is known to be nobody's content: by the contract's words, and by what the suite made itself."""

import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any, Final

from conformance.contracts.pointer import JsonObject
from conformance.results.secret_text import fold

__all__ = ["Own", "bare", "declared", "is_phrase", "spoken", "stated"]

_TOKEN: Final = 8
"""Characters of the shortest text by which the suite knows its own: shorter ones stand in any text by chance."""
_LONGEST_PHRASE: Final = 200
"""Characters of an error's text that may be shown for its words."""
_WORD: Final = re.compile(r"[^\W_]+")
_IN_CAMEL: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


class Own:
    """What the suite made: tens of thousands of tokens, found in a text in one pass.

    No more than the first `longest` characters of a text are looked at.
    """

    def __init__(self, longest: int) -> None:
        self._longest = longest
        self._wholes: set[str] = set()
        self._tokens: set[str] = set()
        self._lengths: dict[str, tuple[int, ...]] = {}

    def add(self, token: str) -> None:
        """A text that holds this, in whatever case, is the suite's own; less than 8 characters tell nothing."""
        token = fold(token)
        if len(token) < _TOKEN or token in self._tokens:
            return
        self._tokens.add(token)
        known = self._lengths.get(token[:_TOKEN], ())
        if len(token) not in known:
            self._lengths[token[:_TOKEN]] = (*known, len(token))

    def add_whole(self, text: str) -> None:
        """A text that is just this is the suite's own, however short."""
        self._wholes.add(text)

    def made(self, text: str) -> bool:
        """Whether the text is the suite's own."""
        if text in self._wholes:
            return True
        folded, lengths, tokens = fold(text[: self._longest]), self._lengths, self._tokens
        return any(
            folded[at : at + length] in tokens
            for at in range(len(folded) - _TOKEN + 1)
            for length in lengths.get(folded[at : at + _TOKEN], ())
        )


def is_phrase(text: str, vocabulary: frozenset[str]) -> bool:
    """Whether it is made of these words and HTTP's own alone, as an error's text mostly is."""
    if len(text) > _LONGEST_PHRASE or not _WORD.sub("", text).isascii():
        return False
    words = [word.lower() for word in _WORD.findall(text)]
    return bool(words) and all(word in vocabulary or word in _STATUS_WORDS for word in words)


def stated(roots: Iterable[Any]) -> frozenset[str]:
    """Every value of an enum, const or default, and every name of a parameter, in these documents."""
    found: list[Any] = []
    for node in _nodes(roots):
        if isinstance(node, dict):
            enum = node.get("enum")
            found += enum if isinstance(enum, list) else []
            found += [node.get("const"), node.get("default"), node.get("name") if "in" in node else None]
    return frozenset(value for value in found if isinstance(value, str))


def declared(roots: Iterable[Any]) -> frozenset[str]:
    """Every name of a field that a schema in these documents declares, wherever it stands."""
    properties = (node.get("properties") for node in _nodes(roots) if isinstance(node, dict))
    return frozenset(name for some in properties if isinstance(some, dict) for name in some if isinstance(name, str))


def spoken(roots: Iterable[Any]) -> frozenset[str]:
    """The words of these documents' whole text, in lower case."""
    return frozenset(word for node in _nodes(roots) if isinstance(node, str) for word in _words(node))


def bare(contract: JsonObject) -> frozenset[str]:
    """What contract.yaml states in one word, its requirements' wording aside."""
    data = {**contract, "requirements": [requirement.get("data") for requirement in contract["requirements"]]}
    texts = (node for node in _nodes([data]) if isinstance(node, str))
    return frozenset(text for text in texts if text and not any(map(str.isspace, text)))


def _nodes(roots: Iterable[Any]) -> Iterator[Any]:
    """Everything in these trees, names too; what YAML's aliases name more than once comes once."""
    left, seen = [*roots], set()
    while left:
        node = left.pop()
        if isinstance(node, dict | list | tuple):
            if id(node) in seen:
                continue
            seen.add(id(node))
            left += [*node, *node.values()] if isinstance(node, dict) else node
        yield node


def _words(text: str) -> Iterator[str]:
    """The words of a text, also those that are written together; figures are none."""
    for word in _WORD.findall(text):
        if not word.isdecimal():
            yield word.lower()
        yield from (part.lower() for part in _IN_CAMEL.findall(word))


_STATUS_WORDS: Final = frozenset(
    word for status in HTTPStatus for word in (str(status.value), *_words(status.phrase), *_words(status.description))
)
"""The words by which HTTP itself calls a status (http.HTTPStatus)."""
