"""Set up the calls behind a list, with known facts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from conformance.contracts import pointer
from conformance.contracts.pointer import ABSENT, JsonObject
from conformance.contracts.terms import ListTime, SeedAttribute
from conformance.engine.context import Context
from conformance.engine.stops import NotReached
from conformance.http import instants
from conformance.listing.facts import Fact, Population
from conformance.listing.times import moment, stamp

__all__ = ["DURATIONS", "EPOCH", "Plan", "moment_of", "random_uuid", "seeded", "stranger"]

EPOCH = datetime(2024, 3, 10, 12, 0, 0, tzinfo=UTC)
"""When the first call of a population was created, unless a rule says otherwise: midday, far from every edge."""

_FAR: Final = timedelta(days=7_300)
"""How long before the others a population lies that shares its account: far from what is there already."""

_BATCH = 100
"""Calls that one set-up may name (DESIGN, provider states)."""

DURATIONS = (10, 100, 20, 300, 3600, 65)
"""Seconds that calls last, in turn; as text they sort otherwise than as numbers."""


@dataclass(frozen=True)
class Plan:
    """How to lay a population out. `times` says how close the calls lie, `joined` how many were joined,
    `fraction` how many microseconds past the second they were created. With `uneven_lag` each was deleted at another
    time of day than it was created, and no two by the same difference.
    """

    size: int
    times: str = "apart"
    joined: str = "most"
    zone: str = "Z"
    order: str = "as they were"
    created: Sequence[datetime] | None = None
    instant_join: bool = False
    fraction: int = 0
    uneven_lag: bool = False


def stranger(context: Context, label: str | None = None) -> str | None:
    """The key of another account, None where there is none to be had; with a label, only where that is picked.

    To be asked for before the population itself, which can do without an account where there is but one. Where
    accounts are few, the first case has it, while there are any.
    """
    few = not context.run.target.embedded
    if label is not None and not context.pick(label, [True, False] if few else [False, True]):
        return None
    try:
        return context.account()
    except NotReached:
        return None


def seeded(context: Context, plan: Plan, *, like: Population | None = None, api_key: str | None = None) -> Population:
    """Set up deleted calls in a fresh account; where there is none, under an agent id of their own, long ago.

    With `like`, they have the agents and voices of that population's calls, and with `api_key` the account is that.

    Raises:
        NotReached: the target can't, or what it says of the set-up does not fit.
    """
    own_agent: str | None = None
    try:
        api_key = context.account() if api_key is None else api_key
    except NotReached as why:
        own_agent = _own_agent(context, str(why))
    agents: list[str | None] = [context.uuid() for _ in range(3)]
    voices: list[str | None] = [context.uuid() for _ in range(2)]
    if own_agent:
        agents = [own_agent]
    elif like is not None:
        agents, voices = [f.agent for f in like.facts] or agents, [f.voice for f in like.facts] or voices
    else:
        agents, voices = [*agents, None], [*voices, None]
    away = _FAR if own_agent else timedelta(0)
    facts = [_fact(context, plan, number, (agents, voices), EPOCH - away) for number in range(plan.size)]
    if plan.order == "shuffled":
        facts = sorted(facts, key=lambda fact: (fact.number * 7) % 11)
    elif plan.order == "backwards":
        facts.reverse()
    made: list[Fact] = []
    for start in range(0, len(facts), _BATCH):
        made += _set_up(context, facts[start : start + _BATCH], api_key)
    base = ((context.contract.listing.parameters["agents"], own_agent),) if own_agent else ()
    return Population(made, api_key, base, agent=own_agent)


def _own_agent(context: Context, why: str) -> str:
    """An agent that nothing has, to tell a population by.

    Raises:
        NotReached: the contract has no filter that could.
    """
    listing = context.contract.listing
    if "agents" not in listing.parameters or "agent" not in listing.seed:
        raise NotReached(f"needs an account of its own, for no filter tells its calls from others: {why}")
    return context.uuid()


def _set_up(context: Context, facts: Sequence[Fact], api_key: str | None) -> list[Fact]:
    answer = context.state("deleted calls exist", api_key=api_key, calls=[fact.asked for fact in facts])
    ids, stored = answer.get("call_ids"), answer.get("calls")
    if not isinstance(ids, list) or len(ids) != len(facts) or not all(isinstance(i, str) and i for i in ids):
        raise NotReached("state handler: 'deleted calls exist' did not answer with an id for each call")
    if not isinstance(stored, list) or len(stored) != len(facts) or not all(isinstance(s, dict) for s in stored):
        return [replace(fact, id=call_id, stored=fact.asked) for fact, call_id in zip(facts, ids, strict=True)]
    return [_as_stored(context, f, i, s) for f, i, s in zip(facts, ids, stored, strict=True)]


def _as_stored(context: Context, fact: Fact, call_id: str, stored: JsonObject) -> Fact:
    """The call as the target says that it stored it; where that is coarser only, as it was given."""
    listing = context.contract.listing
    changed: JsonObject = {}
    for key, place in listing.times.items():
        given, shown = getattr(fact, key), pointer.get(stored, place)
        if shown is ABSENT:
            continue
        if shown is None and key in {"joined", "ended"}:
            changed[key] = None
        elif given is None or not instants.same(stamp(given), shown):
            changed[key] = moment(shown) or given
    names = listing.seed
    kinds: dict[SeedAttribute, type] = {"agent": str, "voice": str, "metadata": dict}
    for attribute, kind in kinds.items():
        shown = stored.get(names.get(attribute, ""))
        if isinstance(shown, kind):
            changed[attribute] = shown
    return replace(fact, id=call_id, stored=stored, **changed)


def _fact(
    context: Context,
    plan: Plan,
    number: int,
    owners: tuple[Sequence[str | None], Sequence[str | None]],
    epoch: datetime,
) -> Fact:
    agents, voices = owners
    created = plan.created[number] if plan.created is not None else epoch + _distance(plan, number)
    created += timedelta(microseconds=plan.fraction)
    is_joined = {"all": True, "none": False}.get(plan.joined, number % 3 != 2)
    joined = (created if plan.instant_join else created + timedelta(seconds=2)) if is_joined else None
    ended = (joined or created) + timedelta(seconds=DURATIONS[number % len(DURATIONS)])
    # Deletions lie as close to each other as creations do: which of the two orders the list is not documented.
    # Their time of day is another, so that a filter which compares the wrong one is seen.
    deleted = (epoch if plan.times == "equal" else created) + timedelta(days=40, hours=7, minutes=11)
    if plan.uneven_lag:
        deleted += timedelta(minutes=97 * number)
    fact = Fact(
        number,
        created,
        joined,
        ended if joined or number % 2 else None,
        deleted,
        agents[number % len(agents)],
        voices[number % len(voices)],
        _metadata(number),
        f"text {context.token()}",
    )
    return replace(fact, asked=_asked(context, plan, fact))


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


def _asked(context: Context, plan: Plan, fact: Fact) -> JsonObject:
    """The attributes of one call as the set-up takes them; what the contract can't seed is left out."""
    listing = context.contract.listing
    names, values = listing.seed, listing.values
    asked: JsonObject = {name: options[fact.number % len(options)] for name, options in values.items()}
    times: dict[ListTime, datetime | None] = {
        "created": fact.created,
        "joined": fact.joined,
        "ended": fact.ended,
        "deleted": fact.deleted,
    }
    for key, instant in times.items():
        if key in names:
            asked[names[key]] = stamp(instant, plan.zone) if instant is not None else None
    if fact.joined is None and "reason" in names and listing.reason:
        asked[names["reason"]] = listing.reason.unjoined
    belongs: dict[SeedAttribute, object] = {
        "agent": fact.agent,
        "voice": fact.voice,
        "metadata": dict(fact.metadata) or None,
        "text": fact.text,
    }
    return asked | {names[key]: value for key, value in belongs.items() if value is not None and key in names}


def random_uuid(context: Context) -> str:
    """A uuid that nothing has."""
    return context.uuid()


def moment_of(context: Context, item: JsonObject) -> datetime:
    """When an item says that its call was created.

    Raises:
        NotReached: it says nothing readable.
    """
    created = moment(pointer.get(item, context.contract.listing.times["created"]))
    if created is None:
        raise NotReached("an item of the list has no readable creation time; schema.response says so")
    return created
