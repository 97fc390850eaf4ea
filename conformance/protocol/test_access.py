"""Rules: credentials and the version header."""

from collections.abc import Iterator

from conformance.exchange import Exchange, Request
from conformance.protocol.subjects import Subject, subject
from conformance.results import Violation
from conformance.rule import Vacuous, rule
from conformance.scene import Scene, credential_headers

__all__: list[str] = []

_CREDENTIALS = ("none", "empty", "random", "the key and more", "the key cut short")


@rule("auth.required")
def test_credential_is_required(scene: Scene) -> Iterator[Violation]:
    """Without a credential, or with a wrong one, the answer is 401 or 403 and nothing changes."""
    roles = [role for role in scene.requirement.data["roles"] if role in scene.contract.roles]
    role = scene.pick("operation", roles)
    kind = scene.pick("credential", _CREDENTIALS)
    what = subject(scene, role)
    for _ in range(scene.pick("times", [1, 2])):
        answer = scene.send(_with_credential(scene, what.request(scene), kind))
        scene.witness = answer
        if answer.status not in {401, 403}:
            code = "accepted" if answer.ok else "status"
            yield Violation(
                code,
                f"{answer.request.method} with a credential that is {kind}",
                "401 or 403",
                str(answer.status),
                f"{role} {kind if answer.ok else ''} {answer.status}",
            )
    yield from what.unchanged(scene)


def _with_credential(scene: Scene, request: Request, kind: str) -> Request:
    right = scene.run.target.api_key
    header = next(iter(credential_headers(scene.contract, "")))
    kept = {name: value for name, value in request.headers.items() if name != header}
    keys = {
        "empty": "",
        "random": scene.alike(right) if right else scene.token(24),
        "the key and more": f"{right}x",
        "the key cut short": right[:-1],
    }
    if kind != "none":
        if not right and kind.startswith("the key"):
            raise Vacuous("the run has no credential to alter")
        kept |= credential_headers(scene.contract, keys[kind])
    return Request(request.method, request.url, kept, request.body, request.operation, "bad-credential")


@rule("auth.other-account", needs=("states",))
def test_another_accounts_call_is_as_unknown(scene: Scene) -> Iterator[Violation]:
    """Another account's call is answered as an id never issued, and stays as it is."""
    stranger = scene.account()
    what = subject(scene, "delete" if "delete" in scene.contract.roles else "tombstones")
    unknown = what.unknown(scene)
    for role in what.roles(scene):
        expected = scene.send(scene.request(role, unknown, api_key=stranger)).status
        for _ in range(scene.pick("times", [1, 2])):
            answer = scene.send(scene.request(role, what.id, api_key=stranger))
            if answer.status != expected:
                yield Violation(
                    "not-as-unknown",
                    f"{answer.request.method} of another account's call ({role})",
                    str(expected),
                    str(answer.status),
                    f"{role} {answer.status}",
                )
    yield from what.unchanged(scene)


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
    yield scene.send(Request(plain.method, plain.url, headers, plain.body, plain.operation, "bad-version")), kind
