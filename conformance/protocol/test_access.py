"""Rules: credentials and the version header."""

from collections.abc import Iterator
from dataclasses import replace

from conformance.contracts.terms import Role
from conformance.deletion.calls import STRAY_500
from conformance.engine.context import Context
from conformance.engine.rule import rule
from conformance.engine.stops import NotReached
from conformance.http.exchange import Exchange, Request
from conformance.http.session import SAFE
from conformance.protocol.subjects import Subject, subject
from conformance.results.findings import Violation

__all__: list[str] = []

_CREDENTIALS = ("none", "empty", "random", "the key and more", "the key cut short", "the key in another case")
_WEAKER = "a weaker key"


@rule("auth.required")
def test_credential_is_required(context: Context) -> Iterator[Violation]:
    """Without a credential, or with a wrong one, a request is refused with a 4xx, shows nothing and changes nothing."""
    roles = [role for role in context.requirement.data.roles if role in context.contract.roles]
    role = context.pick("operation", roles)
    weaker = [_WEAKER] if context.run.target.weak_api_key and context.contract.roles[role].method not in SAFE else []
    kind = context.pick("credential", [*_CREDENTIALS, *weaker])
    what = subject(context, role)
    # Without a call of its own, everything may be a 404: only a difference shows that the operation is there at all.
    known = context.run.set_ups.possible or context.contract.lists
    right = None if known else context.send(what.request(context))
    for _ in range(context.pick("times", [1, 2])):
        answer = context.send(_with_credential(context, what.request(context), kind))
        if right is not None and right.status == answer.status and 400 <= answer.status < 500:
            raise NotReached(
                f"nothing shows that the target has this operation: {answer.status} with and without the key"
            )
        context.prove("act", answer)
        yield from _refused(context, what, role, kind, answer)
    yield from what.unchanged(context)


def _refused(context: Context, what: Subject, role: Role, kind: str, answer: Exchange) -> Iterator[Violation]:
    done = f"{answer.request.method} ({role}) with a credential that is {kind}"
    part = context.requirement.data.part
    refused = 400 <= answer.status < 500
    if part != "refused" and refused and answer.status not in {401, 403}:
        yield Violation("status", done, "401 or 403", str(answer.status), f"{role}  {answer.status}", about=(answer,))
    if part == "status":
        # What is no refusal at all is told by the requirement that there is one.
        return
    if not refused:
        code = "accepted" if answer.ok else "status"
        where = f"{role} {kind if answer.ok else ''} {answer.status}"
        yield Violation(code, done, "a 4xx", str(answer.status), where, about=(answer,))
    for shown in what.shown_in(context, answer):
        yield Violation(
            "shown", f"{done} shows {shown}", "nothing of a call", shown, f"{role} {shown}", about=(answer,)
        )


def _with_credential(context: Context, request: Request, kind: str) -> Request:
    right = context.run.connection.key
    header = next(iter(context.contract.credential_headers("")))
    kept = {name: value for name, value in request.headers.items() if name != header}
    keys = {
        "empty": "",
        "random": context.lookalike(right) if right else context.token(24),
        "the key and more": f"{right}x",
        "the key cut short": right[:-1],
        "the key in another case": right.swapcase(),
        _WEAKER: context.run.target.weak_api_key or "",
    }
    if kind != "none":
        if kind.startswith("the key") and keys[kind] in {right, ""}:
            raise NotReached("the run's credential can't be altered so")
        if kind != "empty" and not context.run.limits.try_credential():
            raise NotReached("no more wrong credentials may be tried for now (wrong_credentials_per_minute)")
        kept |= context.contract.credential_headers(keys[kind])
    return replace(request, headers=kept, intent="bad-credential")


