"""Rules: credentials and the version header."""

from collections.abc import Iterator
from dataclasses import replace

from conformance.deletion.calls import STRAY_500
from conformance.exchange import Exchange, Request
from conformance.protocol.subjects import Subject, subject
from conformance.results import Violation
from conformance.rule import Vacuous, rule
from conformance.scene import Scene, credential_headers
from conformance.session import SAFE

__all__: list[str] = []

_CREDENTIALS = ("none", "empty", "random", "the key and more", "the key cut short", "the key in another case")
_WEAKER = "a weaker key"


@rule("auth.required")
def test_credential_is_required(scene: Scene) -> Iterator[Violation]:
    """Without a credential, or with a wrong one, a request is refused with a 4xx, shows nothing and changes nothing."""
    roles = [role for role in scene.requirement.data["roles"] if role in scene.contract.roles]
    role = scene.pick("operation", roles)
    weaker = [_WEAKER] if scene.run.target.weak_api_key and scene.contract.roles[role].method not in SAFE else []
    kind = scene.pick("credential", [*_CREDENTIALS, *weaker])
    what = subject(scene, role)
    # Without a call of its own, everything may be a 404: only a difference shows that the operation is there at all.
    known = scene.run.has("states") or scene.contract.listing
    right = None if known else scene.send(what.request(scene))
    for _ in range(scene.pick("times", [1, 2])):
        answer = scene.send(_with_credential(scene, what.request(scene), kind))
        if right is not None and right.status == answer.status and 400 <= answer.status < 500:
            raise Vacuous(f"nothing shows that the target has this operation: {answer.status} with and without the key")
        scene.prove("act", answer)
        yield from _refused(scene, what, role, kind, answer)
    yield from what.unchanged(scene)


def _refused(scene: Scene, what: Subject, role: str, kind: str, answer: Exchange) -> Iterator[Violation]:
    done = f"{answer.request.method} ({role}) with a credential that is {kind}"
    part = scene.requirement.data.get("part")
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
    for shown in what.shown_in(scene, answer):
        yield Violation(
            "shown", f"{done} shows {shown}", "nothing of a call", shown, f"{role} {shown}", about=(answer,)
        )


def _with_credential(scene: Scene, request: Request, kind: str) -> Request:
    right = scene.run.key
    header = next(iter(credential_headers(scene.contract, "")))
    kept = {name: value for name, value in request.headers.items() if name != header}
    keys = {
        "empty": "",
        "random": scene.lookalike(right) if right else scene.token(24),
        "the key and more": f"{right}x",
        "the key cut short": right[:-1],
        "the key in another case": right.swapcase(),
        _WEAKER: scene.run.target.weak_api_key or "",
    }
    if kind != "none":
        if kind.startswith("the key") and keys[kind] in {right, ""}:
            raise Vacuous("the run's credential can't be altered so")
        if kind != "empty" and not scene.run.limits.try_credential():
            raise Vacuous("no more wrong credentials may be tried for now (wrong_credentials_per_minute)")
        kept |= credential_headers(scene.contract, keys[kind])
    return replace(request, headers=kept, intent="bad-credential")


@rule("auth.other-account", needs=("states", "accounts"), proof=("before", "act", "after"))
def test_another_account_sees_nothing(scene: Scene) -> Iterator[Violation]:
    """Another account is shown nothing of a call and can't change it, whatever it asks, whenever; how it is refused."""
    stranger = scene.account()
    what = subject(scene, "delete" if "delete" in scene.contract.roles else "tombstones")
    if scene.requirement.data.get("part", "shows") == "refusal":
        yield from _as_unknown(scene, what, stranger)
        yield from what.unchanged(scene)
        return
    answers: list[Exchange] = []
    for when in scene.pick("moments", [("before",), ("before", "at once"), ("at once", "after")]):
        if when == "at once":
            reads = [r for r in what.asked(scene, None) if r.method in SAFE]
            asked = [r for r in _strange(what.asked(scene, stranger)) if r.method in SAFE]
            # Beside each answer to the owner stands one to the stranger.
            answers += [a for pair in zip(asked, reads, strict=True) for a in scene.at_once(pair)[:1]]
            continue
        if when == "after":
            scene.prove("before", *[scene.send(r) for r in what.asked(scene, None) if r.method in SAFE][:1])
        answers += [scene.send(request) for request in _strange(what.asked(scene, stranger))]
    scene.prove("act", *answers[-2:])
    for answer in answers:
        for shown in what.shown_in(scene, answer):
            yield Violation(
                "foreign",
                f"{answer.request.method} ({answer.request.operation}) by another account shows {shown}",
                "nothing of another account",
                f"{answer.status}; {shown}",
                f"{answer.request.operation} {shown}",
                about=(answer,),
            )
    yield from what.unchanged(scene)


def _strange(requests: list[Request]) -> list[Request]:
    return [replace(request, intent="other-account") for request in requests]


def _as_unknown(scene: Scene, what: Subject, stranger: str) -> Iterator[Violation]:
    unknown = what.unknown(scene)
    for role in what.roles(scene):
        expected = scene.send(scene.request(role, unknown, api_key=stranger, intent="unknown-id"))
        for _ in range(scene.pick("times", [1, 2])):
            answer = scene.send(scene.request(role, what.id, api_key=stranger, intent="other-account"))
            scene.prove("act", answer)
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
def test_version_header_is_never_a_server_error(scene: Scene) -> Iterator[Violation]:
    """A missing or unknown version header is never answered with a 5xx."""
    for answer, kind in _odd_versions(scene):
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
def test_effect_of_the_version_header_is_observed(scene: Scene) -> Iterator[Violation]:
    """What a missing or unknown version header does is observed, not judged."""
    for answer, kind in _odd_versions(scene):
        scene.observed[f"{answer.request.method} with a version header that is {kind}"] = str(answer.status)
    yield from ()


def _odd_versions(scene: Scene) -> Iterator[tuple[Exchange, str]]:
    header = scene.contract.data.get("version_header")
    if header is None:
        raise Vacuous("the contract has no version header")
    kinds = {
        "missing": None,
        "of another year": "1999-01-01",
        "no date": "latest",
        "empty": "",
        "in the future": "2999-12-31",
        "an impossible date": "2026-13-45",
    }
    kind = scene.pick("version header", list(kinds))
    role = scene.pick("operation", [r for r in scene.contract.roles if r in {"delete", "get", "list", "cancel"}])
    what: Subject = subject(scene, role)
    plain = what.request(scene)
    headers = {name: value for name, value in plain.headers.items() if name != header}
    value = kinds[kind]
    if value is not None:
        headers[header] = value
    answer = scene.send(replace(plain, headers=headers, intent="bad-version"))
    for _ in range(STRAY_500 if plain.method == "DELETE" else 0):
        # A deletion may have begun, and not have completed: the document asks for a retry.
        if answer.status != 500:
            break
        answer = scene.send(replace(plain, headers=headers, intent="bad-version"))
    scene.prove("act", answer)
    yield answer, kind
