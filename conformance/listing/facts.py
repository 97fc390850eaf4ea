"""The calls behind a list, and what is known of each: plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from conformance.contracts.pointer import JsonObject
from conformance.contracts.terms import Listing

__all__ = ["Fact", "Population"]


@dataclass(frozen=True)
class Fact:
    """What is known of one call: its times (None: never joined), what it belongs to, and how it was set up."""

    number: int
    created: datetime
    joined: datetime | None
    ended: datetime | None
    deleted: datetime
    agent: str | None
    voice: str | None
    metadata: Mapping[str, str]
    text: str
    asked: JsonObject = field(compare=False, default_factory=dict)
    stored: JsonObject = field(compare=False, default_factory=dict)
    id: str = ""

    @property
    def seconds(self) -> float | None:
        """How long the call lasted; None where nobody joined."""
        return (self.ended - self.joined).total_seconds() if self.joined and self.ended else None


@dataclass(frozen=True)
class Population:
    """The calls that a rule looks at; `base` restricts every query to them, where they share an account.

    `agent` is whom all of them belong to then. `known` is false where they were found on the list: then only what the
    items show is known.
    """

    facts: list[Fact]
    api_key: str | None
    base: tuple[tuple[str, str], ...] = ()
    known: bool = True
    agent: str | None = None

    @property
    def ids(self) -> set[str]:
        """Every call's id."""
        return {fact.id for fact in self.facts}

    @property
    def apart(self) -> bool:
        """Whether every query shows calls of this population only: it has an account, or an agent, of its own."""
        return self.api_key is not None or self.agent is not None

    def beside(self, listing: Listing, **facts: Any) -> JsonObject:
        """The attributes of one more call that belongs among these; what the contract can't seed is left out."""
        stated = {"agent": self.agent, **facts}
        return {name: stated[key] for key, name in listing.seed.items() if stated.get(key) is not None}
