"""Each filter of the correct server, and filters together."""

from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

if TYPE_CHECKING:
    from tests.reference.ultravox.conftest import Site

A, B, C = (f"{n}1111111-1111-4111-8111-11111111111{n}" for n in "abc")
NOON = "2024-05-05T12:00:00"


def _created(*times: str) -> list[dict[str, str]]:
    return [{"created": time} for time in times]


def _lasting(*seconds: float) -> list[dict[str, str]]:
    start = {"created": f"{NOON}Z", "joined": f"{NOON}Z"}
    return [start | {"ended": f"2024-05-05T12:{s // 60:02.0f}:{s % 60:09.6f}Z"} for s in seconds]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (f"fromDate={NOON}Z", "123"),
        (f"fromDate={NOON}.000001Z", "23"),
        (f"fromDate={NOON}.0000001Z", "23"),
        ("fromDate=2024-05-05T14:00:00%2B02:00", "123"),
        (f"fromDate={NOON}", "123"),
        (f"toDate={NOON}Z", "01"),
        (f"toDate={NOON}.0000019Z", "012"),
        ("toDate=2024-05-05T07:00:00-05:00", "01"),
        ("fromDate=2024-05-05", "0123"),
        ("fromDate=2024-05-06", ""),
        ("toDate=2024-05-05", "0123"),
        ("toDate=2024-05-04", ""),
        (f"fromDate={NOON}Z&toDate={NOON}Z", "1"),
    ],
)
def test_dates_bound_creation_inclusively(site: "Site", query: str, found: str) -> None:
    ids = site.seed(*_created("2024-05-05T00:00:00Z", f"{NOON}Z", f"{NOON}.000001Z", "2024-05-05T23:59:59.999999Z"))
    assert site.ids(query) == {ids[int(n)] for n in found}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("timeOfDayStart=12:00:00", "123"),
        ("timeOfDayStart=12:00:00.5", "23"),
        ("timeOfDayEnd=12:00:00", "012"),
        ("timeOfDayEnd=12:00:00.0", "01"),
        ("timeOfDayEnd=12:00:00.7", "012"),
        ("timeOfDayStart=00:00:00&timeOfDayEnd=23:59:59", "0123"),
        ("timeOfDayStart=23:00:00&timeOfDayEnd=01:00:00", "03"),
        ("timeOfDayStart=11:00:00&timeOfDayEnd=13:00:00", "12"),
    ],
)
def test_times_of_day_bound_creation_in_utc_on_any_date(site: "Site", query: str, found: str) -> None:
    times = ("2024-05-05T02:30:00+02:00", f"{NOON}Z", "2023-01-01T12:00:00.7Z", "2022-02-02T23:59:59.7Z")
    ids = site.seed(*_created(*times))
    assert site.ids(query) == {ids[int(n)] for n in found}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("durationMin=20s", "123"),
        ("durationMin=20.5s", "23"),
        ("durationMax=20s", "01"),
        ("durationMax=99.999999s", "012"),
        ("durationMin=20s&durationMax=20s", "1"),
        ("durationMin=0s", "0123"),
    ],
)
def test_durations_bound_joined_calls_from_joining_to_end(site: "Site", query: str, found: str) -> None:
    ids = site.seed(*_lasting(5, 20, 20.5, 100), {"joined": None})
    assert site.ids(query) == {ids[int(n)] for n in found}


def test_agents_may_be_repeated_or_separated_by_commas(site: "Site") -> None:
    a, b, _c, _ = site.seed({"agentId": A}, {"agentId": B}, {"agentId": C}, {})
    assert site.ids(f"agentIds={A}&agentIds={B}") == site.ids(f"agentIds={A},{B.upper()}") == {a, b}


def test_voice_finds_its_calls(site: "Site") -> None:
    a, _, _ = site.seed({"voiceId": A}, {"voiceId": B}, {"agentId": A})
    assert site.ids(f"voiceId={A}") == {a}


def test_every_metadata_pair_must_match(site: "Site") -> None:
    both, _, _ = site.seed({"metadata": {"k": "1", "l.m n": "2"}}, {"metadata": {"k": "1"}}, {"metadata": {"k": "12"}})
    assert site.ids(f"metadata.k=1&metadata.{quote('l.m n')}=2") == {both}
    assert len(site.ids("metadata.k=1")) == 2
    assert site.ids("metadata.k=1&metadata.k=12") == set()


def test_search_finds_metadata_values_and_no_erased_text(site: "Site") -> None:
    found, _ = site.seed({"metadata": {"k": "Größe 100%"}}, {"text": "gone", "metadata": {"size": "x"}})
    assert site.ids(f"search={quote('GRÖSSE')}") == site.ids(f"search={quote('0%')}") == {found}
    assert site.ids("search=gone") == site.ids("search=size") == set()


def test_filters_together_give_the_intersection(site: "Site") -> None:
    full = {"agentId": A, "voiceId": B, "metadata": {"k": "1"}, "created": f"{NOON}Z"}
    wanted, *_ = site.seed(full, *(full | {key: None} for key in ("agentId", "voiceId")), full | {"metadata": {}})
    site.seed(full | {"created": "2024-05-05T13:00:00Z"})
    assert site.ids(f"agentIds={A}&voiceId={B}&metadata.k=1&search=1&toDate={NOON}Z") == {wanted}


@pytest.mark.parametrize(
    "query",
    [
        "agentIds=x",
        "agentIds=",
        f"agentIds={A},",
        "voiceId=1",
        "durationMin=5",
        "durationMax=-5s",
        "durationMin=1e3s",
        "fromDate=yesterday",
        "fromDate=2024-13-01",
        "toDate=",
        "toDate=2024-05-05T12:00:00+02:00",
        "search=",
        "toDate=9999-12-31",
        "fromDate=0001-01-01",
        "timeOfDayStart=24:00:00",
        "timeOfDayEnd=noon",
        "metadata=x",
        "fromDate=%D9%A1%D9%A1%D9%A1%D9%A1-01-01",
        "durationMin=%00",
        "voiceId=%FF",
    ],
)
def test_a_value_that_cannot_be_understood_is_refused(site: "Site", query: str) -> None:
    assert site.ask(query).status == 400


@pytest.mark.parametrize("query", ["search=%00", "search=%ED%A0%80", "metadata.=", "unknown=1", "search=%25", "&&=&"])
def test_odd_queries_are_answered(site: "Site", query: str) -> None:
    assert site.ask(query).status == 200