@rule("auth.other-account", needs=("states", "accounts"), proof=("before", "act", "after"))
def test_another_account_sees_nothing(context: Context) -> Iterator[Violation]:
    """Another account is shown nothing of a call and can't change it, whatever it asks, whenever; how it is refused."""
    stranger = context.account()
    what = subject(context, "delete" if "delete" in context.contract.roles else "tombstones")
    if context.requirement.data.part == "refusal":
        yield from _as_unknown(context, what, stranger)
        yield from what.unchanged(context)
        return
    answers: list[Exchange] = []
    for when in context.pick("moments", [("before",), ("before", "at once"), ("at once", "after")]):
        if when == "at once":
            reads = [r for r in what.asked(context, None) if r.method in SAFE]
            asked = [r for r in _strange(what.asked(context, stranger)) if r.method in SAFE]
            # Beside each answer to the owner stands one to the stranger.
            answers += [a for pair in zip(asked, reads, strict=True) for a in context.at_once(pair)[:1]]
            continue
        if when == "after":
            context.prove("before", *[context.send(r) for r in what.asked(context, None) if r.method in SAFE][:1])
        answers += [context.send(request) for request in _strange(what.asked(context, stranger))]
    context.prove("act", *answers[-2:])
    for answer in answers:
        for shown in what.shown_in(context, answer):
            yield Violation(
                "foreign",
                f"{answer.request.method} ({answer.request.operation}) by another account shows {shown}",
                "nothing of another account",
                f"{answer.status}; {shown}",
                f"{answer.request.operation} {shown}",
                about=(answer,),
            )
    yield from what.unchanged(context)


def _strange(requests: list[Request]) -> list[Request]:
    return [replace(request, intent="other-account") for request in requests]


def _as_unknown(context: Context, what: Subject, stranger: str) -> Iterator[Violation]:
    unknown = what.unknown(context)
    for role in what.roles(context):
        expected = context.send(context.request(role, unknown, api_key=stranger, intent="unknown-id"))
        for _ in range(context.pick("times", [1, 2])):
            answer = context.send(context.request(role, what.id, api_key=stranger, intent="other-account"))
            context.prove("act", answer)
            if answer.status != expected.status:
                yield Violation(
                    "not-as-unknown",
                    f"{answer.request.method} of another account's call ({role}) is not answered as an unknown id's",
                    str(expected.status),
                    str(answer.status),
                    f"{role} {answer.status}",
                    about=(expected, answer),
                )


@rule("header.version")
def test_version_header_is_never_a_server_error(context: Context) -> Iterator[Violation]:
    """A missing or unknown version header is never answered with a 5xx."""
    for answer, kind in _odd_versions(context):
        if answer.status >= 500:
            yield Violation(
                "server-error",
                f"{answer.request.method} with a version header that is {kind}",
                "no 5xx",
                str(answer.status),
                f"{answer.request.operation} {kind}",
                about=(answer,),
            )


@rule("header.version-effect", most=16)
def test_effect_of_the_version_header_is_observed(context: Context) -> Iterator[Violation]:
    """What a missing or unknown version header does is observed, not judged."""
    for answer, kind in _odd_versions(context):
        context.observed[f"{answer.request.method} with a version header that is {kind}"] = str(answer.status)
    yield from ()


def _odd_versions(context: Context) -> Iterator[tuple[Exchange, str]]:
    header = context.contract.terms.version_header
    if header is None:
        raise NotReached("the contract has no version header")
    kinds = {
        "missing": None,
        "of another year": "1999-01-01",
        "no date": "latest",
        "empty": "",
        "in the future": "2999-12-31",
        "an impossible date": "2026-13-45",
    }
    kind = context.pick("version header", list(kinds))
    role = context.pick("operation", [r for r in context.contract.roles if r in {"delete", "get", "list", "cancel"}])
    what: Subject = subject(context, role)
    plain = what.request(context)
    headers = {name: value for name, value in plain.headers.items() if name != header}
    value = kinds[kind]
    if value is not None:
        headers[header] = value
    answer = context.send(replace(plain, headers=headers, intent="bad-version"))
    for _ in range(STRAY_500 if plain.method == "DELETE" else 0):
        # A deletion may have begun, and not have completed: the document asks for a retry.
        if answer.status != 500:
            break
        answer = context.send(replace(plain, headers=headers, intent="bad-version"))
    context.prove("act", answer)
    yield answer, kind
