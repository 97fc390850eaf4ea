"""What the user says of the server under test."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote, urlsplit

from conformance.http.session import ClientSettings

__all__ = ["CAPABILITIES", "Target", "TargetError", "refuse_odd_url", "shown"]

CAPABILITIES = ("states", "accounts", "failures", "get", "list", "cancel", "recording", "logs", "create", "remove")
"""What a target may be able to do beyond the operation its contract is about."""

_HOST = re.compile(r"\[[0-9A-Fa-f:.]+\]|(?=.*[A-Za-z0-9])[A-Za-z0-9._-]+")
_PORT = re.compile(r"(?::(?P<port>[0-9]{1,5})?)?")


class TargetError(ValueError):
    """The target's description can't be used; the words never repeat a credential."""


def shown(url: str) -> str:
    """As much of a URL, or of what was meant as one, as can't hold a credential."""
    return "a URL with credentials in it" if "@" in unquote(url) else repr(re.split(r"[?#]", url, maxsplit=1)[0])


def refuse_odd_url(what: str, url: str, *, base: bool = False) -> None:
    """Refuse a URL that two readers could read as two, or that holds a credential; a `base` has no query either.

    Raises:
        TargetError: it is one; the words name `what` and say how to write it.
    """
    if re.search(r"[\s\\\x00-\x1f\x7f-\x9f]", url):
        raise TargetError(f"{what}: a URL has no white space, control character or backslash in it")
    scheme, _, rest = url.partition("://")
    authority, tail = re.match(r"([^/?#]*)(.*)", rest, re.DOTALL).groups()  # type: ignore[union-attr] # fits any text
    if "@" in authority or ("@" in url and not _host_fits(authority)):
        raise TargetError(
            f"{what}: no user name or password may stand in a URL, which is written into every report: "
            "a credential belongs into the environment (api_key_env) or into headers"
        )
    if scheme.lower() not in {"http", "https"} or not authority:
        raise TargetError(f"{what}: {shown(url)} is no http or https URL")
    if "%" in authority:
        raise TargetError(f"{what}: {shown(url)} has a percent sign in its host: write the host out")
    if not authority.isascii():
        raise TargetError(f"{what}: {shown(url)} has a host beyond ASCII: write it in its xn-- form")
    if not _host_fits(authority):
        raise TargetError(f"{what}: {shown(url)} is no http or https URL: its host or port is none")
    if base and re.search(r"[?#]", tail):
        raise TargetError(f"{what}: paths are put behind it, so it has no query and no fragment")


def _host_fits(authority: str) -> bool:
    host = _HOST.match(authority)
    port = _PORT.fullmatch(authority, host.end()) if host else None
    return port is not None and int(port["port"] or 0) < 65536


def _resolved(url: str) -> str:
    """The host of a URL as the HTTP client comes to resolve it; empty where it has none."""
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    try:
        host = parse_url(url).host or ""
    except LocationParseError:
        return ""
    return unquote(host).lower().rstrip(".")


@dataclass(frozen=True)
class Target:
    """A server under test and how to treat it.

    Times are in seconds, `rate` in requests a second, sizes in bytes. `capabilities` holds what the
    user declared present (True) or absent (False); the rest is detected. `preloaded` holds ids that
    the user gives away, by what they are (a status, `zero_retention`, or `deleted`). `deadline` bounds
    the run. `embedded` is true only for the reference server that the suite itself started.

    `credential_command` is a shell command whose standard output is the credential, `weak_api_key` a
    second credential that must be refused where the first is not. `disposable` says that nothing on the
    target matters: ids that could be another's may be deleted there. `accounts` says whether fresh
    accounts see each other's calls (`shared`) or not.

    The bounds of a run: `max_calls` it sets up, `max_tombstones` of calls deleted already, fresh
    `max_accounts`, `max_native_calls` by the vendor's own creation, `max_wrong_credentials` sent and
    `wrong_credentials_per_minute` at most.
    """

    url: str
    api_key: str = field(default="", repr=False)
    state_url: str | None = None
    name: str = ""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    state_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    capabilities: Mapping[str, bool] = field(default_factory=dict)
    interpretations: tuple[str, ...] = ()
    settle_seconds: float = 0.0
    clock_skew_seconds: float = 5.0
    timeout: float = 10.0
    max_answer_bytes: int = 16 * 1024 * 1024
    rate: float | None = None
    public_origin: str | None = None
    preloaded: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ca_bundle: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    proxy: str | None = None
    deadline: float | None = None
    max_calls: int = 600
    max_tombstones: int = 15000
    max_accounts: int = 60
    max_native_calls: int = 20
    max_wrong_credentials: int = 150
    wrong_credentials_per_minute: int = 25
    credential_command: str | None = field(default=None, repr=False)
    weak_api_key: str | None = field(default=None, repr=False)
    accounts: Literal["separate", "shared"] | None = None
    disposable: bool = False
    allow_production: bool = False
    embedded: bool = False

    def __post_init__(self) -> None:
        refuse_odd_url("the target", self.url, base=True)
        for what, url in (
            ("the state URL", self.state_url),
            ("public_origin", self.public_origin),
            ("the proxy", self.proxy),
        ):
            if url is not None:
                refuse_odd_url(what, url)

    @property
    def client(self) -> ClientSettings:
        """How the HTTP client is to treat it."""
        return ClientSettings(**{name: getattr(self, name) for name in ClientSettings.__dataclass_fields__})

    @property
    def origin(self) -> str:
        """Scheme, host and port of the target."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def anything_goes(self) -> bool:
        """Whether nothing on it matters: the suite's own server, or one that its user declared disposable."""
        return self.embedded or self.disposable

    @property
    def known_as(self) -> str:
        """What the target is called from run to run: its name in the config, else its URL."""
        return (self.name or self.url).rstrip("/")

    def refuse_production(self, servers: Sequence[str]) -> None:
        """Hold the target, and its state URL, against the servers that the contract's document names.

        Hosts are compared as the HTTP client will resolve them.

        Raises:
            TargetError: one of them is the vendor's own, and production was not allowed.
        """
        hosts = {_resolved(server) for server in servers} - {""}
        for url in (self.url, self.state_url):
            if url is not None and _resolved(url) in hosts and not self.allow_production:
                raise TargetError(
                    f"{_resolved(url)} is the vendor's production: deletion there can't be undone. "
                    "Set allow_production = true in the config file to go on."
                )
