"""What one example did, told so that anybody can do it again: as data, and as a shell script."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl, quote

from conformance.contracts import pointer
from conformance.contracts.contract import Contract
from conformance.contracts.pointer import JsonObject
from conformance.http.exchange import Exchange, Request
from conformance.results.scrub import Scrubber
from conformance.targets.target import Target

__all__ = ["AT_ONCE", "Example"]

AT_ONCE = "at once"
"""Note of requests that are sent at the same moment."""

_KEY = "CONFORMANCE_API_KEY"
_PLACEHOLDER = re.compile(rf"\{{((?:(?:call|account|name|next|previous)_\d+(?:_cursor)?|{_KEY})(?:%\?{{1,2}})?)\}}")
"""The name of something that is another every time, perhaps without its last one or two characters."""
_SHORTEST = 8
"""Characters of an id that, cut by one or two, is still told from other text."""
_LINKS: tuple[Literal["next", "previous"], ...] = ("next", "previous")


@dataclass
class _SetUp:
    """A provider state; `after` counts the steps before it, `made` tells where its answer has which name."""

    state: str
    params: JsonObject
    after: int
    made: dict[str, str] = field(default_factory=dict)


@dataclass
class _Sent:
    """A request; `links` names what of its query an answer gave, `hung_up` the seconds after which it was left."""

    number: int
    request: Request
    links: dict[str, str]
    note: str = ""
    hung_up: float | None = None


@dataclass
class _Wait:
    number: int
    seconds: float


class Example:
    """The set-ups and requests of one example, in order. Ids, credentials, links and cursors have names in it."""

    def __init__(self, contract: Contract, target: Target, scrub: Scrubber) -> None:
        self._contract = contract
        self._target = target
        self._scrub = scrub
        self._acts: list[_SetUp | _Sent | _Wait] = []
        self._steps = 0
        self._made: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._kinds: dict[str, tuple[str, str]] = {}
        self._prepared: tuple[int, dict[int, dict[str, str]]] | None = None
        self._queries: dict[str, str] = {}
        self._cursors: dict[str, str] = {}

    # Recording

    def set_up(self, state: str, params: JsonObject, values: Mapping[str, Any]) -> None:
        """A provider state was brought about, and answered with these values."""
        act = _SetUp(state, params, self._steps)
        ids = values.get("call_ids")
        for kind, value, where in (
            ("call", values.get("call_id"), "call_id"),
            ("account", values.get("api_key"), "api_key"),
            *(("call", call_id, f"call_ids {n}") for n, call_id in enumerate(ids if isinstance(ids, list) else [], 1)),
        ):
            if isinstance(value, str) and value not in self._names:
                act.made[self._name(kind, value)] = where
        self._acts.append(act)

    def _name(self, kind: str, value: str) -> str:
        self._made[kind] = self._made.get(kind, 0) + 1
        return self._names.setdefault(value, f"{kind}_{self._made[kind]}")

    def named(self, text: str, kind: str) -> None:
        """The suite made a name up: `token`, `digits`, `uuid`, or the `id` of nobody; short ones stand as they are."""
        if len(text) >= _SHORTEST and text not in self._names:
            self._kinds[self._name("name", text)] = kind, text

    def sent(self, request: Request, note: str = "", *, hung_up: float | None = None) -> int:
        """A request goes out; the number of its step."""
        self._steps += 1
        # A link may be given away again by a later answer: this request follows what it had by now.
        self._acts.append(_Sent(self._steps, request, self._links(request), note, hung_up))
        return self._steps

    def _links(self, request: Request) -> dict[str, str]:
        """The names of the link whose query this is, or of the cursors in it."""
        query = request.url.partition("?")[2]
        if query in self._queries:
            return {query: self._queries[query]}
        cursors = {quote(cursor, safe=""): name for cursor, name in self._cursors.items()}
        return {cursor: name for cursor, name in cursors.items() if cursor in query}

    def answered(self, step: int, answer: Exchange) -> None:
        """A step was answered: what links and cursors it gave away have names from now on."""
        if not self._contract.lists:
            return
        listing = self._contract.listing
        for which, place in listing.links.items():
            link = pointer.get(answer.json, place)
            query = link.partition("#")[0].partition("?")[2] if isinstance(link, str) else ""
            if query:
                self._queries[query] = f"{which}_{step}"
                cursor = dict(parse_qsl(query)).get(listing.parameters["cursor"], "")
                if len(cursor) >= _SHORTEST:
                    self._cursors[cursor] = f"{which}_{step}_cursor"

    def waited(self, seconds: float) -> None:
        """Time passed."""
        self._steps += 1
        self._acts.append(_Wait(self._steps, seconds))

    # As data

    def as_json(self) -> JsonObject:
        """The set-ups and steps, with names for what is another every time; credentials are left out.

        A set-up says after which step it came, unless it came before all of them.
        """
        states = [
            {"state": act.state, "params": self._with_names(act.params)}
            | ({"after_step": act.after} if act.after else {})
            for act in self._acts
            if isinstance(act, _SetUp)
        ]
        return {"states": states, "steps": [self._step(act) for act in self._acts if not isinstance(act, _SetUp)]}

    def _step(self, act: _Sent | _Wait) -> JsonObject:
        if isinstance(act, _Wait):
            return {"wait": act.seconds}
        request = act.request
        step: JsonObject = {"method": request.method, "path": self._path(act)}
        if request.body is not None:
            step["body"] = self._text(request.body.decode(errors="replace"))
        step |= {"headers": dict(self._scrub.headers(request.headers.items())), "intent": request.intent}
        account = next((n for v, n in self._names.items() if any(v in h for h in request.headers.values())), None)
        if account:
            step["account"] = f"{{{account}}}"
        return step | ({"note": act.note} if act.note else {})

    def _path(self, act: _Sent) -> str:
        path, mark, query = act.request.url.removeprefix(self._target.url.rstrip("/")).partition("?")
        for given, name in act.links.items():
            query = query.replace(given, f"{{{name}}}")
        return self._text(path + mark + query)

    def _with_names(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self._text(key): self._with_names(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._with_names(inner) for inner in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        """The text with names for ids, keys and made-up names, whole or cut short, and without any secret."""
        if len(text) < _SHORTEST and text not in self._names:
            return self._scrub.text(text)
        return self._scrub.text("".join(self._pieces(text)))

    def _pieces(self, text: str) -> Iterator[str]:
        """The text, the longest name at each place in the place of what it stands for."""
        by_length = self._by_length()
        plain = place = 0
        while place < len(text):
            found = next(
                (
                    (length, named[text[place : place + length]])
                    for length, named in by_length.items()
                    if text[place : place + length] in named and _alone(text, place, length)
                ),
                None,
            )
            if found is None:
                place += 1
                continue
            yield text[plain:place]
            yield f"{{{found[1]}}}"
            plain = place = place + found[0]
        yield text[plain:]

    def _by_length(self) -> dict[int, dict[str, str]]:
        """Names by what they stand for, whole or cut short, the longest first: a population has thousands."""
        if self._prepared is None or self._prepared[0] != len(self._names):
            whole = ({self._target.api_key: _KEY} if self._target.api_key else {}) | self._names
            cut = {v[:-n]: f"{name}%{'?' * n}" for n in (1, 2) for v, name in whole.items() if len(v) > _SHORTEST}
            lengths: dict[int, dict[str, str]] = {}
            for value, name in (cut | whole).items():
                lengths.setdefault(len(value), {})[value] = name
            self._prepared = (len(self._names), dict(sorted(lengths.items(), reverse=True)))
        return self._prepared[1]

    # As a script

    def as_curl(self) -> list[str]:
        """The example as lines of a shell script, which takes fresh ids, keys and links from the answers it gets."""
        # The first time round shows which names are used at all.
        used: set[str] = set()
        list(self._lines(set(), used))
        script = self._lines(used, set())
        fresh = [f"{name}={_fresh(*self._kinds[name])}" for name in self._kinds if name in used]
        return ["# needs TARGET, STATE_URL and CONFORMANCE_API_KEY in the environment", *fresh, *script]

    def _lines(self, wanted: set[str], used: set[str]) -> Iterator[str]:
        """The script; `wanted` are the names to take from answers, `used` takes up those that it mentions."""
        together = False
        for act in self._acts:
            at_once = isinstance(act, _Sent) and act.note == AT_ONCE
            if together and not at_once:
                yield "wait"
            together = at_once
            if isinstance(act, _Wait):
                yield f"sleep {act.seconds:g}"
            elif isinstance(act, _SetUp):
                yield from self._set_up_lines(act, wanted, used)
            else:
                yield from self._request_lines(act, wanted, used)
        if together:
            yield "wait"

    def _set_up_lines(self, act: _SetUp, wanted: set[str], used: set[str]) -> Iterator[str]:
        body = json.dumps({"action": "setup", "state": act.state, "params": self._with_names(act.params)})
        post = "curl -sS -X POST \"$STATE_URL\" -H 'content-type: application/json'"
        yield f"made=$({post} --data-binary {_shell(body, used)})"
        yield from (f"{name}={_made(where)}" for name, where in act.made.items() if name in wanted)

    def _request_lines(self, act: _Sent, wanted: set[str], used: set[str]) -> Iterator[str]:
        request = act.request
        words = [f'curl -g -sS -i -X {request.method} "$TARGET"{_shell(self._path(act), used)}']
        for name, value in request.headers.items():
            # To curl a header without a value is one to leave out, unless a semicolon stands for the colon.
            words.append("-H " + _shell(f"{name}: {self._text(value)}" if value else f"{name};", used))
        if request.body is not None:
            words.append("--data-binary " + _shell(self._text(request.body.decode(errors="replace")), used))
        if act.hung_up is not None:
            words.append(f"-m {max(act.hung_up, 0.005):g}")
        line = " ".join(words)
        # Where the answer gave no such link, there is nothing to follow.
        yield from (f'[ -n "${name}" ] || exit 0' for name in act.links.values())
        taken = [(which, f"{which}_{act.number}") for which in _LINKS]
        if any({name, f"{name}_cursor"} & wanted for _, name in taken):
            yield f"answer=$({line})"
            yield "printf '%s\\n' \"$answer\""
            for which, name in taken:
                if {name, f"{name}_cursor"} & wanted:
                    yield from self._link_lines(which, name, wanted)
        else:
            yield line + (" &" if act.note == AT_ONCE else f"   # {act.note}" if act.note else "")

    def _link_lines(self, which: Literal["next", "previous"], name: str, wanted: set[str]) -> Iterator[str]:
        listing = self._contract.listing
        key, cursor = listing.links[which].rpartition("/")[2], listing.parameters["cursor"]
        link = _first("answer", rf's/.*"{key}" *: *"\([^"]*\)".*/\1/p')
        yield f"{name}={link} | sed {_UNESCAPE})"
        if f"{name}_cursor" in wanted:
            taken = _first(name, rf"s/.*[?&]{cursor}=\([^&#]*\).*/\1/p")
            yield f"{name}_cursor={taken})"


_UNESCAPE = r"'s/\\u0026/\&/g; s/\\\//\//g'"
"""JSON may write & and / in these ways too."""


def _alone(text: str, place: int, length: int) -> bool:
    """Whether what stands there is no part of a longer word or number, where it is so short that it well might be."""
    around = text[max(0, place - 1) : place] + text[place + length : place + length + 1]
    return length >= _SHORTEST or not any(c.isalnum() or c == "_" for c in around)


_AS_UUID = r"s/^\(.\{8\}\)\(.\{4\}\).\(.\{3\}\).\(.\{3\}\)\(.*\)$/\1-\2-4\3-8\4-\5/"
"""Lays 32 hexadecimal digits out as a uuid of version 4."""


def _fresh(kind: str, text: str) -> str:
    """A command that makes a name of this kind, which no earlier run of the script has used."""
    if kind == "uuid":
        return f"$(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n' | sed '{_AS_UUID}')"
    if kind == "id":
        return shlex.quote(text)
    letters = "0-9" if kind == "digits" else "a-z2-7"
    return f"$(head -c 8192 /dev/urandom | LC_ALL=C tr -dc {letters} | head -c {len(text)})"


def _shell(text: str, used: set[str]) -> str:
    """Quote for the shell, names as variables; of a link only the query is meant."""
    parts = _PLACEHOLDER.split(text)
    quoted = [shlex.quote(part) if part else "" for part in parts]
    for place, name in enumerate(parts):
        if place % 2:
            plain = name.partition("%")[0]
            used.add(plain)
            is_link = plain.startswith(_LINKS) and not plain.endswith("_cursor")
            quoted[place] = f'"${{{name}#*[?]}}"' if is_link else f'"${name}"' if name == plain else f'"${{{name}}}"'
    return "".join(quoted)


def _made(where: str) -> str:
    """Take a value out of a set-up's answer: one by its key, or the n-th of a list."""
    key, _, place = where.partition(" ")
    if not place:
        return _first("made", rf's/.*"{key}" *: *"\([^"]*\)".*/\1/p') + ")"
    return _first("made", rf's/.*"{key}" *: *\[\([^]]*\)\].*/\1/p') + f" | tr -d ' \"' | cut -d, -f{place})"


def _first(variable: str, pattern: str) -> str:
    """The beginning of a command that takes a part of a variable, still open for more."""
    return f"$(printf '%s' \"${variable}\" | tr -d '\\r\\n' | sed -n {shlex.quote(pattern)}"
