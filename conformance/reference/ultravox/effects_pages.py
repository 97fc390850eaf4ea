"""What a fault can do to a page: where it begins, what is on it, where its links lead."""

import random
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from conformance.reference.ultravox.cursor import Cursor
from conformance.reference.ultravox.page import Page
from conformance.reference.ultravox.sql import Place
from conformance.reference.ultravox.times import SECOND_US

__all__ = ["LINK_EFFECTS", "PAGE_EFFECTS", "PLACE_EFFECTS", "Start", "token_of"]

_BEFORE_ALL = Cursor(back=False, key=2**62, id="")
_TOKEN = "pageToken"  # noqa: S105 - no password


class Start(NamedTuple):
    """Where a page begins, and the cursor that says so."""

    place: Place
    cursor: Cursor


def _place(sql_of: Callable[[str], str], *, rounded_to: int = 1) -> Callable[[Start], Start]:
    """Begin by the time alone; `sql_of` gets the comparison `<` or `>` of a place."""

    def replaced(start: Start) -> Start:
        words = start.place.sql.split()
        column, operator = words[0].strip("(,"), words[2].rstrip("=")
        key = start.cursor.key // rounded_to * rounded_to
        return start._replace(place=Place(f"{column} {sql_of(operator)} ?", (key,)))

    return replaced


def _inclusive(start: Start) -> Start:
    sql = start.place.sql.replace("< ", "<= ").replace("> ", ">= ")
    return start._replace(place=start.place._replace(sql=sql))


def _by_offset(start: Start) -> Start:
    return start if start.cursor.back else start._replace(place=Place(offset=start.cursor.offset))


PLACE_EFFECTS: dict[str, Callable[[Start], Start]] = {
    "place.time-only": _place(lambda operator: operator),
    "place.time-only-inclusive": _place(lambda operator: f"{operator}="),
    "place.whole-second": _place(lambda operator: operator, rounded_to=SECOND_US),
    "place.inclusive": _inclusive,
    "place.offset": _by_offset,
    "place.from-start": lambda start: start._replace(place=Place()),
}


def _shuffled(page: Page) -> Page:
    return page._replace(items=tuple(random.sample(page.items, len(page.items))))


PAGE_EFFECTS: dict[str, Callable[[Page], Page]] = {
    "page.drop-last": lambda page: page._replace(items=page.items[:-1]),
    "page.drop-first": lambda page: page._replace(items=page.items[1:]),
    "page.repeat-first": lambda page: page._replace(items=page.items + page.items[:1]),
    "page.shuffled": _shuffled,
    "page.reversed": lambda page: page._replace(items=page.items[::-1]),
    "next.none": lambda page: page._replace(next=None),
    "next.always": lambda page: page._replace(next=page.end),
    "next.to-start": lambda page: page._replace(next=_BEFORE_ALL),
    "next.itself": lambda page: page._replace(next=page.start._replace(back=False, inclusive=True)),
    "previous.none": lambda page: page._replace(previous=None),
    "previous.itself": lambda page: page._replace(previous=page.end),
    "previous.inclusive": lambda page: page._replace(previous=page.previous and page.previous._replace(inclusive=True)),
    "previous.to-start": lambda page: page._replace(previous=page.previous and _BEFORE_ALL),
}


def token_of(cursor: str) -> str:
    """Make the second token that a link carries where the cursor alone is not enough."""
    return cursor[-6:]


_Pairs = list[tuple[str, str]]


def _edited(edit: Callable[[_Pairs], _Pairs]) -> Callable[[str], str]:
    def change(url: str) -> str:
        base, _, query = url.partition("?")
        return f"{base}?{urlencode(edit(parse_qsl(query, keep_blank_values=True)))}"

    return change


def _without(*names: str) -> Callable[[_Pairs], _Pairs]:
    return lambda pairs: [pair for pair in pairs if pair[0] not in names]


def _first_of(prefix: str) -> Callable[[_Pairs], _Pairs]:
    """Keep only the first of several parameters whose names begin so."""

    def keep(pairs: _Pairs) -> _Pairs:
        first = next((pair for pair in pairs if pair[0].startswith(prefix)), None)
        return [pair for pair in pairs if pair == first or not pair[0].startswith(prefix)]

    return keep


def _tokened(pairs: _Pairs) -> _Pairs:
    return [*pairs, (_TOKEN, token_of(dict(pairs).get("cursor", "")))]


def _elsewhere(url: str) -> str:
    return url.replace(urlsplit(url).netloc, "10.0.0.7:8080", 1)


LINK_EFFECTS: dict[str, Callable[[str], str]] = {
    "link.relative": lambda url: url.removeprefix("{0.scheme}://{0.netloc}".format(urlsplit(url))),
    "link.no-scheme": lambda url: url.partition("://")[2],
    "link.no-uri": lambda _: "http://[",
    "link.dot-segment": lambda url: url.replace("/api/", "/api/./", 1),
    "link.elsewhere": _elsewhere,
    "link.bare": _edited(lambda pairs: [pair for pair in pairs if pair[0] in ("cursor", "pageSize")]),
    "link.no-page-size": _edited(_without("pageSize")),
    "link.no-dates": _edited(_without("fromDate", "toDate")),
    "link.one-agent": _edited(_first_of("agentIds")),
    "link.one-pair": _edited(_first_of("metadata.")),
    "link.unescaped": unquote,
    "link.second-question-mark": lambda url: url.replace("&", "?", 1),
    "link.cursor-cut": _edited(lambda pairs: [(k, v[:24] if k == "cursor" else v) for k, v in pairs]),
    "cursor.needs-token": _edited(_tokened),
}
