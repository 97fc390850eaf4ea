"""The calls behind a list: set up with known facts, or found there and watched for changes."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from conformance.listing.times import stamp
from conformance.rule import Vacuous
from conformance.scene import Scene

__all__ = ["DURATIONS", "EPOCH", "Fact", "Plan", "Population", "random_uuid", "seeded"]

EPOCH = datetime(2024, 3, 10, 12, 0, 0, tzinfo=UTC)
"""When the first call of a population was created, unless a rule says otherwise: midday, far from every edge."""

_BATCH = 100
"""Calls that one set-up may name (DESIGN, provider states)."""

DURATIONS = (10, 100, 20, 300, 3600, 65)
"""Seconds that calls last, in turn; as text they sort otherwise than as numbers."""


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
    asked: dict[str, Any] = field(compare=False, default_factory=dict)
    stored: dict[str, Any] = field(compare=False, default_factory=dict)
    id: str = ""

    @property
    def seconds(self) -> float | None:
        """How long the call lasted; None where nobody joined."""
        return (self.ended - self.joined).total_seconds() if self.joined and self.ended else None


@dataclass(frozen=True)
class Plan:
    """How to lay a population out. `times` says how close the calls lie, `joined` how many were joined,
    `fraction` how many microseconds past the second they were created.
    """

    size: int
    times: str = "apart"
    joined: str = "most"
    zone: str = "Z"
    order: str = "as they were"
    created: Sequence[datetime] | None = None
    instant_join: bool = False
    fraction: int = 0


@dataclass(frozen=True)
class Population:
    """The calls that a rule looks at; `base` restricts every query to them, where they share an account.

    `known` is false where they were found on the list: then only what the items show is known.
    """

    facts: list[Fact]
    api_key: str | None
    base: tuple[tuple[str, str], ...] = ()
    known: bool = True

    @property
    def ids(self) -> set[str]:
        """Every call's id."""
        return {fact.id for fact in self.facts}


def seeded(scene: Scene, plan: Plan, *, like: Population | None = None) -> Population:
    """Set up deleted calls in a fresh account; where there is none, under an agent id of their own.

    With `like`, they have the agents and voices of that population's calls.

    Raises:
        Vacuous: the target can't, or what it says of the set-up does not fit.
    """
    own_agent = None
    try:
        api_key: str | None = scene.account()
    except Vacuous:
        api_key, own_agent = None, random_uuid(scene)
    agents: list[str | None] = [random_uuid(scene) for _ in range(3)]
    voices: list[str | None] = [random_uuid(scene) for _ in range(2)]
    if like is not None:
        agents, voices = [f.agent for f in like.facts], [f.voice for f in like.facts]
    elif own_agent:
        agents = [own_agent]
    else:
        agents, voices = [*agents, None], [*voices, None]
    facts = [_fact(scene, plan, number, agents, voices) for number in range(plan.size)]
    if plan.order == "shuffled":
        facts = sorted(facts, key=lambda fact: (fact.number * 7) % 11)
    elif plan.order == "backwards":
        facts.reverse()
    made: list[Fact] = []
    for start in range(0, len(facts), _BATCH):
        made += _set_up(scene, facts[start : start + _BATCH], api_key)
    base = ((scene.contract.listing["parameters"]["agents"], own_agent),) if own_agent else ()
    return Population(made, api_key, base)


def _set_up(scene: Scene, facts: Sequence[Fact], api_key: str | None) -> list[Fact]:
    answer = scene.state("deleted calls exist", api_key=api_key, calls=[fact.asked for fact in facts])
    ids, stored = answer.get("call_ids"), answer.get("calls")
    if not isinstance(ids, list) or len(ids) != len(facts):
        raise Vacuous("state handler: 'deleted calls exist' did not answer with an id for each call")
    if not isinstance(stored, list) or len(stored) != len(facts):
        stored = [fact.asked for fact in facts]
    return [_with_id(f, i, s) for f, i, s in zip(facts, ids, stored, strict=True)]


def _with_id(fact: Fact, call_id: str, stored: dict[str, Any]) -> Fact:
    return replace(fact, id=call_id, stored=stored)


def _fact(scene: Scene, plan: Plan, number: int, agents: Sequence[str | None], voices: Sequence[str | None]) -> Fact:
    created = plan.created[number] if plan.created is not None else EPOCH + _distance(plan, number)
    created += timedelta(microseconds=plan.fraction)
    is_joined = {"all": True, "none": False}.get(plan.joined, number % 3 != 2)
    joined = (created if plan.instant_join else created + timedelta(seconds=2)) if is_joined else None
    ended = (joined or created) + timedelta(seconds=DURATIONS[number % len(DURATIONS)])
    # Deletions lie as close to each other as creations do: which of the two orders the list is not documented.
    # Their time of day is another, so that a filter which compares the wrong one is seen.
    deleted = (EPOCH if plan.times == "equal" else created) + timedelta(days=40, hours=7, minutes=11)
    fact = Fact(
        number,
        created,
        joined,
        ended if joined or number % 2 else None,
        deleted,
        agents[number % len(agents)],
        voices[number % len(voices)],
        _metadata(number),
        f"text {scene.token()}",
    )
    return replace(fact, asked=_asked(scene, plan, fact))


def _metadata(number: int) -> dict[str, str]:
    """Values that begin alike, that stand under other keys too, and now and then none at all."""
    if number % 5 == 4:
        return {}
    colours = ("red", "blue")
    return {"team": colours[number % 2], "rival": colours[(number + 1) % 2], "tier": ("1", "10", "100")[number % 3]}


def _distance(plan: Plan, number: int) -> timedelta:
    match plan.times:
        case "equal":
            return timedelta(0)
        case "in pairs":
            return timedelta(days=number // 2)
        case "in threes":
            return timedelta(days=number // 3)
        case "within a second":
            return timedelta(milliseconds=number)
        case _:
            return timedelta(days=number, minutes=37 * number, seconds=13 * number)


def _asked(scene: Scene, plan: Plan, fact: Fact) -> dict[str, Any]:
    """The attributes of one call as the set-up takes them."""
    listing = scene.contract.listing
    names, values = listing["seed"], listing.get("values", {})
    asked: dict[str, Any] = {name: options[fact.number % len(options)] for name, options in values.items()}
    times = {"created": fact.created, "joined": fact.joined, "ended": fact.ended, "deleted": fact.deleted}
    for key, moment in times.items():
        asked[names[key]] = stamp(moment, plan.zone) if moment is not None else None
    if fact.joined is None:
        asked[names["reason"]] = listing["reason"]["unjoined"]
    belongs = {"agent": fact.agent, "voice": fact.voice, "metadata": dict(fact.metadata) or None, "text": fact.text}
    asked |= {names[key]: value for key, value in belongs.items() if value is not None}
    return asked


def random_uuid(scene: Scene) -> str:
    """A uuid that nothing has."""
    return str(uuid.UUID(int=int(scene.digits(36)) % 2**128, version=4))
